// SPDX-License-Identifier: Apache-2.0
// Containers: limits and accounts.
#include "hal/machine.hpp"
#include "kernel/base/text.hpp"
#include "kernel/container/containers.hpp"

namespace kernel {

using abi::ContainerLimit;
using hal::Machine;

namespace {

constexpr uint64_t second = 1'000'000;  // microseconds
constexpr uint64_t least_time = 1'000;
// CPU time that a CPU takes at a time of what a quota gives: short, as others take too (modelled;
// Linux: sched_cfs_bandwidth_slice_us, 5 ms).
constexpr uint64_t slice_time = 1'000;

uint64_t ticks_of_microseconds(uint64_t time) {
    const uint64_t frequency = Machine::counter_frequency();
    return time / second * frequency + time % second * frequency / second;
}

uint64_t microseconds_of_ticks(uint64_t ticks) {
    const uint64_t frequency = Machine::counter_frequency();
    return ticks / frequency * second + ticks % frequency * second / frequency;
}

uint64_t to_frames(uint64_t bytes) {
    return bytes == abi::unlimited ? bytes : bytes / hal::page_size;
}

uint64_t to_bytes(uint64_t frames) {
    return frames > abi::unlimited / hal::page_size ? abi::unlimited : frames * hal::page_size;
}

bool runs_or_waits(ThreadActivity activity) {
    return activity == ThreadActivity::Waiting || activity == ThreadActivity::Running;
}

uint32_t* counter_of(ActivityCounts& counts, ThreadActivity activity) {
    switch (activity) {
        case ThreadActivity::Waiting: return &counts.waiting;
        case ThreadActivity::Running: return &counts.running;
        case ThreadActivity::Stalled: return &counts.stalled;
        case ThreadActivity::None: break;
    }
    return nullptr;
}

uint32_t active_of(const ActivityCounts& counts) {
    return counts.waiting + counts.running;
}

// What waits and what stalls (Documentation/accounting/psi.rst: some, full).
void meter(Container& container, uint64_t now) {
    const ActivityCounts& counts = container.activity;
    container.cpu_some.set(now, counts.waiting != 0);
    container.cpu_full.set(now, counts.waiting != 0 && counts.running == 0);
    container.memory_some.set(now, counts.stalled != 0);
    container.memory_full.set(now, counts.stalled != 0 && active_of(counts) == 0);
}

// By itself: the host's code of its caller has no register to spare for it. Precondition: not the
// root.
[[gnu::noinline]] void count_change(Container& container, ThreadActivity before,
                                    ThreadActivity after) {
    const bool was_active = active_of(container.activity) != 0;
    if (uint32_t* counter = counter_of(container.activity, before)) --*counter;
    if (uint32_t* counter = counter_of(container.activity, after)) ++*counter;
    const bool is_active = active_of(container.activity) != 0;
    if (is_active && !was_active) container.parent->active_weight += container.weight;
    if (!is_active && was_active) container.parent->active_weight -= container.weight;
}

}  // namespace

Status Containers::check_limit(ContainerLimit limit, uint64_t value) {
    const auto within = [value](uint64_t least, uint64_t most) {
        return value >= least && value <= most ? Status::Ok : Status::InvalidArgument;
    };
    switch (limit) {
        case ContainerLimit::MemoryMax:
        case ContainerLimit::MemoryHigh:
        case ContainerLimit::SwapMax:
        case ContainerLimit::PidsMax:
        case ContainerLimit::DescendantsMax: return Status::Ok;
        case ContainerLimit::CpuQuota:
            return value == abi::unlimited ? Status::Ok : within(least_time, 1000 * second);
        case ContainerLimit::CpuPeriod: return within(least_time, second);
        case ContainerLimit::CpuWeight: return within(1, Container::largest_weight);
    }
    return Status::InvalidArgument;
}

void Containers::set_limit(Container& container, ContainerLimit limit, uint64_t value) {
    switch (limit) {
        case ContainerLimit::MemoryMax: container.domain->memory().set_max(to_frames(value)); break;
        case ContainerLimit::MemoryHigh: container.domain->set_high(to_frames(value)); break;
        case ContainerLimit::SwapMax: container.domain->swap().set_max(to_frames(value)); break;
        case ContainerLimit::CpuQuota:
            container.quota = value;
            set_bandwidth(container);
            break;
        case ContainerLimit::CpuPeriod:
            container.period = value;
            set_bandwidth(container);
            break;
        case ContainerLimit::CpuWeight:
            if (active_of(container.activity) != 0) {
                container.parent->active_weight += value - container.weight;
            }
            container.weight = value;
            break;
        case ContainerLimit::PidsMax: container.pids.max = value; break;
        case ContainerLimit::DescendantsMax: container.descendants_max = value; break;
    }
    show(container);
}

void Containers::set_bandwidth(Container& container) {
    const bool limited = container.quota != abi::unlimited;
    container.bandwidth.set(Machine::counter(),
                            limited ? ticks_of_microseconds(container.quota) : Bandwidth::no_quota,
                            ticks_of_microseconds(container.period));
}

Status Containers::charge_pid(Container& container) {
    for (Container* at = &container; at != nullptr; at = at->parent) {
        if (at->pids.current < at->pids.max) continue;
        ++at->pids.refused;
        return Status::LimitReached;
    }
    for (Container* at = &container; at != nullptr; at = at->parent) {
        PidsCounter& pids = at->pids;
        if (++pids.current > pids.peak) pids.peak = pids.current;
        show(*at);
    }
    return Status::Ok;
}

void Containers::discharge_pid(Container& container) {
    for (Container* at = &container; at != nullptr; at = at->parent) {
        --at->pids.current;
        show(*at);
    }
}

void Containers::set_activity(Thread& thread, Container& container, ThreadActivity activity,
                              uint64_t now) {
    const ThreadActivity before = thread.activity;
    if (before == activity) return;
    thread.activity = activity;
    if (runs_or_waits(before)) --container.own_active;
    if (runs_or_waits(activity)) ++container.own_active;
    for (Container* at = &container; !at->is_root(); at = at->parent) {
        count_change(*at, before, activity);
        meter(*at, now);
    }
}

void Containers::charge_time(Container& container, uint64_t taken, uint64_t used) {
    for (Container* at = &container; !at->is_root(); at = at->parent) {
        at->usage += used;
        at->bandwidth.settle(taken, used);
        show(*at);
    }
}

uint64_t Containers::take_time(Container& container, uint64_t wanted, uint64_t now,
                               uint64_t& until) {
    const uint64_t most = ticks_of_microseconds(slice_time);
    uint64_t slice = wanted;
    until = 0;
    for (Container* at = &container; !at->is_root(); at = at->parent) {
        if (!at->bandwidth.is_limited()) continue;
        const uint64_t available = at->bandwidth.available(now);
        if (slice > most) slice = most;
        if (available < slice) slice = available;
        if (available != 0) continue;
        if (at->bandwidth.note_throttled())
            at->throttled_ticks += at->bandwidth.next_period() - now;
        if (at->bandwidth.next_period() > until) until = at->bandwidth.next_period();
    }
    if (until != 0) return 0;
    for (Container* at = &container; !at->is_root(); at = at->parent) {
        if (at->bandwidth.is_limited()) at->bandwidth.take(slice);
    }
    return slice;
}

// Shares as in a tree of queues: a container has the part of its parent's that its weight is of
// the weights that are active there; threads directly in it count as default_weight each.
uint32_t Container::effective_weight() const {
    if (is_root()) return thread_weight;
    constexpr uint64_t scale = uint64_t{thread_weight} / default_weight;
    const auto parts = [](const Container& of) {
        const uint64_t sum = of.active_weight + default_weight * of.own_active;
        return sum != 0 ? sum : 1;
    };
    // From the top: each step divides what the container has among its parts.
    const Container* path[abi::max_container_depth];
    unsigned length = 0;
    for (const Container* at = this; !at->is_root(); at = at->parent) path[length++] = at;
    uint64_t share = path[length - 1]->weight * scale;
    for (unsigned i = length - 1; i-- > 0;) {
        share = share * path[i]->weight / parts(*path[i + 1]);
    }
    share = share * default_weight / (own_active != 0 ? parts(*this) : default_weight);
    if (share == 0) return 1;
    return share < UINT32_MAX ? static_cast<uint32_t>(share) : UINT32_MAX;
}

void Containers::read(Container& container, abi::ContainerStatistics& statistics) {
    const uint64_t now = Machine::counter();
    const PressureMeter::Scale scale{Machine::counter_frequency()};
    abi::ContainerStatistics s{};
    s.id = container.id;
    s.parent = container.is_root() ? 0 : container.parent->id;
    s.state = container.state;
    s.paused = container.paused != 0 ? 1 : 0;
    s.process = container.process_id;
    s.exit_code = container.result.exit_code;
    s.end_reason = static_cast<uint32_t>(container.result.reason);
    s.descendants = container.descendants;
    s.tasks = container.live;
    s.pids_current = container.pids.current;
    s.pids_peak = container.pids.peak;
    s.pids_events_max = container.pids.refused;
    for (uint64_t& limit : s.limits) limit = abi::unlimited;
    const auto limit = [&s](ContainerLimit which) -> uint64_t& {
        return s.limits[static_cast<uint32_t>(which)];
    };
    limit(ContainerLimit::CpuQuota) = container.quota;
    limit(ContainerLimit::CpuPeriod) = container.period;
    limit(ContainerLimit::CpuWeight) = container.weight;
    limit(ContainerLimit::PidsMax) = container.pids.max;
    limit(ContainerLimit::DescendantsMax) = container.descendants_max;
    if (const MemoryDomain* domain = container.domain) {
        limit(ContainerLimit::MemoryMax) = to_bytes(domain->memory().max());
        limit(ContainerLimit::MemoryHigh) = to_bytes(domain->high());
        limit(ContainerLimit::SwapMax) = to_bytes(domain->swap().max());
        s.memory_current = to_bytes(domain->memory().current());
        s.memory_peak = to_bytes(domain->memory().peak());
        s.swap_current = to_bytes(domain->swap().current());
        s.memory_events_high = domain->events().high.load(std::memory_order_relaxed);
        s.memory_events_max = domain->events().max.load(std::memory_order_relaxed);
        s.memory_events_oom = domain->events().oom.load(std::memory_order_relaxed);
        s.memory_events_oom_kill = domain->events().oom_kill.load(std::memory_order_relaxed);
    }
    s.cpu_usage = microseconds_of_ticks(container.usage);
    s.cpu_periods = container.bandwidth.periods();
    s.cpu_periods_throttled = container.bandwidth.periods_throttled();
    s.cpu_throttled = microseconds_of_ticks(container.throttled_ticks);
    s.cpu_some = container.cpu_some.figures(now, scale);
    s.cpu_full = container.cpu_full.figures(now, scale);
    s.memory_some = container.memory_some.figures(now, scale);
    s.memory_full = container.memory_full.figures(now, scale);
    statistics = s;
}

void Containers::show(Container& container) {
    abi::ContainerInfo& info = shown_[container.slot];
    if (info.id != container.id) {
        info = abi::ContainerInfo{};
        copy_text(info.name, container.name);
        info.parent = container.is_root() ? 0 : container.parent->id;
        info.depth = container.depth;
        info.id = container.id;
    }
    info.state = container.state;
    info.paused = container.paused != 0 ? 1 : 0;
    info.tasks = container.live;
    info.pids_current = container.pids.current;
    info.pids_max = container.pids.max;
    info.cpu_usage_ticks = container.usage;
    info.cpu_periods_throttled = container.bandwidth.periods_throttled();
    info.events = container.events_posted;
    if (const MemoryDomain* domain = container.domain) {
        info.memory_current = to_bytes(domain->memory().current());
        info.memory_peak = to_bytes(domain->memory().peak());
        info.memory_max = to_bytes(domain->memory().max());
        info.out_of_memory_ends = domain->events().oom_kill.load(std::memory_order_relaxed);
    }
}

}  // namespace kernel
