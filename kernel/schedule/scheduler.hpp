// SPDX-License-Identifier: Apache-2.0
// The scheduler: who runs on which CPU, until when, and who sleeps.
//
// Preemptive round robin: a thread runs for at most one time slice while others are ready. Each CPU
// has its own queue; a woken thread goes to an idle CPU that it may run on, preferably its last
// one, else to the shortest queue; a CPU without work steals. Idle CPUs have no tick.
//
// All functions marked "locked" need the Objects lock.
#pragma once

#include "kernel/base/lock.hpp"
#include "kernel/schedule/run_queue.hpp"

namespace kernel {

struct Container;

class Scheduler final {
  public:
    static constexpr uint64_t slice_nanoseconds = 10'000'000;
    static constexpr uint32_t reschedule_interrupt = 0;  // SGI
    static constexpr uint64_t no_deadline = UINT64_MAX;  // in ticks: never

    [[nodiscard]] SpinLock& lock() { return lock_; }

    // Makes the calling CPU take part.
    void cpu_online();
    [[nodiscard]] uint64_t online_mask() const { return online_mask_; }

    [[nodiscard]] Thread* current();

    // Locked. Queues a thread that is new or whose wait is over, and wakes a CPU for it.
    void make_ready(Thread& thread);
    // Locked. Takes the current thread off this CPU, its registers saved, for the state given.
    void block_current(ThreadState state);
    // Locked. The same until a time in ticks.
    void sleep_current(uint64_t until);
    // Locked. The same for want of memory.
    void stall_current(uint64_t until);
    // Locked. Takes a thread that does not run off whatever queue it is on.
    void unqueue(Thread& thread);
    // Locked. Makes the CPU on which a thread runs look at it again.
    void prod(const Thread& thread);
    // Locked. The same for all that run a thread of a container or below; false if none does.
    bool prod_container(const Container& container);
    // Locked. The current thread has had its turn.
    void yield_current();

    // Locked. Threads that wait for console input.
    void wait_for_console();
    void console_ready();

    // Stops all other CPUs until Rendezvous::resume(). Precondition: no lock held.
    void call_others_in();
    // Makes a CPU that idles come by work in the background. Precondition: no lock held.
    void wake_idle_cpu();

    // After a panic: makes all other CPUs notice it.
    void stop_others();

    // Interrupts of this CPU.
    void on_timer();
    void on_reschedule();

    // Leaves the kernel: ends what is to be ended, picks a thread, idles until there is one.
    // Precondition: no lock held.
    [[nodiscard]] hal::UserFrame* run_next();

  private:
    struct Cpu {
        RunQueue queue;
        List<Thread, &Thread::queue_node> sleepers;  // by wake_at, earliest first
        Thread* current = nullptr;
        uint64_t slice_end = 0;
        uint64_t current_since = 0;
        uint64_t charged_since = 0;       // what its container has not been told of yet
        uint64_t turn_end = 0;            // of a thread that has its time in several slices
        uint64_t deadline = no_deadline;  // as programmed
        uint32_t traced = 0;              // thread named by the last ThreadSwitch record
        bool idle = false;                // in wait_for_interrupt() or about to be
        bool reschedule = false;
    };

    [[nodiscard]] Cpu& this_cpu();
    void leave_current();
    void dispatch(Thread& thread);
    void trace_switch(uint32_t thread);
    [[nodiscard]] unsigned choose_cpu(const Thread& thread) const;
    [[nodiscard]] uint64_t idle_mask() const;
    [[nodiscard]] Thread* pick();
    // The next thread whose container lets it run; those that it does not let are put aside.
    [[nodiscard]] Thread* pick_admitted();
    [[nodiscard]] bool admit(Thread& thread);
    // The current thread has had a slice of what its container has; true when it gets another one.
    [[nodiscard]] bool renew_slice(Thread& thread);
    void insert_sleeper(Thread& thread, uint64_t until);
    static void note_activity(Thread& thread, ThreadActivity activity);
    // Returns the task that this CPU has to bury, if any.
    [[nodiscard]] Task* settle_current();
    void idle();
    // Locked. In ticks, or no_deadline.
    [[nodiscard]] uint64_t next_deadline();
    void program(uint64_t deadline);
    void hold_if_due();

    SpinLock lock_{LockRank::Objects};
    Cpu cpus_[hal::max_cpus];
    List<Thread, &Thread::queue_node> console_waiters_;
    uint64_t online_mask_ = 0;
};

}  // namespace kernel
