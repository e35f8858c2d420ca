// SPDX-License-Identifier: Apache-2.0
// The scheduler.
#include "kernel/schedule/scheduler.hpp"

#include "kernel/kernel.hpp"
#include "kernel/trap/interrupts.hpp"

namespace kernel {

using abi::TraceType;
using hal::Machine;

namespace {

// What a hold may cost where no other CPU has been started, on a machine that skips idle time.
constexpr uint64_t hold_skip_nanoseconds = 20'000;

// The end of a turn, or of the thread's boost, if that is earlier.
uint64_t until_boost_ends(const Thread& thread, uint64_t slice_end) {
    const uint64_t until = thread.schedule.boosted_until;
    return until != 0 && is_before(until, slice_end) ? until : slice_end;
}

}  // namespace

void Scheduler::initialise(const PolicyKind& normal, const Options& options) {
    abi::KernelInfo& info = kernel().info;
    const uint64_t now = Machine::counter();
    for (unsigned i = 0; i < hal::max_cpus; ++i) {
        cpus_[i].queue.initialise(normal, {info.timer_frequency});
        cpus_[i].load.begin(ticks_of(1'000'000), now);
        info.schedule.cpus[i].isolated = options.isolated_cpus >> i & 1;
    }
    some_.begin(ticks_of(1'000'000), now);
    full_.begin(ticks_of(1'000'000), now);
    isolated_mask_ = options.isolated_cpus;
    input_boost_ = options.input_boost;
    preempts_kernel_ = options.preempts_kernel;
    copy_text(info.schedule.policy, normal.name);
}

void Scheduler::cpu_online() {
    {
        const LockGuard guard(lock_);
        const unsigned cpu = Machine::cpu_index();
        online_mask_ |= 1ULL << cpu;
        started_mask_ |= 1ULL << cpu;
        kernel().info.cpus[cpu].online = 1;
        show(cpu, Machine::counter());
        kernel().trace.put(TraceType::CpuOnline, 0, cpu);
    }
    // A rendezvous that is on knows nothing of this CPU; a later one does.
    kernel().rendezvous.stop_if_asked();
}

void Scheduler::send_look(unsigned cpu) {
    if (cpu != Machine::cpu_index()) kernel().interrupts.send(cpu, reschedule_interrupt);
}

void Scheduler::charge(Cpu& cpu, uint64_t now) {
    // Clocks of CPUs may be a little apart.
    if (cpu.current == nullptr || !is_before(cpu.charged_at, now)) return;
    const uint64_t ticks = now - cpu.charged_at;
    cpu.charged_at = now;
    Thread& pays = cpu.payer != nullptr ? *cpu.payer : *cpu.current;
    cpu.queue.charge(pays, now, ticks);
    pays.schedule.figures.run_time += ticks;
}

void Scheduler::join(Thread& thread, unsigned cpu, uint64_t now, Arrival arrival) {
    if (cpu != thread.cpu && arrival != Arrival::New) ++thread.schedule.figures.migrations;
    thread.cpu = cpu;
    cpus_[cpu].queue.policy_of(thread).join(thread, now, arrival);
    ScheduleFigures& figures = thread.schedule.figures;
    if (thread.schedule_class == ScheduleClass::Deadline && figures.due == 0) {
        figures.due = thread.deadline.absolute;
    }
    figures.ready_since = now;
}

void Scheduler::leave(Thread& thread, uint64_t now) {
    cpus_[thread.cpu].queue.policy_of(thread).leave(thread, now);
}

// Also wakes or interrupts the CPU, where the thread is to run there at once.
void Scheduler::place(Thread& thread, Arrival arrival) {
    end_loans();
    const unsigned target = choose_cpu(thread);
    const uint64_t now = Machine::counter();
    Cpu& cpu = cpus_[target];
    charge(cpu, now);
    join(thread, target, now, arrival);
    thread.state = ThreadState::Ready;
    note_activity(thread, ThreadActivity::Waiting);
    cpu.queue.policy_of(thread).queue(thread);
    Kernel& k = kernel();
    k.energy.placed(thread, target);
    const Thread* waker = current();
    k.trace.put(TraceType::ThreadWake, waker != nullptr ? waker->id : 0, thread.id, target);
    observe(target, now);
    if (cpu.current == nullptr) {
        if ((idling_ >> target & 1) != 0) send_look(target);
    } else if (cpu.queue.preempts(thread, *cpu.current)) {
        ask_for_look(cpu);
        send_look(target);
    } else if (cpu.tickless || cpu.queue.is_throttled(thread)) {
        // A timer is wanted.
        ask_for_look(cpu);
        send_look(target);
    }
}

void Scheduler::note_activity(Thread& thread, ThreadActivity activity) {
    Container& container = thread.task->container;
    if (container.is_root()) return;
    kernel().containers.set_activity(thread, container, activity, Machine::counter());
}

void Scheduler::make_ready(Thread& thread) {
    // Whoever waited lends no more.
    take_back(thread);
    if (thread.schedule.boosted_until != 0) end_boost_if_over(thread, Machine::counter());
    if (thread.suspensions != 0) {
        thread.state = ThreadState::Suspended;
        note_activity(thread, ThreadActivity::None);
        return;
    }
    place(thread, thread.state == ThreadState::New ? Arrival::New : Arrival::Woken);
}

void Scheduler::hand_over(Thread& to) {
    const unsigned self = Machine::cpu_index();
    Cpu& cpu = cpus_[self];
    const unsigned reserved = to.schedule.reserved_on;
    const bool belongs_here = to.schedule_class != ScheduleClass::Deadline || reserved == self ||
                              reserved == Reservations::none;
    const bool here = cpu.current == nullptr && cpu.next == nullptr && belongs_here &&
                      (usable_cpus(to) >> self & 1) != 0 && !cpu.queue.outranks(to);
    if (!here || to.suspensions != 0) return make_ready(to);
    take_back(to);
    const uint64_t now = Machine::counter();
    end_boost_if_over(to, now);
    join(to, self, now, Arrival::Woken);
    to.state = ThreadState::Ready;
    note_activity(to, ThreadActivity::Waiting);
    if (cpu.queue.is_throttled(to)) {
        cpu.queue.policy_of(to).queue(to);
        return;
    }
    cpu.queue.policy_of(to).start(to);
    cpu.next = &to;
    cpu.keeps_slice = is_before(now, cpu.slice_end);
    Kernel& k = kernel();
    k.energy.placed(to, self);
    k.trace.put(TraceType::ThreadWake, 0, to.id, self);
    observe(self, now);
}

// Once the lock is released another CPU may run the thread or end its task, so everything of it
// must have left this CPU: vector registers, and the address space.
void Scheduler::leave_current(UserSpace space) {
    end_loans();
    Cpu& cpu = this_cpu();
    Thread& thread = *cpu.current;
    Machine::vector_save(thread.vectors);
    if (space == UserSpace::Clear) Machine::clear_user_space();
    const uint64_t now = Machine::counter();
    Kernel& k = kernel();
    k.info.tasks[thread.task->slot].cpu_ticks += now - cpu.current_since;
    Container& container = thread.task->container;
    if (!container.is_root()) {
        k.containers.charge_time(container, thread.slice, now - cpu.current_since);
        k.containers.set_activity(thread, container, ThreadActivity::None, now);
    }
    abi::CpuInfo& info = k.info.cpus[Machine::cpu_index()];
    info.user_ticks += now - cpu.current_since;
    k.energy.end(thread, now);
    charge(cpu, now);
    info.thread = 0;
    cpu.current = nullptr;
    cpu.reschedule = false;
    cpu.has_work.store(1, std::memory_order_relaxed);
}

bool Scheduler::prod_container(const Container& container) {
    bool runs = false;
    for (const Cpu& cpu : cpus_) {
        for (const Thread* thread : {cpu.current, cpu.held}) {
            if (thread == nullptr || !container.contains(thread->task->container)) continue;
            prod(*thread);
            runs = true;
        }
    }
    return runs;
}

void Scheduler::prod(const Thread& thread) {
    ask_for_look(cpus_[thread.cpu]);
    send_look(thread.cpu);
}

void Scheduler::yield_current() {
    end_loans();
    Cpu& cpu = this_cpu();
    const uint64_t now = Machine::counter();
    charge(cpu, now);
    end_job(*cpu.current, now);
    cpu.queue.policy_of(*cpu.current).yield(*cpu.current);
    ask_for_look(cpu);
}

void Scheduler::on_timer() {
    const LockGuard guard(lock_);
    Cpu& cpu = this_cpu();
    const uint64_t now = Machine::counter();
    cpu.deadline = no_deadline;
    cpu.has_work.store(1, std::memory_order_relaxed);
    Machine::clear_deadline();
    wake_sleepers(cpu, now);
    if (cpu.queue.replenish(now)) ask_for_look(cpu);
    if (cpu.current != nullptr && now >= cpu.slice_end) ask_for_look(cpu);
    // Long work may come by here several times before run_next() programs the timer.
    if (const Thread* first = cpu.sleepers.front()) program(first->wake_at);
}

void Scheduler::on_reschedule() {
    // Leaving the kernel looks at the queues and at the current thread anyway.
    halt_after_panic();
    kernel().rendezvous.stop_if_asked();
}

void Scheduler::call_others_in() {
    Kernel& k = kernel();
    // One that was taken out may still be on its way, and answers even when it is not.
    const auto started = [this] {
        const LockGuard guard(lock_);
        return started_mask_;
    };
    k.rendezvous.stop_others(started,
                             [&k](unsigned cpu) { k.interrupts.send(cpu, reschedule_interrupt); });
}

void Scheduler::wake_idle_cpu() {
    const LockGuard guard(lock_);
    const uint64_t idle = idle_mask(~isolated_mask_);
    if (idle == 0) return;
    kernel().interrupts.send(static_cast<unsigned>(__builtin_ctzll(idle)), reschedule_interrupt);
}

void Scheduler::stop_others() {
    for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) {
        if (cpu == Machine::cpu_index() || (started_mask_ >> cpu & 1) == 0) continue;
        kernel().interrupts.send(cpu, reschedule_interrupt);
    }
}

