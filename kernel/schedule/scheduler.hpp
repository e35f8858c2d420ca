// SPDX-License-Identifier: Apache-2.0
// The scheduler: who runs on which CPU, until when, and who sleeps.
//
// Each CPU has its own queue, whose policies say who runs next and for how long
// (kernel/schedule/policies). A woken thread goes to an idle CPU that it may run on, preferably its
// last one, else to one where it goes first, else to the shortest queue; it runs at once where it
// goes before the one that runs. A CPU without work steals. Idle CPUs have no tick, and isolated
// ones none while they have a single thread.
//
// The parts: scheduler.cpp has the way from one thread to the next, placement.cpp says which CPU,
// parameters.cpp what threads ask for and lend each other, cpus.cpp takes CPUs out and in.
//
// All functions marked "locked" need the Objects lock.
#pragma once

#include <atomic>

#include "kernel/abi/schedule.hpp"
#include "kernel/base/lock.hpp"
#include "kernel/schedule/load_meter.hpp"
#include "kernel/schedule/run_queue.hpp"
#include "kernel/task/thread.hpp"

namespace kernel {

struct Container;

class Scheduler final {
  public:
    static constexpr uint32_t reschedule_interrupt = 0;  // SGI
    static constexpr uint64_t no_deadline = UINT64_MAX;  // in ticks: never

    [[nodiscard]] SpinLock& lock() { return lock_; }

    struct Options {
        uint64_t isolated_cpus = 0;   // mask
        uint64_t input_boost = 0;     // ticks, 0: none
        bool preempts_kernel = true;  // let_others_run_above()
    };
    // Boot CPU, before any other call.
    void initialise(const PolicyKind& normal, const Options& options);
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
    // Locked. The same for want of memory.
    void stall_current(uint64_t until);
    // Locked. Whether switch_to() may be called: nothing else is to be done on this CPU first.
    [[nodiscard]] bool can_switch_to(const Thread& to) const {
        return this_cpu().has_work.load(std::memory_order_relaxed) == 0 && to.suspensions == 0 &&
               !to.timed;
    }
    // Locked. Blocks the current thread and lets another one, which waits and is on no queue, go on
    // in its place for the rest of its turn: lend() in a call, block_current() and hand_over() at
    // once. Precondition: can_switch_to(to).
    enum class Direction : uint32_t { Call, Reply };
    void switch_to(Thread& to, ThreadState state, Direction direction);
    // Locked. Takes a thread that does not run off whatever queue it is on.
    void unqueue(Thread& thread);
    // Locked. Keeps a thread from running until resume() was called as often: one that waits goes
    // on waiting first, one that runs leaves at its CPU's next way out of the kernel.
    void suspend(Thread& thread);
    // Locked. Precondition: the thread is suspended.
    void resume(Thread& thread);
    // Locked. Makes the CPU on which a thread runs look at it again.
    void prod(const Thread& thread);
    // Locked. The same for all that run a thread of a container or below; false if none does.
    bool prod_container(const Container& container);
    // Locked. The current thread has had its turn.
    void yield_current();
    // Locked. A waiting thread runs next on this CPU, without its queue, for the rest of the turn
    // of the one that has just been blocked; like make_ready() where it may not.
    void hand_over(Thread& to);

    // Locked. What `from`, which waits for `to`, may have of CPUs is `to`'s as well, while that is
    // more than its own: the higher class, priority or weight, the earlier deadline. It goes on to
    // whom `to` lends. Without effect where `from` lends already, or where they wait in a circle.
    void lend(Thread& from, Thread& to);
    void take_back(Thread& from);
    // Locked. The same for all who lend to `to` and wait for that word of memory.
    void take_back_all(Thread& to, const FutexKey& word);
    // Locked. The thread serves input until then: it goes before all of the normal class, and so
    // does whoever it calls or sends a message to. Without effect when that is over, or 0.
    void boost(Thread& thread, uint64_t until);
    // The same from now on, for as long as the command line says; and until when that is, 0 for no
    // time at all.
    void boost_for_input(Thread& thread);
    [[nodiscard]] uint64_t input_boost() const;
    // Locked. Whether the first has more of CPUs than the other, what is lent to them included.
    [[nodiscard]] static bool goes_before(const Thread& a, const Thread& b);
    // Locked. A thread that has ended neither lends nor borrows nor reserves.
    void forget(Thread& thread);

