// SPDX-License-Identifier: Apache-2.0
// The scheduler.
#include "kernel/schedule/scheduler.hpp"

#include "kernel/ipc/ports.hpp"
#include "kernel/kernel.hpp"
#include "kernel/trap/interrupts.hpp"

namespace kernel {

using abi::TraceType;
using hal::Machine;

void Scheduler::cpu_online() {
    {
        const LockGuard guard(lock_);
        const unsigned cpu = Machine::cpu_index();
        online_mask_ |= 1ULL << cpu;
        kernel().info.cpus[cpu].online = 1;
        kernel().trace.put(TraceType::CpuOnline, 0, cpu);
    }
    // A rendezvous that is on knows nothing of this CPU; a later one does.
    kernel().rendezvous.stop_if_asked();
}

unsigned Scheduler::choose_cpu(Thread& thread) const {
    const uint64_t allowed = thread.cpu_mask & online_mask_;
    if (Energy& energy = kernel().energy; energy.tracks()) {
        const unsigned cheapest = energy.choose(thread, online_mask_, allowed, idle_mask());
        if (cheapest != no_cpu) return cheapest;
    }
    const auto free = [&](unsigned cpu) {
        return (allowed >> cpu & 1) != 0 && cpus_[cpu].idle && cpus_[cpu].queue.empty();
    };
    if (free(thread.cpu)) return thread.cpu;
    unsigned best = hal::max_cpus;
    for (unsigned i = 0; i < hal::max_cpus; ++i) {
        const unsigned cpu = (thread.cpu + i) % hal::max_cpus;
        if ((allowed >> cpu & 1) == 0) continue;
        if (free(cpu)) return cpu;
        const bool better =
            best == hal::max_cpus || cpus_[cpu].queue.size() < cpus_[best].queue.size();
        if (better) best = cpu;
    }
    KERNEL_ASSERT(best != hal::max_cpus);
    return best;
}

void Scheduler::note_activity(Thread& thread, ThreadActivity activity) {
    Container& container = thread.task->container;
    if (container.is_root()) return;
    kernel().containers.set_activity(thread, container, activity, Machine::counter());
}

void Scheduler::make_ready(Thread& thread) {
    if (thread.suspensions != 0) {
        thread.state = ThreadState::Suspended;
        return;
    }
    const unsigned target = choose_cpu(thread);
    thread.state = ThreadState::Ready;
    note_activity(thread, ThreadActivity::Waiting);
    thread.cpu = target;
    Cpu& cpu = cpus_[target];
    cpu.queue.push(thread);
    kernel().energy.placed(thread, target);
    const Thread* waker = current();
    kernel().trace.put(TraceType::ThreadWake, waker != nullptr ? waker->id : 0, thread.id, target);
    if (cpu.idle && target != Machine::cpu_index()) {
        kernel().interrupts.send(target, reschedule_interrupt);
    }
}

// Once the lock is released another CPU may run the thread or end its task, so everything of it
// must have left this CPU: vector registers, and the address space.
void Scheduler::leave_current() {
    Cpu& cpu = this_cpu();
    Thread& thread = *cpu.current;
    Machine::vector_save(thread.vectors);
    Machine::clear_user_space();
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
    info.thread = 0;
    cpu.current = nullptr;
    cpu.reschedule = false;
    cpu.has_work.store(1, std::memory_order_relaxed);
}

void Scheduler::block_current(ThreadState state) {
    Thread& thread = *current();
    KERNEL_ASSERT(thread.task->state == TaskState::Alive || state == ThreadState::Ended);
    leave_current();
    thread.state = state;
}

void Scheduler::sleep_current(uint64_t until) {
    Thread& thread = *current();
    block_current(ThreadState::Sleeping);
    add_sleeper(thread, until);
}

void Scheduler::block_current_until(ThreadState state, uint64_t until) {
    Thread& thread = *current();
    block_current(state);
    if (until == no_deadline) return;
    thread.timed = true;
    add_sleeper(thread, until);
}

void Scheduler::forget_deadline(Thread& thread) {
    cpus_[thread.cpu].sleepers.remove(thread);
    thread.timed = false;
}

void Scheduler::hand_over(Thread& to) {
    const unsigned self = Machine::cpu_index();
    Cpu& cpu = cpus_[self];
    const bool fits = (to.cpu_mask >> self & 1) != 0 && to.suspensions == 0;
    if (!fits || cpu.handed != nullptr) return make_ready(to);
    to.state = ThreadState::Ready;
    note_activity(to, ThreadActivity::Waiting);
    to.cpu = self;
    cpu.handed = &to;
    kernel().trace.put(TraceType::ThreadWake, 0, to.id, self);
}

void Scheduler::stall_current(uint64_t until) {
    Thread& thread = *current();
    sleep_current(until);
    note_activity(thread, ThreadActivity::Stalled);
}

void Scheduler::add_sleeper(Thread& thread, uint64_t until) {
    Cpu& cpu = this_cpu();
    thread.wake_at = until;
    Thread* after = cpu.sleepers.front();
    while (after != nullptr && after->wake_at <= until) after = cpu.sleepers.next(*after);
    if (after == nullptr) {
        cpu.sleepers.push_back(thread);
    } else {
        cpu.sleepers.insert_before(*after, thread);
    }
}

void Scheduler::unqueue(Thread& thread) {
    switch (thread.state) {
        case ThreadState::Ready:
            if (cpus_[thread.cpu].handed == &thread) {
                cpus_[thread.cpu].handed = nullptr;
            } else {
                cpus_[thread.cpu].queue.remove(thread);
            }
            break;
        case ThreadState::WaitMessage:
        case ThreadState::WaitReply:
        case ThreadState::WaitRoom:
        case ThreadState::WaitFutex: stop_waiting(thread); break;
        case ThreadState::Throttled:
        case ThreadState::Sleeping: cpus_[thread.cpu].sleepers.remove(thread); break;
        case ThreadState::WaitConsole: console_waiters_.remove(thread); break;
        case ThreadState::Frozen: thread.task->container.parked.remove(thread); break;
        default: break;
    }
    note_activity(thread, ThreadActivity::None);
}

bool Scheduler::prod_container(const Container& container) {
    bool runs = false;
    for (const Cpu& cpu : cpus_) {
        if (cpu.current == nullptr || !container.contains(cpu.current->task->container)) continue;
        prod(*cpu.current);
        runs = true;
    }
    return runs;
}

void Scheduler::suspend(Thread& thread) {
    ++thread.suspensions;
    if (thread.state == ThreadState::Running) return prod(thread);
    if (thread.state != ThreadState::Ready) return;
    unqueue(thread);
    thread.state = ThreadState::Suspended;
}

void Scheduler::resume(Thread& thread) {
    --thread.suspensions;
    if (thread.suspensions == 0 && thread.state == ThreadState::Suspended) make_ready(thread);
}

void Scheduler::prod(const Thread& thread) {
    ask_for_look(cpus_[thread.cpu]);
    if (thread.cpu != Machine::cpu_index()) {
        kernel().interrupts.send(thread.cpu, reschedule_interrupt);
    }
}

void Scheduler::yield_current() {
    ask_for_look(this_cpu());
}

void Scheduler::wait_for_console() {
    Thread& thread = *current();
    block_current(ThreadState::WaitConsole);
    console_waiters_.push_back(thread);
}

void Scheduler::console_ready() {
    while (Thread* thread = console_waiters_.pop_front()) make_ready(*thread);
}

void Scheduler::on_timer() {
    const LockGuard guard(lock_);
    Cpu& cpu = this_cpu();
    const uint64_t now = Machine::counter();
    cpu.deadline = no_deadline;
    cpu.has_work.store(1, std::memory_order_relaxed);
    Machine::clear_deadline();
    while (Thread* thread = cpu.sleepers.front()) {
        if (thread->wake_at > now) break;
        cpu.sleepers.remove(*thread);
        if (thread->timed) {
            thread->timed = false;
            end_wait(*thread, abi::Status::TimedOut);
        } else {
            make_ready(*thread);
        }
    }
    if (cpu.current != nullptr && now >= cpu.slice_end) cpu.reschedule = true;
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
    const auto online = [this] {
        const LockGuard guard(lock_);
        return online_mask_;
    };
    k.rendezvous.stop_others(online,
                             [&k](unsigned cpu) { k.interrupts.send(cpu, reschedule_interrupt); });
}

void Scheduler::wake_idle_cpu() {
    const LockGuard guard(lock_);
    const uint64_t idle = idle_mask();
    if (idle == 0) return;
    kernel().interrupts.send(static_cast<unsigned>(__builtin_ctzll(idle)), reschedule_interrupt);
}

void Scheduler::stop_others() {
    for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) {
        if (cpu == Machine::cpu_index() || (online_mask_ >> cpu & 1) == 0) continue;
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
    cpu.idle = false;
    cpu.reschedule = false;
    cpu.current_since = Machine::counter();
    const bool lent = cpu.lent;
    cpu.lent = false;
    if (!lent || cpu.slice_end <= cpu.current_since) {
        cpu.slice_end = cpu.current_since + thread.slice;
    }
    k.energy.begin(thread, cpu.current_since);
    note_activity(thread, ThreadActivity::Running);
    thread.task->space.activate();
    Machine::vector_restore(thread.vectors);
    k.info.cpus[index].thread = thread.id;
    ++k.info.cpus[index].context_switches;
    k.info.tasks[thread.task->slot].cpu_mask |= 1ULL << index;
    trace_switch(thread.id);
    if (thread.call != 0 && !thread.repeats) {
        // Back from a system call that waited.
        k.trace.put(TraceType::SystemCallExit, thread.id, thread.call - 1, thread.frame.x[0]);
        thread.call = 0;
    }
}

void Scheduler::trace_switch(uint32_t thread) {
    uint32_t& before = this_cpu().traced;
    if (before != thread) kernel().trace.put(TraceType::ThreadSwitch, thread, before);
    before = thread;
}

uint64_t Scheduler::idle_mask() const {
    uint64_t mask = 0;
    for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) {
        if (cpus_[cpu].idle && cpus_[cpu].queue.empty()) mask |= 1ULL << cpu;
    }
    return mask;
}

