// SPDX-License-Identifier: Apache-2.0
// What happens when a program touches memory that cannot be had, even after reclaim, or makes a
// call that needs some.
#pragma once

#include "kernel/trap/system_calls.hpp"

namespace kernel {

// Ends the task that the out-of-memory policy chooses (memory/pressure/out_of_memory.hpp) and makes
// the current thread try again a little later. With a domain, whose limit is met, only tasks that
// it pays for are chosen from. False when there is nobody but init to be ended, and the current
// task has to do without. Precondition: no lock is held.
[[nodiscard]] bool end_for_memory(const Thread& current, MemoryDomain* within);

// A thread whose domain has more than it should (memory.high) first gives something back, and then
// waits the longer the more that is. Precondition: no lock is held.
void hold_back(const Thread& current);

// The current thread, if there is one, searches for memory that can be freed, or has done so.
// Precondition: no lock is held.
void note_stall(bool begins);

// After a call that has said NoMemory: makes room, by ending a task if need be, and has the call
// made again with its first two arguments, which its result lies over. As in Linux, where a call
// waits for memory and the out-of-memory policy as a fault does. The call stands as it is when
// nothing can be done, or when it wanted large mappings: for these, nobody is ended (as in Linux:
// __GFP_NORETRY). Precondition: no lock is held.
void repeat_with_memory(Call& call, uint64_t first, uint64_t second);

// Wakes an idle CPU for reclaim if memory is short.
void ask_for_help();

}  // namespace kernel
