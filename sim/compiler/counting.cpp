// SPDX-License-Identifier: Apache-2.0
// Where a function's counters go.
#include "sim/compiler/counting.hpp"

#include <llvm/Analysis/AssumptionCache.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/ScalarEvolutionExpander.h>

#include <set>
#include <vector>

#include "sim/compiler/shared_code.hpp"

namespace orrery::compiler {
namespace {

using llvm::BasicBlock;
using llvm::CallBase;
using llvm::Function;
using llvm::Instruction;

std::vector<BasicBlock*> loop_heads(Function& function) {
    const llvm::DominatorTree dominators(function);
    std::vector<BasicBlock*> heads;
    for (BasicBlock& block : function) {
        for (const BasicBlock* from : llvm::predecessors(&block)) {
            if (!dominators.dominates(&block, from)) continue;
            heads.push_back(&block);
            break;
        }
    }
    return heads;
}

// Nothing in the block can see time or be interrupted.
bool works_alone(const BasicBlock& block) {
    for (const Instruction& instruction : block) {
        if (instruction.isAtomic() || instruction.isVolatile()) return false;
        const auto* call = llvm::dyn_cast<CallBase>(&instruction);
        if (call != nullptr && !llvm::isa<llvm::IntrinsicInst>(call)) return false;
    }
    return true;
}

// The loops of one block whose rounds can be told beforehand, in a function that is as it was.
class FixedLoops final {
  public:
    explicit FixedLoops(Function& function)
        : information_(llvm::Triple(function.getParent()->getTargetTriple())),
          library_(information_),
          assumptions_(function),
          dominators_(function),
          loops_(dominators_),
          evolution_(function, library_, assumptions_, dominators_, loops_) {}

    // Counts all rounds of the loop that the block is, before it; false if it is no such loop.
    bool count(BasicBlock& block, const Cost& round, const Cost& repetition, Counters& counters) {
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
        llvm::Value* const repetitions =
            expander.expandCodeFor(repeated, repeated->getType(), before);
        llvm::IRBuilder<> builder(before);
        llvm::Value* const times = builder.CreateZExtOrTrunc(repetitions, builder.getInt32Ty());
        counters.add(before, round, builder.CreateAdd(times, builder.getInt32(1)));
        counters.add(before, repetition, times);
        return true;
    }

  private:
    llvm::TargetLibraryInfoImpl information_;
    llvm::TargetLibraryInfo library_;
    llvm::AssumptionCache assumptions_;
    llvm::DominatorTree dominators_;
    llvm::LoopInfo loops_;
    llvm::ScalarEvolution evolution_;
};

std::set<BasicBlock*> count_fixed_loops(Function& function, const std::vector<BasicBlock*>& blocks,
                                        const Attribution& costs, Counters& counters) {
    FixedLoops fixed(function);
    std::set<BasicBlock*> counted;
    for (uint32_t i = 0; i < blocks.size(); ++i) {
        const auto edge = costs.edges.find({i, i});
        const Cost repetition = edge == costs.edges.end() ? Cost{} : edge->second;
        if (fixed.count(*blocks[i], costs.blocks[i], repetition, counters)) {
            counted.insert(blocks[i]);
        }
    }
    return counted;
}

bool needs_flush(const CallBase& call, Counters& counters) {
    const Function* callee = call.getCalledFunction();
    if (callee == nullptr) return true;
    return !callee->isIntrinsic() && !counters.reports(callee);
}

}  // namespace

void count_function(Function& function, const Attribution& costs, Counters& counters) {
    std::vector<BasicBlock*> blocks;
    for (BasicBlock& block : function) blocks.push_back(&block);
    const std::vector<BasicBlock*> heads = loop_heads(function);
    counters.open(function);
    const auto fixed = count_fixed_loops(function, blocks, costs, counters);
    for (size_t i = 0; i < blocks.size(); ++i) {
        if (fixed.contains(blocks[i])) continue;
        counters.add(const_cast<Instruction*>(probe_of(*blocks[i])), costs.blocks[i]);
    }
    for (const auto& [edge, cost] : costs.edges) {
        BasicBlock* const from = blocks[edge.first];
        BasicBlock* const to = blocks[edge.second];
        if (from == to && fixed.contains(from)) continue;
        BasicBlock* const between = llvm::SplitBlockPredecessors(to, {from}, ".edge");
        counters.add(between->getTerminator(), cost);
    }
    for (BasicBlock* head : heads) {
        if (fixed.contains(head)) continue;
        counters.poll(const_cast<Instruction*>(probe_of(*head))->getNextNode());
    }
}

void flush_before_calls(Function& function, Counters& counters) {
    std::vector<Instruction*> places;
    for (BasicBlock& block : function) {
        for (Instruction& instruction : block) {
            const auto* call = llvm::dyn_cast<CallBase>(&instruction);
            const bool leaves = llvm::isa<llvm::ReturnInst>(instruction);
            if (leaves || (call != nullptr && needs_flush(*call, counters))) {
                places.push_back(&instruction);
            }
        }
    }
    for (Instruction* place : places) counters.flush(place);
}

void report_accesses(Function& function, Counters& counters) {
    std::vector<Instruction*> accesses;
    for (BasicBlock& block : function) {
        for (Instruction& instruction : block) {
            const llvm::Value* address = llvm::getLoadStorePointerOperand(&instruction);
            if (address == nullptr) continue;
            // Local variables lie on the stack, in the first-level cache.
            if (llvm::isa<llvm::AllocaInst>(address->stripInBoundsOffsets())) continue;
            accesses.push_back(&instruction);
        }
    }
    for (Instruction* access : accesses) counters.report(*access);
}

}  // namespace orrery::compiler
