// SPDX-License-Identifier: Apache-2.0
// What happens when a program touches memory that cannot be had, even after reclaim, or makes a
// call that needs some.
#pragma once

#include "kernel/trap/system_calls.hpp"

namespace kernel {

// Ends the task that the out-of-memory policy chooses (memory/pressure/out_of_memory.hpp) and makes
// the current thread try again a little later. False when there is nobody but init to be ended, and
// the current task has to do without. Precondition: no lock is held.
[[nodiscard]] bool end_for_memory(const Thread& current);

// After a call that has said NoMemory: makes room, by ending a task if need be, and has the call
// made again with its first two arguments, which its result lies over. As in Linux, where a call
// waits for memory and the out-of-memory policy as a fault does. False when the call stands as it
// is: it is none of those that fail as a whole, or nothing can be done. Precondition: no lock is
// held.
[[nodiscard]] bool repeat_with_memory(Call& call, uint64_t number, uint64_t first, uint64_t second);

// Wakes an idle CPU for reclaim if memory is short.
void ask_for_help();

}  // namespace kernel