Thread* Scheduler::pick() {
    const unsigned self = Machine::cpu_index();
    if (Thread* handed = cpus_[self].handed) {
        cpus_[self].handed = nullptr;
        cpus_[self].lent = true;
        return handed;
    }
    if (Thread* own = cpus_[self].queue.pop()) return own;
    for (unsigned i = 1; i < hal::max_cpus; ++i) {
        if (Thread* other = cpus_[(self + i) % hal::max_cpus].queue.steal_for(self)) return other;
    }
    return nullptr;
}

bool Scheduler::admit(Thread& thread) {
    Container& container = thread.task->container;
    thread.slice = ticks_of(slice_nanoseconds);
    if (container.is_root()) return true;
    if (container.paused != 0) {
        note_activity(thread, ThreadActivity::None);
        thread.state = ThreadState::Frozen;
        container.parked.push_back(thread);
        return false;
    }
    Kernel& k = kernel();
    const uint64_t now = Machine::counter();
    uint64_t until = 0;
    thread.slice = k.containers.take_time(container, thread.slice, now, until);
    if (thread.slice != 0) return true;
    k.trace.put(TraceType::ContainerThrottle, thread.id, container.id, nanoseconds_of(until - now));
    note_activity(thread, ThreadActivity::Waiting);
    thread.state = ThreadState::Throttled;
    thread.cpu = Machine::cpu_index();
    add_sleeper(thread, until);
    return false;
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
        return kernel().tasks.thread_ended(thread);
    }
    if (thread.suspensions != 0) {
        leave_current();
        thread.state = ThreadState::Suspended;
        return nullptr;
    }
    if (!cpu.reschedule) return nullptr;
    cpu.reschedule = false;
    Energy& energy = kernel().energy;
    const uint64_t now = Machine::counter();
    energy.go_on(thread, now);
    const bool is_alone = cpu.queue.empty() && !energy.should_move(thread, idle_mask());
    if (is_alone && thread.task->container.is_root()) {
        cpu.slice_end = now + ticks_of(slice_nanoseconds);
        return nullptr;
    }
    leave_current();
    if (!is_alone && (idle_mask() & thread.cpu_mask) != 0) {
        make_ready(thread);  // another CPU has nothing better to do
    } else {
        thread.state = ThreadState::Ready;
        note_activity(thread, ThreadActivity::Waiting);
        cpu.queue.push(thread);
    }
    return nullptr;
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
                } else {
                    trace_switch(0);
                    cpu.idle = true;
                    kernel().energy.idle(Machine::counter());
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
        program(deadline);
        if (cpu.current != nullptr) return &cpu.current->frame;
        idle();
    }
}

