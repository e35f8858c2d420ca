// SPDX-License-Identifier: Apache-2.0
// The scheduler: CPUs that are taken out and put in again, and how busy they all are.
#include "kernel/kernel.hpp"

namespace kernel {

using hal::Machine;

namespace {

// Whether that is worth being shown.
bool note(LoadMeter& meter, uint32_t level, uint64_t now) {
    if (!meter.is_news(level, now)) return false;
    meter.set(level, now);
    return true;
}

}  // namespace

void Scheduler::observe(unsigned index, uint64_t now) {
    Cpu& cpu = cpus_[index];
    const auto waiting = static_cast<uint32_t>(cpu.queue.size());
    const uint32_t running = cpu.current != nullptr || cpu.next != nullptr ? 1 : 0;
    const uint64_t bit = uint64_t{1} << index;
    waiting_mask_ = waiting != 0 ? waiting_mask_ | bit : waiting_mask_ & ~bit;
    const bool load = note(cpu.load, waiting + running, now);
    const bool some = note(some_, waiting_mask_ != 0 ? 1 : 0, now);
    const bool full = note(full_, (online_mask_ & ~waiting_mask_) == 0 ? 1 : 0, now);
    if (load || some || full) show(index);
}

void Scheduler::show(unsigned index) {
    abi::ScheduleInfo& info = kernel().info.schedule;
    abi::CpuLoad& shown = info.cpus[index];
    const LoadMeter& load = cpus_[index].load;
    shown.online = online_mask_ >> index & 1;
    shown.runnable = load.level();
    shown.busy = load.integral();
    shown.reserved_share = reservations_.reserved(index);
    for (unsigned i = 0; i < abi::load_windows; ++i) {
        shown.averages[i] = load.average(i);
        info.some.averages[i] = some_.average(i);
        info.full.averages[i] = full_.average(i);
    }
    info.some.total = some_.integral();
    info.full.total = full_.integral();
}

void Scheduler::read_load(abi::ScheduleInfo& result) {
    const uint64_t now = Machine::counter();
    for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) {
        if ((online_mask_ >> cpu & 1) == 0) continue;
        for (LoadMeter* meter : {&cpus_[cpu].load, &some_, &full_}) meter->advance(now);
        show(cpu);
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
    observe(index, now);
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
    observe(index, Machine::counter());
    ask_for_look(cpus_[index]);
    send_look(index);
    return Status::Ok;
}

}  // namespace kernel
