// SPDX-License-Identifier: Apache-2.0
// flows: what led to an event and what it led to, across tracks, found when it is asked for.
//
// The trace has no flows of its own; they follow from it:
//  - a wake-up leads to the next run of the woken thread, unless that thread was on a CPU
//  meanwhile;
//  - a wake-up was caused by the interrupt that was being served on its CPU, or else by the system
//    call that the waker was in;
//  - a system call leads to the switch away from its thread when the thread went to sleep in it.
// Messages between threads are not known, for the kernel's records do not tell of them.
#pragma once

#include <cstdint>
#include <vector>

#include "gui/trace/trace_store.hpp"

namespace inspector {

enum class FlowKind : uint8_t {
    WakeToRun,
    InterruptToWake,
    SystemCallToWake,
    SystemCallToSwitch,  // from the call to the run on the CPU that it ended
};

struct Flow {
    FlowKind kind = FlowKind::WakeToRun;
    EventRef from;
    uint64_t from_time = 0;
    EventRef to;
    uint64_t to_time = 0;

    bool operator==(const Flow&) const = default;
};

// So many flows of one event are found at most.
constexpr size_t most_flows = 256;

// The flows of a run (of a CPU or a thread), a wake-up (of either), an interrupt or a system call,
// in the order of time; none of anything else. Runs are told of on the CPU's track, wake-ups on the
// woken thread's.
[[nodiscard]] std::vector<Flow> flows_of(const TraceStore& store, const EventRef& ref);

}  // namespace inspector
