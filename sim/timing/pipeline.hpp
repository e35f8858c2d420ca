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

// A block whose last instruction branches to its first. Such a block is not followed by any code
// but mostly by itself, so its cost is that of a round in the long run: the mean of a few rounds
// after the first ones.
[[nodiscard]] inline bool is_loop(std::span<const Instruction> code) {
    return !code.empty() && code.back().operation == Operation::branch &&
           int64_t{code.back().distance} + static_cast<int64_t>(code.size()) == 1;
}
// A block whose last instruction branches to some place before it: mostly the end of a loop's body.
[[nodiscard]] inline bool ends_loop(std::span<const Instruction> code) {
    return !code.empty() && code.back().operation == Operation::branch &&
           int64_t{code.back().distance} + static_cast<int64_t>(code.size()) < 1;
}
constexpr uint32_t loop_warm_up = 2;
constexpr uint32_t loop_rounds = 4;

// A vector operation of 128 bits that needs two pipes of 64.
[[nodiscard]] inline bool is_doubled(const Instruction& instruction,
                                     const PipelineParameters& pipeline) {
    return instruction.quad && instruction.vectors == 0 && pipeline.vector_pipe_bits < 128;
}
// How often a load or store of structures accesses memory; 1 for all else.
[[nodiscard]] inline uint32_t beats(const Instruction& instruction,
                                    const PipelineParameters& pipeline) {
    if (instruction.vectors == 0) return 1;
    const uint32_t each = instruction.quad ? 128 / pipeline.vector_pipe_bits : 1;
    return instruction.vectors * each;
}

// Each keeps a reference: the core type must outlive it.
[[nodiscard]] std::unique_ptr<Pipeline> make_in_order(const CoreType& core);
[[nodiscard]] std::unique_ptr<Pipeline> make_out_of_order(const CoreType& core);

}  // namespace orrery::timing
