// SPDX-License-Identifier: Apache-2.0
// Balloon: what a manager wants back of a task's memory, until when, and who waits for what.
#pragma once

#include "hal/types.hpp"

namespace kernel {

// Invariant: guarded by the Objects lock. Threads are known by their ids, as they may end.
struct Balloon {
    hal::VirtualAddress pool = 0;  // state of the task's page pool; 0: none
    uint64_t wanted = 0;           // pages asked for and not yet had; 0: nobody asks
    uint64_t target = 0;           // frames that the task may own for that
    uint64_t taken = 0;            // free pages of the pool, for this request
    uint64_t deadline = 0;         // ticks
    bool told = false;             // the task knows of the request
    uint32_t requester_task = 0;
    uint32_t requester = 0;  // thread
    uint32_t waiter = 0;     // thread of the task that waits for a request
};

}  // namespace kernel
