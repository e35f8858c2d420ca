// SPDX-License-Identifier: Apache-2.0
// What counting needs to know of a function's loops.
#include "sim/compiler/loops.hpp"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Transforms/Utils/ScalarEvolutionExpander.h>

#include <algorithm>

#include "sim/timing/cost_model.hpp"

namespace orrery::compiler {
namespace {

using llvm::BasicBlock;
using llvm::CallBase;
using llvm::Instruction;

// A loop that takes no longer than this in all need not ask: so long is the distance at which the
// simulator wants to be asked, too.
constexpr uint64_t short_loop = 2000 * timing::parts_per_cycle;

bool calls(const Instruction& instruction) {
    const auto* call = llvm::dyn_cast<CallBase>(&instruction);
    return call != nullptr && !llvm::isa<llvm::IntrinsicInst>(call);
}

// Nothing in the block can see time or be interrupted.
bool works_alone(const BasicBlock& block) {
    return std::none_of(block.begin(), block.end(), [](const Instruction& instruction) {
        return instruction.isAtomic() || instruction.isVolatile() || calls(instruction);
    });
}

bool has_calls(const BasicBlock& block) {
    return std::any_of(block.begin(), block.end(), calls);
}

// Of the core that takes longest.
uint64_t parts_of(const Cost& cost) {
    const auto end = cost.lanes.begin() + instruction_lane;
    return static_cast<uint64_t>(*std::max_element(cost.lanes.begin(), end));
}

}  // namespace

Loops::Loops(llvm::Function& function, const Blocks& blocks)
    : blocks_(blocks),
      information_(llvm::Triple(function.getParent()->getTargetTriple())),
      library_(information_),
      assumptions_(function),
      dominators_(function),
      loops_(dominators_),
      evolution_(function, library_, assumptions_, dominators_, loops_) {}

std::set<BasicBlock*> Loops::places_to_poll(const Attribution& costs) {
    std::set<BasicBlock*> places;
    for (const llvm::Loop* loop : loops_) look_at(*loop, costs, places);
    return places;
}

// Returns what the loop takes at most, in parts; 0 for a loop that asks in each round.
uint64_t Loops::look_at(const llvm::Loop& loop, const Attribution& costs,
                        std::set<BasicBlock*>& places) {
    uint64_t round = 0;
    for (const llvm::Loop* inner : loop) round += look_at(*inner, costs, places);
    std::vector<BasicBlock*> calling;
    for (size_t i = 0; i < blocks_.size(); ++i) {
        if (loops_.getLoopFor(blocks_[i]) != &loop) continue;
        round += parts_of(costs.blocks[i]);
        if (has_calls(*blocks_[i])) calling.push_back(blocks_[i]);
    }
    const uint64_t rounds = evolution_.getSmallConstantMaxTripCount(&loop);
    if (rounds == 0 || rounds * round > short_loop) {
        places.insert(loop.getHeader());
        return 0;
    }
    places.insert(calling.begin(), calling.end());
    return rounds * round;
}

std::set<BasicBlock*> Loops::count_fixed(const Attribution& costs, Counters& counters) {
    std::set<BasicBlock*> counted;
    for (uint32_t i = 0; i < blocks_.size(); ++i) {
        const auto edge = costs.edges.find({i, i});
        const Cost repetition = edge == costs.edges.end() ? Cost{} : edge->second;
        if (count(*blocks_[i], costs.blocks[i], repetition, counters)) counted.insert(blocks_[i]);
    }
    return counted;
}

bool Loops::count(BasicBlock& block, const Cost& round, const Cost& repetition,
                  Counters& counters) {
    const llvm::Loop* loop = loops_.getLoopFor(&block);
    if (loop == nullptr || loop->getNumBlocks() != 1 || loop->getUniqueExitBlock() == nullptr ||
        loop->getLoopPreheader() == nullptr || !works_alone(block)) {
        return false;
    }
    const llvm::SCEV* repeated = evolution_.getBackedgeTakenCount(loop);
    if (llvm::isa<llvm::SCEVCouldNotCompute>(repeated)) return false;
    llvm::SCEVExpander expander(evolution_, block.getModule()->getDataLayout(), "rounds");
    Instruction* const before = loop->getLoopPreheader()->getTerminator();
    if (!llvm::isSafeToExpandAt(repeated, before, evolution_)) return false;
    llvm::Value* const repetitions = expander.expandCodeFor(repeated, repeated->getType(), before);
    llvm::IRBuilder<> builder(before);
    llvm::Value* const times = builder.CreateZExtOrTrunc(repetitions, builder.getInt32Ty());
    counters.add(before, round, builder.CreateAdd(times, builder.getInt32(1)));
    counters.add(before, repetition, times);
    return true;
}

}  // namespace orrery::compiler
