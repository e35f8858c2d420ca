// SPDX-License-Identifier: Apache-2.0
// Thread: registers, what it waits for, and where it may run.
#pragma once

#include "hal/types.hpp"
#include "kernel/base/list.hpp"
#include "kernel/memory/kernel_heap.hpp"

namespace kernel {

struct Task;

enum class ThreadState : uint32_t {
    New = 0,
    Ready = 1,        // on a run queue
    Running = 2,      // current on its CPU
    Sleeping = 3,     // on its CPU's list of sleepers
    WaitThread = 4,   // for the end of another thread of its task
    WaitTask = 5,     // for the end of a child
    WaitConsole = 6,  // for input
    Ended = 7,
    Throttled = 8,  // its container has no CPU time; on its CPU's list of sleepers
    Frozen = 9,     // its container is paused, and has it on its list
};

// What a thread does as its container sees it (kernel/container).
enum class ThreadActivity : uint32_t {
    None = 0,
    Waiting = 1,  // for a CPU
    Running = 2,
    Stalled = 3,  // for want of memory
};

// Invariant: everything but `frame` and `vectors` is guarded by the Objects lock; those two belong
// to the CPU on which the thread is current, otherwise to whoever holds the lock.
struct Thread {
    static constexpr HeapType heap_type = HeapType::Thread;

    hal::UserFrame frame{};
    hal::VectorState vectors{};
    ListNode queue_node;  // run queue, sleepers, console waiters, or its container's list
    ListNode task_node;
    Task* task = nullptr;
    uint32_t id = 0;
    ThreadState state = ThreadState::New;
    unsigned cpu = 0;       // where it runs, ran last, or is queued
    uint64_t cpu_mask = 0;  // CPUs it may run on
    uint64_t wake_at = 0;   // ticks, while Sleeping or Throttled
    uint64_t slice = 0;     // ticks that it may run at a time, as it was last given
    ThreadActivity activity = ThreadActivity::None;  // not of the root container's threads
    uint64_t exit_value = 0;
    uint64_t call = 0;         // system call in progress, as number + 1
    bool repeats = false;      // that call is to be made again, as it only waited so far
    Thread* joiner = nullptr;  // who waits for this thread
    Task* awaited = nullptr;   // while WaitTask
};

}  // namespace kernel
