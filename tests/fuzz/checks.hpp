// SPDX-License-Identifier: Apache-2.0
// What must hold of the kernel between two traps, on a machine of one CPU. Each says what does not
// and aborts.
#pragma once

#include "kernel/kernel.hpp"

namespace fuzz {

// Tasks and threads, their states and counts.
void check_objects();
// The books on page frames, and the heap: looks at every frame.
void check_frames();
// Precondition: init, the last task, has been buried. `objects` are those that the kernel's heap
// had at this point in a life in which nothing happened.
void check_nothing_left(uint64_t objects);

}  // namespace fuzz
