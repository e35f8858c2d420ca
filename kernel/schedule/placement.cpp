// SPDX-License-Identifier: Apache-2.0
// The scheduler: on which CPU a thread runs.
#include "kernel/kernel.hpp"

namespace kernel {
namespace {

// The first CPU of the mask from `first` on, going round. Precondition of both: there is one.
unsigned next_of(uint64_t mask, unsigned first) {
    const uint64_t behind = mask >> first << first;
    return static_cast<unsigned>(__builtin_ctzll(behind != 0 ? behind : mask));
}

// The fastest, and of several the first from there on.
unsigned fastest_of(uint64_t mask, unsigned first) {
    const uint32_t* capacities = kernel().machine.cpu_capacities;
    unsigned best = next_of(mask, first);
    for (uint64_t rest = mask & ~(uint64_t{1} << best); rest != 0;) {
        const unsigned cpu = next_of(rest, first);
        rest &= ~(uint64_t{1} << cpu);
        if (capacities[cpu] > capacities[best]) best = cpu;
    }
    return best;
}

}  // namespace

uint64_t Scheduler::idle_mask(uint64_t within) const {
    uint64_t mask = idling_ & within;
    for (uint64_t rest = mask; rest != 0;) {
        const unsigned cpu = next_of(rest, 0);
        rest &= ~(uint64_t{1} << cpu);
        const Cpu& at = cpus_[cpu];
        if (at.next != nullptr || !at.queue.empty()) mask &= ~(uint64_t{1} << cpu);
    }
    return mask;
}

// Isolated CPUs are for threads that may run nowhere else. Who may run only on CPUs that were taken
// out runs on any, as in Linux.
uint64_t Scheduler::usable_cpus(const Thread& thread) const {
    const uint64_t online = thread.cpu_mask & online_mask_;
    if ((online & ~isolated_mask_) != 0) return online & ~isolated_mask_;
    return online != 0 ? online : online_mask_ & ~isolated_mask_;
}

bool Scheduler::may_stay(const Thread& thread) const {
    const unsigned reserved = thread.schedule.reserved_on;
    const bool deadline = thread.schedule_class == ScheduleClass::Deadline;
    if (deadline && reserved != Reservations::none) return reserved == thread.cpu;
    return (usable_cpus(thread) >> thread.cpu & 1) != 0;
}

// The last one if it is idle, else the next; or the fastest idle one for who asks for that. no_cpu
// if none is idle.
unsigned Scheduler::idle_cpu_for(const Thread& thread, uint64_t allowed) const {
    const uint64_t idle = idle_mask(allowed);
    if (idle == 0) return no_cpu;
    const Policy& normal = cpus_[thread.cpu].queue.normal();
    const bool wants_capacity = thread.schedule_class == ScheduleClass::Normal &&
                                normal.placement(thread) == Placement::Capable;
    return wants_capacity ? fastest_of(idle, thread.cpu) : next_of(idle, thread.cpu);
}

unsigned Scheduler::choose_cpu(Thread& thread) {
    const uint64_t allowed = usable_cpus(thread);
    if (thread.schedule_class == ScheduleClass::Deadline) {
        const unsigned reserved = thread.schedule.reserved_on;
        if (reserved != Reservations::none && (online_mask_ >> reserved & 1) != 0) return reserved;
    }
    if (Energy& energy = kernel().energy; energy.tracks()) {
        const unsigned cheapest =
            energy.choose(thread, online_mask_, allowed, idle_mask(online_mask_));
        if (cheapest != no_cpu) return cheapest;
    }
    const unsigned idle = idle_cpu_for(thread, allowed);
    if (idle != no_cpu) return idle;

    // A CPU where it goes before the one that runs, else the shortest queue.
    unsigned best = no_cpu;
    for (unsigned i = 0; i < hal::max_cpus; ++i) {
        const unsigned cpu = (thread.cpu + i) % hal::max_cpus;
        if ((allowed >> cpu & 1) == 0) continue;
        const Thread* runs = cpus_[cpu].current;
        const bool first = runs != nullptr && runs->schedule_class > thread.schedule_class &&
                           !cpus_[cpu].queue.outranks(thread);
        if (first) return cpu;
        if (best == no_cpu || cpus_[cpu].queue.size() < cpus_[best].queue.size()) best = cpu;
    }
    KERNEL_ASSERT(best != no_cpu);
    return best;
}

}  // namespace kernel
