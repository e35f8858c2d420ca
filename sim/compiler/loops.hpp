// SPDX-License-Identifier: Apache-2.0
// Loops: what counting needs to know of a function's loops, as they are before anything is added.
#pragma once

#include <llvm/Analysis/AssumptionCache.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Function.h>

#include <set>
#include <vector>

#include "sim/compiler/attribution.hpp"
#include "sim/compiler/counters.hpp"

namespace orrery::compiler {

using Blocks = std::vector<llvm::BasicBlock*>;

class Loops final {
  public:
    // Precondition: the blocks are those of the function, in order.
    Loops(llvm::Function& function, const Blocks& blocks);

    // Where the code is to ask whether the rest of the phone must catch up: at the head of every
    // loop. A loop that ends within a few thousand cycles asks only in its blocks with calls, since
    // what these take is not known here.
    [[nodiscard]] std::set<llvm::BasicBlock*> places_to_poll(const Attribution& costs);

    // Counts all rounds of each loop of one block whose rounds can be told beforehand, before it.
    // Returns these loops. No other analysis is valid afterwards.
    std::set<llvm::BasicBlock*> count_fixed(const Attribution& costs, Counters& counters);

  private:
    bool count(llvm::BasicBlock& block, const Cost& round, const Cost& repetition,
               Counters& counters);
    uint64_t look_at(const llvm::Loop& loop, const Attribution& costs,
                     std::set<llvm::BasicBlock*>& places);

    const Blocks& blocks_;
    llvm::TargetLibraryInfoImpl information_;
    llvm::TargetLibraryInfo library_;
    llvm::AssumptionCache assumptions_;
    llvm::DominatorTree dominators_;
    llvm::LoopInfo loops_;
    llvm::ScalarEvolution evolution_;
};

}  // namespace orrery::compiler
