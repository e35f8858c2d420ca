// SPDX-License-Identifier: Apache-2.0
// Which machine code an execution of the intermediate code stands for.
#include "sim/compiler/function_walks.hpp"

#include <algorithm>

namespace orrery::compiler {
namespace {

// Code that runs on into the next piece is one with it.
void append(Pieces& pieces, const CodePiece& next) {
    if (pieces.empty() || pieces.back().branches ||
        pieces.back().offset + pieces.back().size != next.offset) {
        pieces.push_back(next);
        return;
    }
    CodePiece whole = next;
    whole.offset = pieces.back().offset;
    whole.size += pieces.back().size;
    pieces.back() = std::move(whole);
}

Pieces pieces_of_route(const Route& route, const MachineGraph& machine) {
    Pieces pieces;
    for (const uint32_t segment : route) {
        for (const CodePiece& piece : machine.segments[segment].pieces) append(pieces, piece);
    }
    return pieces;
}

// The walks out of one block, of which it keeps what all have in common.
void split_ways(uint32_t block, std::map<uint32_t, Pieces>&& ways, FunctionWalks& walks) {
    Pieces common = ways.begin()->second;
    for (const auto& [next, pieces] : ways) {
        const auto [end, other] =
            std::mismatch(common.begin(), common.end(), pieces.begin(), pieces.end());
        common.erase(end, common.end());
    }
    const auto shared = static_cast<std::ptrdiff_t>(common.size());
    for (auto& [next, pieces] : ways) {
        pieces.erase(pieces.begin(), pieces.begin() + shared);
        if (!pieces.empty()) walks.edges[{block, next}] = std::move(pieces);
    }
    walks.blocks[block] = std::move(common);
}

}  // namespace

FunctionWalks walks_of(const Attribution& attribution, const MachineGraph& machine) {
    FunctionWalks walks;
    walks.blocks.resize(attribution.blocks.size());
    std::map<uint32_t, std::map<uint32_t, Pieces>> ways;
    for (const auto& [edge, route] : attribution.routes)
        ways[edge.first][edge.second] = pieces_of_route(route, machine);
    for (auto& [block, each] : ways) split_ways(block, std::move(each), walks);
    for (const auto& [block, route] : attribution.exits)
        walks.blocks[block] = pieces_of_route(route, machine);
    for (const auto& [edge, route] : attribution.copies) {
        for (const CodePiece& piece : pieces_of_route(route, machine))
            append(walks.edges[edge], piece);
    }
    for (const uint32_t block : attribution.copied) walks.blocks[block].clear();
    if (attribution.entry.empty()) return walks;
    Pieces first = pieces_of_route(attribution.entry, machine);
    for (const CodePiece& piece : walks.blocks[0]) append(first, piece);
    walks.blocks[0] = std::move(first);
    return walks;
}

}  // namespace orrery::compiler
