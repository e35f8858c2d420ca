// SPDX-License-Identifier: Apache-2.0
// Pipeline: how the instructions of a block share a core's time. One file for each kind.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/timing/core_type.hpp"
#include "sim/timing/instruction.hpp"

namespace orrery::timing {

class Pipeline {
  public:
    virtual ~Pipeline() = default;

    // Appends, for each instruction, the parts of a cycle that have passed once it and all before
    // it have issued, from an empty pipeline on.
    // Invariant: what is appended never decreases.
    virtual void run(std::span<const Instruction> code, std::vector<uint32_t>& parts) = 0;
};

// Each keeps a reference: the core type must outlive it.
[[nodiscard]] std::unique_ptr<Pipeline> make_in_order(const CoreType& core);
[[nodiscard]] std::unique_ptr<Pipeline> make_out_of_order(const CoreType& core);

}  // namespace orrery::timing
