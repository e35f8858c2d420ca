// SPDX-License-Identifier: Apache-2.0
// Counting: where a function's counters go.
#pragma once

#include <llvm/IR/Function.h>

#include "sim/compiler/attribution.hpp"
#include "sim/compiler/counters.hpp"

namespace orrery::compiler {

// Counts blocks, edges and loops. Precondition: the blocks are those that were numbered.
//
// A loop of one block whose rounds can be told beforehand, as of a copy or a fill, is counted all
// at once before it begins, so that the host can execute it as it likes best. Every other loop
// looks in each round whether the rest of the phone is to catch up.
//
// With walks, tells of the machine code that each block and edge stands for as well.
void count_function(llvm::Function& function, const Attribution& costs, const FunctionWalks* walks,
                    Counters& counters);

// Flushes before calls and returns. Precondition: whatever is to be inlined has been.
void flush_before_calls(llvm::Function& function, Counters& counters);

// Reports loads, stores and atomic operations, but for those of local variables, which lie on the
// stack.
void report_accesses(llvm::Function& function, Counters& counters);

}  // namespace orrery::compiler