void Scheduler::dispatch(Thread& thread) {
    const unsigned index = Machine::cpu_index();
    Cpu& cpu = cpus_[index];
    Kernel& k = kernel();
    KERNEL_ASSERT(thread.task->state == TaskState::Alive);
    thread.state = ThreadState::Running;
    thread.cpu = index;
    cpu.current = &thread;
    idling_ &= ~(uint64_t{1} << index);
    cpu.reschedule = false;
    cpu.current_since = Machine::counter();
    cpu.charged_at = cpu.current_since;
    if (thread.schedule_class == ScheduleClass::Deadline && thread.schedule.figures.due == 0) {
        thread.schedule.figures.due = thread.deadline.absolute;
    }
    const uint64_t slice_end = cpu.current_since + thread.slice;
    if (!cpu.keeps_slice || is_before(slice_end, cpu.slice_end)) cpu.slice_end = slice_end;
    cpu.keeps_slice = false;
    cpu.slice_end = until_boost_ends(thread, cpu.slice_end);
    ScheduleFigures& figures = thread.schedule.figures;
    ++figures.switches;
    if (is_before(figures.ready_since, cpu.current_since)) {
        const uint64_t waited = cpu.current_since - figures.ready_since;
        figures.waited += waited;
        if (waited > figures.longest_wait) figures.longest_wait = waited;
    }
    k.energy.begin(thread, cpu.current_since);
    note_activity(thread, ThreadActivity::Running);
    begin_run(thread);
}