    // Locked. What a thread asks for: `server` where the class is Deadline. LimitReached when that
    // cannot be reserved on any of its CPUs, with nothing changed.
    [[nodiscard]] Status set_parameters(Thread& thread, const ScheduleParameters& wanted,
                                        const DeadlineState& server, uint64_t cpu_mask);
    // Locked. Figures up to now.
    void bring_up_to_date(Thread& thread);
    void read_load(abi::ScheduleInfo& result);

    // Takes a CPU out: its threads go elsewhere, those that may run nowhere else too. NotFound,
    // Unsupported for the boot CPU, Busy while time is reserved there. Precondition: no lock held.
    [[nodiscard]] Status unplug(unsigned cpu);
    // And in again.
    [[nodiscard]] Status plug(unsigned cpu);
    [[nodiscard]] uint64_t isolated_mask() const { return isolated_mask_; }

    // Locked. Threads that wait for console input.
    void wait_for_console();
    void console_ready();

    // Stops all other CPUs until Rendezvous::resume(). Precondition: no lock held.
    void call_others_in();
    // Has the machine held, where a debugger waits for that. A machine that skips idle time may
    // still do so between the breakpoint and its stop (QEMU with -icount sleep=off does), to the
    // next deadline of any CPU, which may be an hour away, or to the end of time when the only one
    // is over. It does not while other CPUs wait at a rendezvous; where there is none to wait, this
    // CPU's deadline is that far away, in nanoseconds.
    void hold(uint64_t skip_nanoseconds);
    // At a preemption point: threads of classes that go before the one that is in the kernel here
    // run above it (hal::Machine::run_above()), until none of them can. It is held meanwhile: for
    // all others it runs, but it is not current(). Only one is held on each CPU.
    // Precondition: no lock held.
    void let_others_run_above();
    // From here to share_cpu() nobody runs above this CPU's kernel code: for what others wait for
    // by looping, as they could be above it themselves. Precondition: both on the same CPU, in
    // pairs.
    void keep_cpu() { ++this_cpu().kept; }
    void share_cpu() { --this_cpu().kept; }
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
        Thread* next = nullptr;  // to be dispatched before any other; a member, not queued
        // A member that waits for `current`, which is none, to answer: `current` runs in its turn
        // (direct_switch.cpp). Null otherwise.
        Thread* payer = nullptr;
        uint64_t slice_end = 0;
        bool keeps_slice = false;  // `next` has the rest of it
        uint64_t current_since = 0;
        uint64_t charged_at = 0;
        LoadMeter load;
        uint64_t deadline = no_deadline;  // as programmed
        // What threads run above: a thread that is held in the kernel, or other kernel code (null).
        Thread* held = nullptr;
        bool is_above = false;  // threads run above it
        uint32_t kept = 0;      // nobody is to
        uint32_t traced = 0;    // thread named by the last ThreadSwitch record
        bool reschedule = false;
        bool tickless = false;  // the slice has no timer, as nobody else is there
        // Invariant: set when there is no current thread, when `reschedule` is, and when the timer
        // is to be programmed.
        std::atomic<uint32_t> has_work{1};
    };

    [[nodiscard]] Cpu& this_cpu() { return cpus_[hal::Machine::cpu_index()]; }
    [[nodiscard]] const Cpu& this_cpu() const { return cpus_[hal::Machine::cpu_index()]; }
    // Locked.
    static void ask_for_look(Cpu& cpu) {
        cpu.reschedule = true;
        cpu.has_work.store(1, std::memory_order_relaxed);
    }
    // The CPU's address space stays, where somebody runs next while the lock is still held; then
    // it is changed, or cleared, before the lock is released.
    enum class UserSpace : uint32_t { Clear, Keep };
    void leave_current(UserSpace space = UserSpace::Clear);
    void dispatch(Thread& thread);
    // The CPU has the thread's registers and address space from now on.
    void begin_run(Thread& thread);
    // direct_switch.cpp. Whoever looks at members, or changes who is one, ends loans first.
    [[nodiscard]] bool may_borrow(const Thread& payer, const Thread& to) const;
    void run_in_turn(Thread& to, ThreadState state);
    void end_loan(unsigned cpu);
    void end_loans() {
        while (loans_ != 0) end_loan(static_cast<unsigned>(__builtin_ctzll(loans_)));
    }
    void trace_switch(uint32_t thread);
    void send_look(unsigned cpu);

