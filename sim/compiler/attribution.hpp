// SPDX-License-Identifier: Apache-2.0
// Attribution: the cost of machine code carried over to the blocks and edges of the intermediate
// code (IR) that it was made from.
//
// The back-end merges, splits, duplicates and reorders blocks, but leaves a probe where each IR
// block went. So the machine code is a graph of segments, some of which begin with a probe, and an
// execution that takes the IR edge a -> b walks in that graph from a probe of a to a probe of b.
// The cost of the edge is that of the walk:
//
//   - code without a probe (range checks of a switch, jump tables, split edges, retry loops) lies
//     on the walk of exactly those edges that execute it;
//   - where both arms of a branch became straight-line code, the walk leads through probes of
//     blocks that were not taken; of all walks, those with the fewest such probes count;
//   - where several walks remain, or a probe was duplicated, the mean counts.
//
// What all edges out of a block have in common becomes the block's own cost.
//
// Method: experiments with Bouchhima, Gerin and Petrot's annotation of a common intermediate code
// (ASP-DAC 2009); the walk over edges is ours.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/compiler/cost.hpp"

namespace orrery::compiler {

// The control flow of one function in the IR; block 0 is the entry.
struct IrGraph {
    std::vector<std::vector<uint32_t>> successors;
    // Blocks that end where execution cannot get; the back-end may leave them out.
    std::vector<bool> unreachable;
};

constexpr int32_t no_probe = -1;

// Straight-line machine code up to a branch or to the end of its segment.
struct CodePiece {
    uint32_t offset = 0;     // from the beginning of the function
    uint32_t size = 0;       // bytes
    uint32_t last_word = 0;  // its last instruction
    bool branches = false;   // that is a branch, a call or an exception
    bool calls = false;
    std::string callee;  // of a direct call
    bool operator==(const CodePiece&) const = default;
};

// The machine code of the same function; segment 0 is the entry.
struct MachineGraph {
    struct Edge {
        uint32_t to;
        Cost correction;  // of the pipeline's state, when `to` follows without a branch
    };
    struct Segment {
        int32_t probe = no_probe;  // IR block whose probe is at the beginning
        Cost cost;
        std::vector<Edge> next;
        bool leaves = false;  // returns, or goes to another function for good
        std::vector<CodePiece> pieces;
    };
    std::vector<Segment> segments;
};

// Segments in the order of their execution.
using Route = std::vector<uint32_t>;

struct Attribution {
    std::vector<Cost> blocks;
    std::map<std::pair<uint32_t, uint32_t>, Cost> edges;  // on top of the block; never negative

    // One of the shortest walks of each edge, from the probe of the first block to before that of
    // the second; of each block that leaves the function; and from the entry to the first probe.
    // The walk of an edge goes on to the end of the function where the second block is one of
    // several copies of its end, or where a call for good became a jump; that block has none then.
    std::map<std::pair<uint32_t, uint32_t>, Route> routes;
    std::map<uint32_t, Route> exits;
    Route entry;
    // Of blocks with several copies: what every way on from the copy that an edge leads to has in
    // common. Only where none of the copies calls.
    std::map<std::pair<uint32_t, uint32_t>, Route> copies;
    std::set<uint32_t> copied;  // those blocks

    // What was not straightforward.
    uint32_t duplicated = 0;  // IR blocks with several probes
    uint32_t absent = 0;      // IR blocks without one
    uint32_t ambiguous = 0;   // edges with several walks

    // What nobody pays for: an error of the method on this function, in words.
    std::vector<std::string> lost;
};

[[nodiscard]] Attribution attribute(const IrGraph& ir, const MachineGraph& machine);

}  // namespace orrery::compiler