Thread* Scheduler::pick() {
    const unsigned self = Machine::cpu_index();
    Cpu& cpu = cpus_[self];
    if (Thread* next = cpu.next) {
        cpu.next = nullptr;
        const bool may = !cpu.is_above || next->schedule_class < floor_of(cpu);
        if (may && !cpu.queue.outranks(*next)) return next;
        // Somebody of a higher class has come since.
        cpu.queue.policy_of(*next).queue(*next);
    }
    const uint64_t now = Machine::counter();
    cpu.keeps_slice = false;
    if (Entity* own = take_next(cpu, now)) return static_cast<Thread*>(own);
    return cpu.is_above ? nullptr : steal(now);
}

Thread* Scheduler::steal(uint64_t now) {
    const unsigned self = Machine::cpu_index();
    if (((online_mask_ & ~isolated_mask_) >> self & 1) == 0) return nullptr;
    for (unsigned i = 1; i < hal::max_cpus; ++i) {
        const unsigned victim = (self + i) % hal::max_cpus;
        // What energy has placed on an idle CPU is not taken back while that one wakes up.
        if (kernel().energy.places() && (idling_ >> victim & 1) != 0) continue;
        Entity* const entity = cpus_[victim].queue.steal_for(self);
        if (entity == nullptr) continue;
        Thread& thread = *static_cast<Thread*>(entity);
        const uint64_t ready_since = thread.schedule.figures.ready_since;
        leave(thread, now);
        join(thread, self, now, Arrival::Migrated);
        cpus_[self].queue.policy_of(thread).start(thread);
        thread.schedule.figures.ready_since = ready_since;
        ++kernel().info.schedule.cpus[self].stolen;
        observe(victim, now);
        return &thread;
    }
    return nullptr;
}

