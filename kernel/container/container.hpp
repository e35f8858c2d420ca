// SPDX-License-Identifier: Apache-2.0
// Container: a domain of tasks with limits, accounts and a life cycle (abi/container.hpp).
#pragma once

#include "kernel/abi/container.hpp"
#include "kernel/abi/syscall.hpp"
#include "kernel/container/audit_log.hpp"
#include "kernel/container/bandwidth.hpp"
#include "kernel/container/event_messages.hpp"
#include "kernel/container/pressure_meter.hpp"
#include "kernel/memory/memory_domain.hpp"
#include "kernel/task/thread.hpp"

namespace kernel {

// pids.max and what counts for it. A task counts as one, or as many as it has threads.
struct PidsCounter {
    uint64_t current = 0;
    uint64_t peak = 0;
    uint64_t max = abi::unlimited;
    uint64_t refused = 0;
};

// Threads of a container and below by what they do, for pressure and weights.
struct ActivityCounts {
    uint32_t waiting = 0;  // for a CPU, or for their next period
    uint32_t running = 0;
    uint32_t stalled = 0;  // for want of memory
};

// Invariant: guarded by the Objects lock, but for what `domain` counts.
struct Container {
    static constexpr uint64_t default_period = 100'000;  // microseconds, as cgroup v2
    static constexpr uint64_t default_weight = 100;
    static constexpr uint64_t largest_weight = 10'000;

    uint32_t id = 0;
    unsigned slot = 0;  // in the table
    Container* parent = nullptr;
    uint32_t depth = 0;  // of the root: 0
    char name[abi::container_name_size] = {};
    abi::ContainerState state = abi::ContainerState::None;
    bool is_ending = false;    // nothing more will begin in it
    bool is_deleting = false;  // somebody is at it
    bool is_paused = false;
    uint32_t paused = 0;  // how many of it and those above are
    // Tasks that are not Ended, of it and below, and calls that make one.
    uint32_t live = 0;
    uint32_t descendants = 0;
    uint64_t descendants_max = abi::unlimited;
    uint64_t weight = default_weight;
    uint64_t quota = abi::unlimited;  // microseconds, as set
    uint64_t period = default_period;
    PidsCounter pids;
    MemoryDomain* domain = nullptr;  // null for the root: nobody counts there
    Bandwidth bandwidth;
    uint64_t usage = 0;            // ticks of CPU time, of it and below
    uint64_t throttled_ticks = 0;  // that its threads waited for periods, one after the other
    ActivityCounts activity;
    PressureMeter cpu_some;
    PressureMeter cpu_full;
    PressureMeter memory_some;
    PressureMeter memory_full;
    // The task of its program, loaded, then running; its first thread while it is not started.
    uint32_t process_id = 0;  // 0 once it has ended
    Thread* first = nullptr;
    abi::TaskResult result{};
    List<Thread, &Thread::queue_node> parked;  // its threads that would run if it were not paused
    EventMessages* events = nullptr;           // made when a port is first bound
    uint64_t events_posted = 0;                // told or not
    AuditLog* audit = nullptr;                 // made when it is first wanted

    [[nodiscard]] bool is_root() const { return parent == nullptr; }
    // `other` is this container or below it.
    [[nodiscard]] bool contains(const Container& other) const {
        const Container* at = &other;
        while (at != nullptr && at != this) at = at->parent;
        return at == this;
    }
    // Where calls of its threads are recorded: its own log, or that of the nearest container above
    // that has one; null: nowhere.
    [[nodiscard]] AuditLog* audit_log() const;
    // What a runnable thread of it weighs for a fair scheduler, where one outside of all
    // containers weighs `thread_weight`: siblings and threads beside them share what their parent
    // has by their weights.
    [[nodiscard]] uint32_t effective_weight() const;
    static constexpr uint32_t thread_weight = 1 << 16;

    // For effective_weight(): the sum of what runs or waits directly in it.
    uint64_t active_weight = 0;  // of children with threads that do
    uint32_t own_active = 0;     // threads
};

}  // namespace kernel
