// SPDX-License-Identifier: Apache-2.0
// The scheduler: from one thread to the next without the queues, for calls that are answered on the
// same CPU.
//
// Lazy scheduling, after Liedtke ("Improving IPC by Kernel Design", SOSP 1993, 5.3.4), by loans:
// the thread that is called runs in the turn of the one that calls. For the policies the caller
// goes on running, and nothing is told to them while the call is answered before its turn is over,
// or another one of the same chain of calls is made. Anything else that looks at who is a member
// ends the loan first: the caller leaves its policy, and who runs joins. Only equals borrow, so
// nobody runs with less or more than lend() would give; what is borrowed is charged to the caller.
//
// In a loan whoever answers a call answers one of the chain that begins with the payer: nobody has
// waited for anything else since it began. A duty to answer that is given away (ReplySave) only
// breaks the chain; whoever fulfils it makes the caller ready, which ends the loan.
#include "kernel/container/container.hpp"
#include "kernel/kernel.hpp"
#include "kernel/schedule/scheduler.hpp"

namespace kernel {

using abi::TraceType;
using hal::Machine;

// Containers and energy keep books of each thread's own time.
bool Scheduler::may_borrow(const Thread& payer, const Thread& to) const {
    const unsigned self = Machine::cpu_index();
    return payer.schedule_class == to.schedule_class && payer.priority == to.priority &&
           payer.weight == to.weight && to.schedule_class != ScheduleClass::Deadline &&
           (to.cpu_mask >> self & 1) != 0 && (isolated_mask_ >> self & 1) == 0 &&
           payer.task->container.is_root() && to.task->container.is_root() &&
           !kernel().energy.tracks();
}

// All of the short way in one piece, as each call of a function that makes a frame costs a
// Cortex-A55 some 20 cycles.
[[gnu::flatten]] void Scheduler::switch_to(Thread& to, ThreadState state, Direction direction) {
    Cpu& cpu = this_cpu();
    const uint64_t bit = uint64_t{1} << Machine::cpu_index();
    if (direction == Direction::Call) {
        Thread& payer = cpu.payer != nullptr ? *cpu.payer : *cpu.current;
        if (may_borrow(payer, to)) {
            cpu.payer = &payer;
            loans_ |= bit;
            return run_in_turn(to, state);
        }
        lend(*cpu.current, to);
    } else if (cpu.payer != nullptr) {
        if (cpu.payer == &to) {
            cpu.payer = nullptr;
            loans_ &= ~bit;
        }
        return run_in_turn(to, state);
    }
    block_current(state);
    hand_over(to);
}

void Scheduler::load(Thread& thread) {
    const unsigned index = Machine::cpu_index();
    Kernel& k = kernel();
    thread.task->space.activate();
    Machine::vector_restore(thread.vectors);
    k.info.cpus[index].thread = thread.id;
    ++k.info.cpus[index].context_switches;
    k.info.tasks[thread.task->slot].cpu_mask |= 1ULL << index;
    trace_switch(thread.id);
}

void Scheduler::begin_run(Thread& thread) {
    load(thread);
    Kernel& k = kernel();
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

// What dispatch() and leave_current() do, but for what policies and timers are to know. There is no
// moment without an address space, as the lock is held.
void Scheduler::run_in_turn(Thread& to, ThreadState state) {
    const unsigned self = Machine::cpu_index();
    Cpu& cpu = cpus_[self];
    Kernel& k = kernel();
    Thread& from = *cpu.current;
    Machine::vector_save(from.vectors);
    const uint64_t now = Machine::counter();
    const uint64_t ticks = now - cpu.current_since;
    k.info.tasks[from.task->slot].cpu_ticks += ticks;
    k.info.cpus[self].user_ticks += ticks;
    from.state = state;
    cpu.current = &to;
    cpu.current_since = now;
    to.state = ThreadState::Running;
    to.cpu = self;
    ++to.schedule.figures.switches;
    k.trace.put(TraceType::ThreadWake, from.id, to.id, self);
    begin_run(to);
}

void Scheduler::end_loan(unsigned index) {
    Cpu& cpu = cpus_[index];
    Thread& payer = *cpu.payer;
    Thread& runner = *cpu.current;
    const uint64_t now = Machine::counter();
    charge(cpu, now);
    cpu.payer = nullptr;
    loans_ &= ~(uint64_t{1} << index);
    cpu.queue.policy_of(payer).block(payer);
    leave(payer, now);
    join(runner, index, now, Arrival::Woken);
    cpu.queue.policy_of(runner).start(runner);
    // Down to who runs, or to somebody who has given the duty to answer away.
    Thread* waits = &payer;
    while (Thread* const answers = waits->messages.answered_by) {
        lend(*waits, *answers);
        waits = answers;
    }
}

}  // namespace kernel
