// SPDX-License-Identifier: Apache-2.0
// The scheduler: who runs on which CPU, until when, and who sleeps.
//
// Preemptive round robin: a thread runs for at most one time slice while others are ready. Each CPU
// has its own queue; a woken thread goes to an idle CPU that it may run on, preferably its last
// one, else to the shortest queue; a CPU without work steals. Idle CPUs have no tick.
//
// All functions marked "locked" need the Objects lock.
#pragma once

#include <atomic>

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

    // Makes the calling CPU take part. Precondition: no lock held.
    void cpu_online();
    [[nodiscard]] uint64_t online_mask() const { return online_mask_; }

    [[nodiscard]] Thread* current() { return current(hal::Machine::cpu_index()); }
    // The same for who knows which CPU this is.
    [[nodiscard]] Thread* current(unsigned cpu) { return cpus_[cpu].current; }
    // Whether the way out of the kernel has more to do than to return to the current thread: then
    // it is run_next(). Other CPUs that ask for something send an interrupt too, so one that comes
    // right after the look is not missed.
    [[nodiscard]] bool has_work() {
        return this_cpu().has_work.load(std::memory_order_relaxed) != 0;
    }
    void expect_work() { this_cpu().has_work.store(1, std::memory_order_relaxed); }

    // Locked. Queues a thread that is new or whose wait is over, and wakes a CPU for it.
    void make_ready(Thread& thread);
    // Locked. Takes the current thread off this CPU, its registers saved, for the state given.
    void block_current(ThreadState state);
    // Locked. The same until a time in ticks.
    void sleep_current(uint64_t until);
    // Locked. Like block_current(); a wait that has an end is over then with end_wait(TimedOut).
    void block_current_until(ThreadState state, uint64_t until);
    // Locked. The end of a thread's wait does not count any more.
    void forget_deadline(Thread& thread);
    // Locked. A thread that was blocked runs next on this CPU, for the rest of the slice, if it may
    // run here. Precondition: the current thread has been blocked.
    void hand_over(Thread& to);
    // Locked. The same for want of memory.
    void stall_current(uint64_t until);
    // Locked. Takes a thread that does not run off whatever queue it is on.
    void unqueue(Thread& thread);
    // Locked. Keeps a thread from running until resume() was called as often: one that waits goes on
    // waiting first, one that runs leaves at its CPU's next way out of the kernel.
    void suspend(Thread& thread);
    // Locked. Precondition: the thread is suspended.
    void resume(Thread& thread);
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
    struct alignas(128) Cpu {  // a power of two, so that finding one is a shift
        RunQueue queue;
        List<Thread, &Thread::queue_node> sleepers;  // by wake_at, earliest first
        Thread* current = nullptr;
        Thread* handed = nullptr;  // who was given the CPU, and has not begun
        uint64_t slice_end = 0;
        uint64_t current_since = 0;
        uint64_t deadline = no_deadline;  // as programmed
        uint32_t traced = 0;              // thread named by the last ThreadSwitch record
        bool idle = false;                // in wait_for_interrupt() or about to be
        bool reschedule = false;
        bool lent = false;  // who begins has the rest of the slice of who handed over
        // Invariant: set when there is no current thread, when `reschedule` is, and when the timer
        // is to be programmed.
        std::atomic<uint32_t> has_work{1};
    };

    [[nodiscard]] Cpu& this_cpu() { return cpus_[hal::Machine::cpu_index()]; }
    // Locked.
    static void ask_for_look(Cpu& cpu) {
        cpu.reschedule = true;
        cpu.has_work.store(1, std::memory_order_relaxed);
    }
    void leave_current();
    void add_sleeper(Thread& thread, uint64_t until);
    void dispatch(Thread& thread);
    void trace_switch(uint32_t thread);
    [[nodiscard]] unsigned choose_cpu(Thread& thread) const;
    [[nodiscard]] uint64_t idle_mask() const;
    [[nodiscard]] Thread* pick();
    // The next thread whose container lets it run; those that it does not let are put aside.
    [[nodiscard]] Thread* pick_admitted();
    [[nodiscard]] bool admit(Thread& thread);
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
