// SPDX-License-Identifier: Apache-2.0
// FunctionWalks: which machine code an execution of the blocks and edges of the intermediate code
// stands for: the routes of an Attribution, cut where calls leave and come back.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "sim/compiler/attribution.hpp"

namespace orrery::compiler {

using Pieces = std::vector<CodePiece>;

struct FunctionWalks {
    std::vector<Pieces> blocks;                             // whichever way leads on from the block
    std::map<std::pair<uint32_t, uint32_t>, Pieces> edges;  // what one way has on top
};

[[nodiscard]] FunctionWalks walks_of(const Attribution& attribution, const MachineGraph& machine);

}  // namespace orrery::compiler
