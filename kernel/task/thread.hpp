// SPDX-License-Identifier: Apache-2.0
// Thread: registers, what it waits for, and where it may run.
#pragma once

#include "hal/types.hpp"
#include "kernel/base/list.hpp"
#include "kernel/ipc/message.hpp"
#include "kernel/memory/kernel_heap.hpp"
#include "kernel/schedule/energy/utilisation.hpp"
#include "kernel/schedule/thread_schedule.hpp"
#include "kernel/sync/futex_key.hpp"

namespace kernel {

class AuditLog;
class Server;
struct Task;
struct Thread;

enum class ThreadState : uint32_t {
    New = 0,
    Ready = 1,        // on a run queue
    Running = 2,      // current on its CPU
    Sleeping = 3,     // on its CPU's list of sleepers
    WaitThread = 4,   // for the end of another thread of its task
    WaitTask = 5,     // for the end of a child
    WaitConsole = 6,  // for input
    Ended = 7,
    WaitMessage = 8,  // for a message of a port or a port set
    WaitReply = 9,    // for the answer to a call
    WaitRoom = 10,    // in a port's queue
    Suspended = 11,   // it would be ready, but for ThreadSuspend or an exception
    Throttled = 12,   // its container has no CPU time; on its CPU's list of sleepers
    Frozen = 13,      // its container is paused, and has it on its list
    WaitFutex = 14,   // for a word of user memory to be changed
};

// What a thread does as its container sees it (kernel/container).
enum class ThreadActivity : uint32_t {
    None = 0,
    Waiting = 1,  // for a CPU
    Running = 2,
    Stalled = 3,  // for want of memory
};

// A thread's part in the exchange of messages.
struct ThreadMessages {
    Message call;  // what it asks, while it waits for the answer
    Delivery delivery;
    MessageRoom room;               // for what it waits for
    Thread* reply_to = nullptr;     // whose call it answers
    Thread* answered_by = nullptr;  // who has taken its own call
    Server* serves = nullptr;       // the port or set where it has last begun to receive
    uint64_t calls = 0;             // how many it has made
    Port* offered = nullptr;        // where it was told of room and has not sent yet; a reference
    uint64_t room_until = 0;        // when a wait for room in a queue ends, in ticks; 0: none
    int32_t outcome = 0;            // of a wait that left something to be tidied up: a Status
};

// A thread's part in exceptions.
struct ThreadExceptions {
    Port* port = nullptr;  // who is told before the task's own one; with a reference
    Port* told = nullptr;  // who was told of the exception that it is stopped for; the same
    Message message;
};

// Invariant: everything but `frame` and `vectors` is guarded by the Objects lock; those two belong
// to the CPU on which the thread is current, otherwise to whoever holds the lock.
struct Thread : Entity {
    static constexpr HeapType heap_type = HeapType::Thread;

    hal::UserFrame frame{};
    hal::VectorState vectors{};
    ListNode queue_node;  // sleepers, console waiters, or its container's list
    ListNode wait_node;   // those who wait for the same port, port set, room, or futex
    ListNode task_node;
    Task* task = nullptr;
    AuditLog* audit = nullptr;  // where its calls are recorded; null: nowhere
    uint32_t id = 0;
    ThreadState state = ThreadState::New;
    unsigned cpu = 0;                     // where it runs, ran last, or is queued
    uint64_t wake_at = 0;                 // ticks, while Sleeping or Throttled
    uint64_t slice = 0;                   // ticks that it may run at a time, as it was last given
    Utilisation utilisation;              // while Energy keeps books
    unsigned counted_on = hal::max_cpus;  // the CPU whose utilisation has it; or none
    ThreadActivity activity = ThreadActivity::None;  // not of the root container's threads
    uint64_t exit_value = 0;
    uint64_t call = 0;         // system call in progress, as number + 1
    bool repeats = false;      // that call is to be made again, as it only waited so far
    uint32_t suspensions = 0;  // not undone so far; it is neither ready nor runs for long above 0
    Thread* joiner = nullptr;  // who waits for this thread
    Task* awaited = nullptr;   // while WaitTask
    List<Thread, &Thread::wait_node>* waits_in = nullptr;  // the list its wait_node is on
    FutexKey futex_key;                                    // while WaitFutex
    bool timed = false;  // it is among the sleepers too, as its wait has an end
    ThreadMessages messages;
    ThreadExceptions exceptions;
    ListNode exception_node;  // those who are stopped with a message to the same port
    ThreadSchedule schedule;
    // Who lends its scheduling parameters to this thread, and to whom this one does.
    ListNode lender_node;
    List<Thread, &Thread::lender_node> lenders;
    Thread* lent_to = nullptr;
    Thread* server_from = nullptr;  // the lender whose deadline server this thread runs on
};

using WaitQueue = List<Thread, &Thread::wait_node>;

}  // namespace kernel