    [[nodiscard]] unsigned choose_cpu(Thread& thread);
    // CPUs that the thread may be put on now; never none.
    [[nodiscard]] uint64_t usable_cpus(const Thread& thread) const;
    // Whether it belongs where it is.
    [[nodiscard]] bool may_stay(const Thread& thread) const;
    [[nodiscard]] unsigned idle_cpu_for(const Thread& thread, uint64_t allowed) const;
    // Those of the mask that have nothing to run.
    [[nodiscard]] uint64_t idle_mask(uint64_t within) const;

    void place(Thread& thread, Arrival arrival);
    void remove_ready(Thread& thread);
    void move_current();
    void change_turns(uint64_t now);
    [[nodiscard]] Thread* steal(uint64_t now);
    // Into and out of a CPU's policy.
    void join(Thread& thread, unsigned cpu, uint64_t now, Arrival arrival);
    void leave(Thread& thread, uint64_t now);
    void charge(Cpu& cpu, uint64_t now);
    void end_job(Thread& thread, uint64_t now);
    // The number of threads on the CPU may have changed.
    void observe(unsigned cpu, uint64_t now);

    // Applies a change to what policies know of a thread, wherever it is.
    template <class Apply>
    void change(Thread& thread, Arrival arrival, Apply apply);
    void recompute(Thread& thread);
    void end_boost_if_over(Thread& thread, uint64_t now);
    void borrow_server(Thread& thread, Thread* from);
    void settle_place(Thread& thread);
    // The same, and shows all of its figures as of now.
    void show(unsigned cpu, uint64_t now);
    void empty_cpu(unsigned cpu);
    // On the list of this CPU's sleepers.
    void add_sleeper(Thread& thread, uint64_t until);
    void insert_sleeper(Thread& thread, unsigned cpu);
    // Whose time has come.
    void wake_sleepers(Cpu& cpu, uint64_t now);
    [[nodiscard]] Thread* pick();
    // The next thread whose container lets it run; those that it does not let are put aside.
    [[nodiscard]] Thread* pick_admitted();
    [[nodiscard]] bool admit(Thread& thread);
    void weigh(Thread& thread, uint64_t now);
    static void note_activity(Thread& thread, ThreadActivity activity);
    // Returns the task that this CPU has to bury, if any.
    [[nodiscard]] Task* settle_current();
    void idle();
    // Locked. The class that those who run above go before.
    [[nodiscard]] static ScheduleClass floor_of(const Cpu& cpu) {
        return cpu.held != nullptr ? cpu.held->schedule_class : ScheduleClass::Normal;
    }
    [[nodiscard]] static Entity* take_next(Cpu& cpu, uint64_t now) {
        return cpu.is_above ? cpu.queue.take_above(floor_of(cpu), now) : cpu.queue.take(now);
    }
    void put_back(Thread* held);
    void load(Thread& thread);
    // Locked. In ticks, or no_deadline.
    [[nodiscard]] uint64_t next_deadline();
    void program(uint64_t deadline);
    void hold_if_due();

    SpinLock lock_{LockRank::Objects};
    Cpu cpus_[hal::max_cpus];
    List<Thread, &Thread::queue_node> console_waiters_;
    uint64_t online_mask_ = 0;
    uint64_t started_mask_ = 0;  // CPUs that have ever been online
    uint64_t isolated_mask_ = 0;
    uint64_t idling_ = 0;        // CPUs in wait_for_interrupt() or about to be
    uint64_t waiting_mask_ = 0;  // CPUs on which somebody waits
    uint64_t loans_ = 0;         // CPUs with a payer
    uint64_t input_boost_ = 0;   // ticks
    bool preempts_kernel_ = true;
    Reservations reservations_;
    LoadMeter some_;
    LoadMeter full_;
};

}  // namespace kernel
