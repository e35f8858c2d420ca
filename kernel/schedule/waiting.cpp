// SPDX-License-Identifier: Apache-2.0
// The scheduler: threads that wait, for a time or for somebody, and those kept from running.
#include "kernel/ipc/ports.hpp"
#include "kernel/kernel.hpp"

namespace kernel {

using hal::Machine;

void Scheduler::block_current(ThreadState state) {
    Thread& thread = *current();
    KERNEL_ASSERT(thread.task->state == TaskState::Alive || state == ThreadState::Ended);
    leave_current();
    const uint64_t now = this_cpu().charged_at;
    end_job(thread, now);
    this_cpu().queue.policy_of(thread).block(thread);
    leave(thread, now);
    thread.state = state;
    observe(thread.cpu, now);
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

void Scheduler::stall_current(uint64_t until) {
    Thread& thread = *current();
    sleep_current(until);
    note_activity(thread, ThreadActivity::Stalled);
}

void Scheduler::add_sleeper(Thread& thread, uint64_t until) {
    thread.wake_at = until;
    insert_sleeper(thread, Machine::cpu_index());
}

void Scheduler::insert_sleeper(Thread& thread, unsigned cpu) {
    auto& sleepers = cpus_[cpu].sleepers;
    thread.cpu = cpu;
    Thread* after = sleepers.front();
    while (after != nullptr && after->wake_at <= thread.wake_at) after = sleepers.next(*after);
    if (after == nullptr) {
        sleepers.push_back(thread);
    } else {
        sleepers.insert_before(*after, thread);
    }
}

void Scheduler::wake_sleepers(Cpu& cpu, uint64_t now) {
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
}

void Scheduler::remove_ready(Thread& thread) {
    Cpu& cpu = cpus_[thread.cpu];
    if (cpu.next == &thread) {
        cpu.next = nullptr;
    } else {
        cpu.queue.policy_of(thread).remove(thread);
    }
    const uint64_t now = Machine::counter();
    leave(thread, now);
    observe(thread.cpu, now);
}

void Scheduler::unqueue(Thread& thread) {
    end_loans();
    switch (thread.state) {
        case ThreadState::Ready: remove_ready(thread); break;
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

void Scheduler::wait_for_console() {
    Thread& thread = *current();
    block_current(ThreadState::WaitConsole);
    console_waiters_.push_back(thread);
}

void Scheduler::console_ready() {
    while (Thread* thread = console_waiters_.pop_front()) {
        boost_for_input(*thread);
        make_ready(*thread);
    }
}

}  // namespace kernel