void Scheduler::idle() {
    kernel().frames.show_changes();
    kernel().heap.quiet();
    const uint64_t begin = Machine::counter();
    // Work in the background is done instead of waiting, a step at a time.
    if (!kernel().memory.reclaim().work_in_background()) Machine::wait_for_interrupt();
    kernel().info.cpus[Machine::cpu_index()].idle_ticks += Machine::counter() - begin;
    take_interrupts();
}

// The earliest of: end of the slice, first sleeper, and on the boot CPU the next hold.
uint64_t Scheduler::next_deadline() {
    Cpu& cpu = this_cpu();
    uint64_t deadline = no_deadline;
    deadline = cpu.current != nullptr ? cpu.slice_end : kernel().energy.next_review();
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
    if (!k.holds_wanted) return;
    const bool due =
        Machine::cpu_index() == 0 && k.info.hold_at != 0 && Machine::counter() >= k.info.hold_at;
    if (!due && !k.trace.needs_reader()) return;
    if (due) k.info.hold_at = 0;
    // A machine that skips idle time may still do so between the breakpoint and its stop (QEMU with
    // -icount sleep=off does): without a deadline here it has nowhere to skip to. An expired one
    // would be worse, as QEMU then sees the next one at the end of time.
    program(no_deadline);
    k.frames.show_changes();
    k.heap.show(true);
    k.info.hold_ticks = Machine::counter();
    ++k.info.holds;
    Machine::hold();
}

}  // namespace kernel
