// SPDX-License-Identifier: Apache-2.0
// Graphs of machine code for the tests of the attribution.
#include "tests/sim/compiler/graphs.hpp"

#include <numeric>

namespace orrery::compiler {

namespace {

constexpr int64_t parts = 64;  // of an instruction

// Adds segments of random costs in a row, each leading to the next.
class FunctionMaker final {
  public:
    explicit FunctionMaker(std::mt19937& random) : random_(random) {}

    Function make() {
        const uint32_t blocks = 2 + below(8);
        made_.ways.resize(blocks);
        for (uint32_t block = 0; block < blocks; ++block) {
            made_.ir.successors.push_back(successors(block, blocks));
            made_.ir.unreachable.push_back(false);
        }
        if (below(2) == 0) made_.prologue = row(no_probe, 1 + below(2));
        for (uint32_t block = 0; block < blocks; ++block) {
            bodies_.push_back(row(static_cast<int32_t>(block), 1 + below(3)));
        }
        if (!made_.prologue.empty()) link(made_.prologue.back(), bodies_[0].front());
        for (uint32_t block = 0; block < blocks; ++block) lead_on(block);
        return std::move(made_);
    }

  private:
    uint32_t below(uint32_t limit) { return random_() % limit; }

    // The last block ends the function; the others lead to one or two blocks, of which one is the
    // next, so that all are reachable. Nothing leads to the first: that is so in all IR.
    std::vector<uint32_t> successors(uint32_t block, uint32_t blocks) {
        if (block + 1 == blocks) return {};
        std::vector<uint32_t> next{block + 1};
        const uint32_t other = 1 + below(blocks - 1);
        if (below(3) != 0 && other != block + 1) next.push_back(other);
        return next;
    }

    uint32_t segment(int32_t probe) {
        MachineGraph::Segment made;
        made.probe = probe;
        made.cost = cost_of(1 + below(9));
        made_.machine.segments.push_back(made);
        return static_cast<uint32_t>(made_.machine.segments.size() - 1);
    }
    void link(uint32_t from, uint32_t to) {
        Cost correction = cost_of(0);
        correction.lanes[0] = -static_cast<int64_t>(below(8));
        made_.machine.segments[from].next.push_back({to, correction});
    }
    std::vector<uint32_t> row(int32_t probe, uint32_t length) {
        std::vector<uint32_t> segments{segment(probe)};
        while (segments.size() < length) {
            segments.push_back(segment(no_probe));
            link(segments[segments.size() - 2], segments.back());
        }
        return segments;
    }

    void lead_on(uint32_t block) {
        const std::vector<uint32_t>& body = bodies_[block];
        for (const uint32_t next : made_.ir.successors[block]) {
            std::vector<uint32_t> way = body;
            if (below(2) == 0) {
                const std::vector<uint32_t> between = row(no_probe, 1 + below(2));
                link(body.back(), between.front());
                way.insert(way.end(), between.begin(), between.end());
            }
            link(way.back(), bodies_[next].front());
            made_.ways[block].push_back(way);
        }
        if (!made_.ir.successors[block].empty()) return;
        made_.machine.segments[body.back()].leaves = true;
        made_.ways[block].push_back(body);
    }

    std::mt19937& random_;
    Function made_;
    std::vector<std::vector<uint32_t>> bodies_;
};

}  // namespace

Cost cost_of(int64_t instructions) {
    Cost cost;
    for (size_t i = 0; i < max_core_types; ++i) {
        cost.lanes[i] = instructions * parts / 2 * static_cast<int64_t>(i + 1);
    }
    cost.lanes[instruction_lane] = instructions * parts;
    return cost;
}

MachineGraphBuilder& MachineGraphBuilder::segment(int32_t probe, int64_t instructions,
                                                  std::initializer_list<uint32_t> next) {
    MachineGraph::Segment made;
    made.probe = probe;
    made.cost = cost_of(instructions);
    for (const uint32_t to : next) made.next.push_back({to, {}});
    graph_.segments.push_back(made);
    return *this;
}

MachineGraphBuilder& MachineGraphBuilder::last(int32_t probe, int64_t instructions) {
    segment(probe, instructions, {});
    graph_.segments.back().leaves = true;
    return *this;
}

IrGraph ir_graph(std::initializer_list<std::vector<uint32_t>> successors) {
    return {successors, std::vector<bool>(successors.size())};
}

Cost counted(const Attribution& costs, const std::vector<uint32_t>& blocks) {
    Cost sum;
    for (size_t i = 0; i < blocks.size(); ++i) {
        sum += costs.blocks[blocks[i]];
        if (i + 1 == blocks.size()) break;
        const auto edge = costs.edges.find({blocks[i], blocks[i + 1]});
        if (edge != costs.edges.end()) sum += edge->second;
    }
    return sum;
}

Cost spent(const MachineGraph& machine, const std::vector<uint32_t>& segments) {
    Cost sum;
    for (size_t i = 0; i < segments.size(); ++i) {
        sum += machine.segments[segments[i]].cost;
        if (i + 1 == segments.size()) break;
        for (const MachineGraph::Edge& edge : machine.segments[segments[i]].next) {
            if (edge.to == segments[i + 1]) sum += edge.correction;
        }
    }
    return sum;
}

Function some_function(std::mt19937& random) {
    return FunctionMaker(random).make();
}

}  // namespace orrery::compiler
