// SPDX-License-Identifier: Apache-2.0
// Thread: registers, what it waits for, and where it may run.
#pragma once

#include "hal/types.hpp"
#include "kernel/base/list.hpp"
#include "kernel/memory/kernel_heap.hpp"
#include "kernel/schedule/energy/utilisation.hpp"
#include "kernel/schedule/thread_schedule.hpp"

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
};

// Invariant: everything but `frame` and `vectors` is guarded by the Objects lock; those two belong
// to the CPU on which the thread is current, otherwise to whoever holds the lock.
struct Thread : Entity {
    static constexpr HeapType heap_type = HeapType::Thread;

    hal::UserFrame frame{};
    hal::VectorState vectors{};
    ListNode queue_node;  // sleepers, or console waiters
    ListNode task_node;
    Task* task = nullptr;
    uint32_t id = 0;
    ThreadState state = ThreadState::New;
    unsigned cpu = 0;                     // where it runs, ran last, or is queued
    uint64_t wake_at = 0;                 // ticks, while Sleeping
    Utilisation utilisation;              // while Energy keeps books
    unsigned counted_on = hal::max_cpus;  // the CPU whose utilisation has it; or none
    uint64_t exit_value = 0;
    uint64_t call = 0;         // system call in progress, as number + 1
    bool repeats = false;      // that call is to be made again, as it only waited so far
    Thread* joiner = nullptr;  // who waits for this thread
    Task* awaited = nullptr;   // while WaitTask
    ThreadSchedule schedule;
    // Who lends its scheduling parameters to this thread, and to whom this one does.
    ListNode lender_node;
    List<Thread, &Thread::lender_node> lenders;
    Thread* lent_to = nullptr;
    Thread* server_from = nullptr;  // the lender whose deadline server this thread runs on
};

}  // namespace kernel
