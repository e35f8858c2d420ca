// SPDX-License-Identifier: Apache-2.0
// CostModel: what AArch64 code costs on a core, from its machine words alone. One class for all
// that counts: the compiler that times native kernel code, and the instruction-set engine.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/timing/core_type.hpp"

namespace orrery::timing {

// Costs are in parts of a cycle, because a wide core starts several instructions in one.
constexpr uint32_t parts_per_cycle = 64;

class CostModel final {
  public:
    explicit CostModel(const CoreType& core);
    ~CostModel();
    CostModel(const CostModel&) = delete;
    CostModel& operator=(const CostModel&) = delete;

    // The cost of straight-line code that starts with an empty pipeline: after each instruction,
    // the parts spent so far. Never decreases. Words that are no instruction cost what the core
    // needs to find that out: one cycle.
    void cumulative(std::span<const uint32_t> code, std::vector<uint32_t>& parts);
    // The last of them; 0 for no code.
    [[nodiscard]] uint32_t cost(std::span<const uint32_t> code);

    [[nodiscard]] const CoreType& core() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace orrery::timing
