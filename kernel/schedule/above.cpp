// SPDX-License-Identifier: Apache-2.0
// The scheduler: threads that run above kernel code, so that who is urgent does not wait for the
// end of a long call.
//
// A blocked call has no stack of its own, so a call is not left in the middle for any other thread:
// it goes on as soon as those above it, which go before it by their class, leave it the CPU. That
// is the order in which they would run anyway, and one stack is enough for it.
#include "kernel/kernel.hpp"

namespace kernel {

using hal::Machine;

void Scheduler::let_others_run_above() {
    Cpu& cpu = this_cpu();
    if (!preempts_kernel_ || cpu.is_above || cpu.kept != 0) return;
    if (cpu.has_work.load(std::memory_order_relaxed) == 0) return;
    Thread* const held = cpu.current;
    {
        const LockGuard guard(lock_);
        if (!cpu.queue.has_above(held != nullptr ? held->schedule_class : ScheduleClass::Normal)) {
            return;
        }
        if (held != nullptr) {
            leave_current();
            note_activity(*held, ThreadActivity::Waiting);
            ++held->schedule.figures.preemptions;
            held->schedule.figures.ready_since = cpu.charged_at;
        }
        cpu.held = held;
        cpu.is_above = true;
    }
    if (hal::UserFrame* const frame = run_next()) Machine::run_above(*frame);
    const LockGuard guard(lock_);
    cpu.is_above = false;
    cpu.held = nullptr;
    if (held != nullptr) put_back(held);
    cpu.has_work.store(1, std::memory_order_relaxed);
}

// It goes on in the kernel, and on its way out looks whether its turn is over.
void Scheduler::put_back(Thread* held) {
    Cpu& cpu = this_cpu();
    KERNEL_ASSERT(cpu.current == nullptr && held->state == ThreadState::Running);
    cpu.current = held;
    cpu.current_since = Machine::counter();
    cpu.charged_at = cpu.current_since;
    cpu.slice_end = cpu.current_since;
    held->slice = 0;  // what its containers had given it for was settled when it was held
    ScheduleFigures& figures = held->schedule.figures;
    const uint64_t waited = cpu.current_since - figures.ready_since;
    figures.waited += waited;
    if (waited > figures.longest_wait) figures.longest_wait = waited;
    kernel().energy.begin(*held, cpu.current_since);
    note_activity(*held, ThreadActivity::Running);
    load(*held);
    observe(held->cpu, cpu.current_since);
    ask_for_look(cpu);
}

}  // namespace kernel