bool Scheduler::admit(Thread& thread) {
    Container& container = thread.task->container;
    thread.slice = this_cpu().queue.policy_of(thread).slice(thread);
    if (container.is_root()) return true;
    const uint64_t now = Machine::counter();
    if (container.paused != 0) {
        leave(thread, now);
        note_activity(thread, ThreadActivity::None);
        thread.state = ThreadState::Frozen;
        container.parked.push_back(thread);
        return false;
    }
    Kernel& k = kernel();
    uint64_t until = 0;
    thread.slice = k.containers.take_time(container, thread.slice, now, until);
    if (thread.slice != 0) {
        weigh(thread, now);
        return true;
    }
    k.trace.put(TraceType::ContainerThrottle, thread.id, container.id, nanoseconds_of(until - now));
    leave(thread, now);
    note_activity(thread, ThreadActivity::Waiting);
    thread.state = ThreadState::Throttled;
    add_sleeper(thread, until);
    return false;
}

// Gives a thread that is about to run the weight that its container's makes of its own, if that has
// changed by more than an eighth. What others lend counts as it is.
void Scheduler::weigh(Thread& thread, uint64_t now) {
    if (thread.schedule_class != ScheduleClass::Normal || !thread.lenders.empty()) return;
    const uint64_t own = thread.schedule.own.weight;
    uint64_t weight = own * thread.task->container.effective_weight() / Container::thread_weight;
    if (weight < least_weight) weight = least_weight;
    if (weight > greatest_weight) weight = greatest_weight;
    const uint64_t before = thread.weight;
    const uint64_t change = weight > before ? weight - before : before - weight;
    if (change * 8 <= before) return;
    leave(thread, now);
    thread.weight = static_cast<uint32_t>(weight);
    join(thread, thread.cpu, now, Arrival::Migrated);
    cpus_[thread.cpu].queue.policy_of(thread).start(thread);
}

Thread* Scheduler::pick_admitted() {
    while (Thread* next = pick()) {
        if (admit(*next)) return next;
    }
    return nullptr;
}

