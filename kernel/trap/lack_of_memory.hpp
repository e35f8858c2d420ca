// SPDX-License-Identifier: Apache-2.0
// What happens when a program touches memory that cannot be had, even after reclaim, or makes a
// call that needs some.
#pragma once

#include "kernel/task/task.hpp"

namespace kernel {

// Ends the task that the out-of-memory policy chooses (memory/pressure/out_of_memory.hpp) and makes
// the current thread try again a little later. False when there is nobody but init to be ended, and
// the current task has to do without. Precondition: no lock is held.
[[nodiscard]] bool end_for_memory(const Thread& current);

// Wakes an idle CPU for reclaim if memory is short.
void ask_for_help();

}  // namespace kernel
