// SPDX-License-Identifier: Apache-2.0
// The scheduler: CPUs that are taken out and put in again, and how busy they all are.
#include "kernel/kernel.hpp"

namespace kernel {

using hal::Machine;

namespace {

void show_averages(const LoadMeter& meter, uint32_t (&shown)[abi::load_windows]) {
    for (unsigned i = 0; i < abi::load_windows; ++i) shown[i] = meter.average(i);
}

void note(LoadMeter& meter, bool level, uint64_t now, abi::Pressure& shown) {
    if (!meter.is_news(level ? 1 : 0, now)) return;
    if (meter.set(level ? 1 : 0, now)) show_averages(meter, shown.averages);
    shown.total = meter.integral();
}

}  // namespace

// What is shown is as of the last change of level, or at most a period and a change older.
void Scheduler::observe(unsigned index, uint64_t now) {
    Cpu& cpu = cpus_[index];
    abi::ScheduleInfo& info = kernel().info.schedule;
    const auto waiting = static_cast<uint32_t>(cpu.queue.size());
    const uint32_t running =
        (cpu.current != nullptr || cpu.next != nullptr ? 1 : 0) + (cpu.held != nullptr ? 1 : 0);
    const uint64_t bit = uint64_t{1} << index;
    waiting_mask_ = waiting != 0 ? waiting_mask_ | bit : waiting_mask_ & ~bit;
    if (cpu.load.is_news(waiting + running, now)) {
        if (cpu.load.set(waiting + running, now)) {
            show_averages(cpu.load, info.cpus[index].averages);
        }
        info.cpus[index].runnable = waiting + running;
        info.cpus[index].busy = cpu.load.integral();
    }
    note(some_, waiting_mask_ != 0, now, info.some);
    note(full_, (online_mask_ & ~waiting_mask_) == 0, now, info.full);
}

// All of it, as of now.
void Scheduler::show(unsigned index, uint64_t now) {
    observe(index, now);
    abi::ScheduleInfo& info = kernel().info.schedule;
    abi::CpuLoad& shown = info.cpus[index];
    cpus_[index].load.advance(now);
    some_.advance(now);
    full_.advance(now);
    shown.online = online_mask_ >> index & 1;
    shown.busy = cpus_[index].load.integral();
    shown.reserved_share = reservations_.reserved(index);
    show_averages(cpus_[index].load, shown.averages);
    show_averages(some_, info.some.averages);
    show_averages(full_, info.full.averages);
    info.some.total = some_.integral();
    info.full.total = full_.integral();
}

void Scheduler::read_load(abi::ScheduleInfo& result) {
    const uint64_t now = Machine::counter();
    for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) {
        if ((online_mask_ >> cpu & 1) != 0) show(cpu, now);
    }
    result = kernel().info.schedule;
}

Status Scheduler::unplug(unsigned index) {
    const LockGuard guard(lock_);
    end_loans();
    if (index >= hal::max_cpus || (online_mask_ >> index & 1) == 0) return Status::NotFound;
    // It keeps the time of holds, and devices interrupt it.
    if (index == 0) return Status::Unsupported;
    if (reservations_.reserved(index) != 0) return Status::Busy;
    online_mask_ &= ~(uint64_t{1} << index);
    kernel().info.cpus[index].online = 0;
    empty_cpu(index);
    ask_for_look(cpus_[index]);
    send_look(index);
    return Status::Ok;
}

// Sends away who waits or sleeps there. The thread that runs goes on its way out of the kernel.
void Scheduler::empty_cpu(unsigned index) {
    Cpu& cpu = cpus_[index];
    idling_ &= ~(uint64_t{1} << index);
    const uint64_t now = Machine::counter();
    while (Entity* entity = cpu.queue.take(now)) {
        Thread& thread = *static_cast<Thread*>(entity);
        leave(thread, now);
        place(thread, Arrival::Migrated);
    }
    while (Thread* thread = cpu.sleepers.pop_front()) insert_sleeper(*thread, 0);
    show(index, now);
    ask_for_look(cpus_[0]);  // its timer may be due earlier now
    send_look(0);
}

Status Scheduler::plug(unsigned index) {
    const LockGuard guard(lock_);
    Kernel& k = kernel();
    if (index >= hal::max_cpus || (started_mask_ >> index & 1) == 0) {
        return Status::NotFound;
    }
    if ((online_mask_ >> index & 1) != 0) return Status::Busy;
    online_mask_ |= uint64_t{1} << index;
    k.info.cpus[index].online = 1;
    show(index, Machine::counter());
    ask_for_look(cpus_[index]);
    send_look(index);
    return Status::Ok;
}

}  // namespace kernel
