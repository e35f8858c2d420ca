// SPDX-License-Identifier: Apache-2.0
// Graphs of machine code for the tests of the attribution, written down or made up.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "sim/compiler/attribution.hpp"

namespace orrery::compiler {

// A cost that tells its parts apart: so many instructions, and other figures on the core types.
[[nodiscard]] Cost cost_of(int64_t instructions);

// Segment by segment; the probe is the IR block's number or no_probe.
class MachineGraphBuilder final {
  public:
    MachineGraphBuilder& segment(int32_t probe, int64_t instructions,
                                 std::initializer_list<uint32_t> next);
    // The same, of the end of a function.
    MachineGraphBuilder& last(int32_t probe, int64_t instructions);
    [[nodiscard]] const MachineGraph& graph() const { return graph_; }

  private:
    MachineGraph graph_;
};

// Blocks without any that are unreachable.
[[nodiscard]] IrGraph ir_graph(std::initializer_list<std::vector<uint32_t>> successors);

// What the counters add up on a way through the IR.
[[nodiscard]] Cost counted(const Attribution& costs, const std::vector<uint32_t>& blocks);
// What the machine spends on a way through its segments.
[[nodiscard]] Cost spent(const MachineGraph& machine, const std::vector<uint32_t>& segments);

// Some function in both forms: every IR block became one or more segments, and some edges segments
// of their own.
struct Function {
    IrGraph ir;
    MachineGraph machine;
    // For each IR edge, by place in `successors`: the segments from the one's probe to before the
    // other's. For blocks without successors: one entry, to the end.
    std::vector<std::vector<std::vector<uint32_t>>> ways;
    std::vector<uint32_t> prologue;
};
[[nodiscard]] Function some_function(std::mt19937& random);

}  // namespace orrery::compiler
