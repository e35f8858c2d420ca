// SPDX-License-Identifier: Apache-2.0
// What the segments of machine code cost, from the bytes of the object.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/compiler/attribution.hpp"
#include "sim/compiler/code_bytes.hpp"
#include "sim/compiler/image_object.hpp"
#include "sim/timing/cost_model.hpp"

namespace orrery::compiler {

// The core types that are counted for, in the order of the lanes.
class CoreSet final {
  public:
    // Names of sim/data/cores. Throws std::runtime_error for an unknown one, or too many.
    explicit CoreSet(std::span<const std::string> names);

    // Code as the instruction-set engine meets it: the pipeline starts empty, and again behind
    // every branch.
    [[nodiscard]] Cost cost(std::span<const uint32_t> code);

  private:
    std::vector<std::unique_ptr<timing::CostModel>> models_;
};

// Straight-line code cut behind each branch, with `offset` where it begins. `callees` are those of
// its calls, in order.
[[nodiscard]] std::vector<CodePiece> pieces_of(std::span<const uint32_t> code, uint64_t offset,
                                               std::span<const std::string> callees);

// The machine graph of one function, every segment with its cost.
[[nodiscard]] MachineGraph machine_graph(const std::string& function,
                                         const MachineFunctionRecord& record, const CodeBytes& code,
                                         CoreSet& cores);

}  // namespace orrery::compiler