// Decides whether the current thread goes on.
Task* Scheduler::settle_current() {
    Cpu& cpu = this_cpu();
    if (cpu.current == nullptr) return nullptr;
    Thread& thread = *cpu.current;
    if (thread.task->state == TaskState::Ending) {
        leave_current();
        leave(thread, cpu.charged_at);
        observe(thread.cpu, cpu.charged_at);
        return kernel().tasks.thread_ended(thread);
    }
    if (thread.suspensions != 0) {
        leave_current();
        leave(thread, cpu.charged_at);
        thread.state = ThreadState::Suspended;
        observe(thread.cpu, cpu.charged_at);
        return nullptr;
    }
    if (!cpu.reschedule) return nullptr;
    end_loans();
    const uint64_t now = Machine::counter();
    end_boost_if_over(thread, now);
    cpu.reschedule = false;
    Energy& energy = kernel().energy;
    energy.go_on(thread, now);
    charge(cpu, now);
    if (!may_stay(thread)) {
        move_current();
        return nullptr;
    }
    const bool throttled = cpu.queue.is_throttled(thread);
    const bool elsewhere = !throttled && thread.schedule_class != ScheduleClass::Deadline &&
                           idle_mask(usable_cpus(thread)) != 0;
    if (elsewhere && (!cpu.queue.empty() || energy.should_move(thread, idle_mask(online_mask_)))) {
        move_current();  // another CPU has nothing better to do
        return nullptr;
    }
    change_turns(now);
    return nullptr;
}

void Scheduler::move_current() {
    Cpu& cpu = this_cpu();
    Thread& thread = *cpu.current;
    leave_current();
    leave(thread, cpu.charged_at);
    ++thread.schedule.figures.preemptions;
    place(thread, Arrival::Migrated);
    observe(Machine::cpu_index(), cpu.charged_at);
}

// Lets the queue say who is next: the current thread again, or another one.
void Scheduler::change_turns(uint64_t now) {
    Cpu& cpu = this_cpu();
    Thread& thread = *cpu.current;
    cpu.queue.policy_of(thread).queue(thread);
    Entity* const best = take_next(cpu, now);
    // Others ask their container each time.
    if (best == &thread && thread.task->container.is_root()) {
        cpu.slice_end = until_boost_ends(thread, now + cpu.queue.policy_of(thread).slice(thread));
        return;
    }
    leave_current(best != nullptr ? UserSpace::Keep : UserSpace::Clear);
    thread.state = ThreadState::Ready;
    note_activity(thread, ThreadActivity::Waiting);
    thread.schedule.figures.ready_since = now;
    if (best != &thread) ++thread.schedule.figures.preemptions;
    cpu.next = static_cast<Thread*>(best);
    cpu.keeps_slice = false;
}

// A job of the deadline class has come to its end.
void Scheduler::end_job(Thread& thread, uint64_t now) {
    ScheduleFigures& figures = thread.schedule.figures;
    if (thread.schedule_class != ScheduleClass::Deadline || figures.due == 0) return;
    ++figures.jobs;
    if (is_before(figures.due, now)) {
        ++figures.missed;
        const uint64_t late = now - figures.due;
        if (late > figures.worst_late) figures.worst_late = late;
    }
    figures.due = 0;
}

hal::UserFrame* Scheduler::run_next() {
    Cpu& cpu = this_cpu();
    for (;;) {
        hold_if_due();
        Task* to_bury = nullptr;
        uint64_t deadline = no_deadline;
        {
            const LockGuard guard(lock_);
            to_bury = settle_current();
            if (cpu.current == nullptr && to_bury == nullptr) {
                if (Thread* next = pick_admitted()) {
                    dispatch(*next);
                    observe(next->cpu, cpu.charged_at);
                } else if (cpu.is_above) {
                    return nullptr;
                } else {
                    Machine::clear_user_space();  // change_turns() may have left one
                    trace_switch(0);
                    // An unplugged CPU waits for nothing.
                    idling_ |= online_mask_ & uint64_t{1} << Machine::cpu_index();
                    const uint64_t now = Machine::counter();
                    kernel().energy.idle(now);
                    observe(Machine::cpu_index(), now);
                }
            }
            deadline = next_deadline();
            cpu.has_work.store(cpu.current == nullptr ? 1 : 0, std::memory_order_relaxed);
        }
        if (to_bury != nullptr) {
            kernel().tasks.bury(*to_bury);
            continue;
        }
        kernel().energy.apply();
        // A timer that rings earlier is set when it has rung: that is less work than to set it for
        // each thread, and on QEMU each time ends the turn of the CPU that does so.
        const bool rings_earlier =
            cpu.current != nullptr && deadline != no_deadline && cpu.deadline < deadline;
        if (!rings_earlier) program(deadline);
        if (cpu.current != nullptr) return &cpu.current->frame;
        idle();
    }
}

void Scheduler::idle() {
    kernel().frames.show_changes();
    kernel().heap.quiet();
    const uint64_t begin = Machine::counter();
    // Work in the background is done instead of waiting, a step at a time.
    const bool helps = ((online_mask_ & ~isolated_mask_) >> Machine::cpu_index() & 1) != 0;
    if (!helps || !kernel().memory.reclaim().work_in_background()) Machine::wait_for_interrupt();
    kernel().info.cpus[Machine::cpu_index()].idle_ticks += Machine::counter() - begin;
    take_interrupt();
}

// The earliest of: end of the slice, first sleeper, first replenishment of a deadline thread, and
// on the boot CPU the next hold.
uint64_t Scheduler::next_deadline() {
    Cpu& cpu = this_cpu();
    uint64_t deadline = no_deadline;
    deadline = cpu.current != nullptr ? cpu.slice_end : kernel().energy.next_review();
    const bool isolated = (isolated_mask_ >> Machine::cpu_index() & 1) != 0;
    cpu.tickless = isolated && cpu.current != nullptr && cpu.queue.empty() &&
                   cpu.current->schedule_class != ScheduleClass::Deadline;
    if (cpu.tickless) deadline = no_deadline;
    const uint64_t replenishment = cpu.queue.next_replenishment();
    if (replenishment < deadline) deadline = replenishment;
    const Thread* first = cpu.sleepers.front();
    if (first != nullptr && first->wake_at < deadline) deadline = first->wake_at;
    const uint64_t hold_at = kernel().info.hold_at;
    if (Machine::cpu_index() == 0 && hold_at != 0 && hold_at < deadline) deadline = hold_at;
    return deadline;
}

// The timer is left alone when it already says so.
void Scheduler::program(uint64_t deadline) {
    Cpu& cpu = this_cpu();
    if (deadline == cpu.deadline) return;
    cpu.deadline = deadline;
    if (deadline == no_deadline) {
        Machine::clear_deadline();
    } else {
        Machine::set_deadline(deadline);
    }
}

void Scheduler::hold_if_due() {
    Kernel& k = kernel();
    const auto due = [&k] {
        return Machine::cpu_index() == 0 && k.info.hold_at != 0 &&
               Machine::counter() >= k.info.hold_at;
    };
    if (!k.holds_wanted || (!due() && !k.trace.needs_reader())) return;
    call_others_in();
    // Another CPU may have held meanwhile.
    if (due() || k.trace.needs_reader()) {
        if (due()) k.info.hold_at = 0;
        k.frames.show_changes();
        k.heap.show(true);
        hold(hold_skip_nanoseconds);
    }
    k.rendezvous.resume();
}

void Scheduler::hold(uint64_t skip_nanoseconds) {
    abi::KernelInfo& info = kernel().info;
    info.hold_ticks = Machine::counter();
    ++info.holds;
    program(Machine::counter() + ticks_of(skip_nanoseconds));
    Machine::hold();
}

}  // namespace kernel
