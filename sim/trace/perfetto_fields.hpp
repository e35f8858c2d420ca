// SPDX-License-Identifier: Apache-2.0
// Field numbers of the Perfetto trace format that the writer uses, one enum per message. Each says
// which file of the public schema (protos/perfetto/trace/) it is taken from.
#pragma once

#include <protozero/types.hpp>

namespace orrery::trace::perfetto {

// trace.proto
enum class Trace : protozero::pbf_tag_type { packet = 1 };

// trace_packet.proto
enum class TracePacket : protozero::pbf_tag_type {
    ftrace_events = 1,                // FtraceEventBundle
    process_tree = 2,                 // ProcessTree
    clock_snapshot = 6,               // ClockSnapshot
    timestamp = 8,                    // uint64
    trusted_packet_sequence_id = 10,  // uint32
    track_event = 11,                 // TrackEvent
    interned_data = 12,               // InternedData
    sequence_flags = 13,              // uint32, SequenceFlags
    trace_packet_defaults = 59,       // TracePacketDefaults
    track_descriptor = 60,            // TrackDescriptor
    first_packet_on_sequence = 87,    // bool
};

// trace_packet.proto, TracePacket.SequenceFlags
constexpr uint32_t incremental_state_cleared = 1;
constexpr uint32_t needs_incremental_state = 2;

// trace_packet_defaults.proto
enum class TracePacketDefaults : protozero::pbf_tag_type { timestamp_clock_id = 58 };

// clock_snapshot.proto
enum class ClockSnapshot : protozero::pbf_tag_type {
    clocks = 1,               // Clock
    primary_trace_clock = 2,  // BuiltinClock
};
enum class Clock : protozero::pbf_tag_type {
    clock_id = 1,   // uint32
    timestamp = 2,  // uint64
};

// common/builtin_clock.proto
constexpr uint32_t builtin_clock_boottime = 6;

// interned_data/interned_data.proto
enum class InternedData : protozero::pbf_tag_type { event_names = 2 };

// track_event/track_event.proto
enum class EventName : protozero::pbf_tag_type {
    iid = 1,   // uint64
    name = 2,  // string
};

// track_event/track_event.proto
enum class TrackEvent : protozero::pbf_tag_type {
    debug_annotations = 4,  // DebugAnnotation
    type = 9,               // TrackEventType
    name_iid = 10,          // uint64
    track_uuid = 11,        // uint64
    name = 23,              // string
    counter_value = 30,     // int64
};
enum class TrackEventType : int32_t {
    SliceBegin = 1,
    SliceEnd = 2,
    Instant = 3,
    Counter = 4,
};

// track_event/debug_annotation.proto
enum class DebugAnnotation : protozero::pbf_tag_type {
    uint_value = 3,
    int_value = 4,
    string_value = 6,
    pointer_value = 7,
    name = 10,
};

// track_event/track_descriptor.proto
enum class TrackDescriptor : protozero::pbf_tag_type {
    uuid = 1,             // uint64
    name = 2,             // string
    thread = 4,           // ThreadDescriptor
    parent_uuid = 5,      // uint64
    counter = 8,          // CounterDescriptor
    child_ordering = 11,  // ChildTracksOrdering
};
constexpr int32_t order_by_name = 1;  // ChildTracksOrdering.LEXICOGRAPHIC

// track_event/thread_descriptor.proto
enum class ThreadDescriptor : protozero::pbf_tag_type {
    pid = 1,          // int32
    tid = 2,          // int64
    thread_name = 5,  // string
};

// track_event/counter_descriptor.proto
enum class CounterDescriptor : protozero::pbf_tag_type { unit = 3 };
constexpr int32_t unit_count = 2;  // CounterDescriptor.UNIT_COUNT

// ps/process_tree.proto
enum class ProcessTree : protozero::pbf_tag_type {
    processes = 1,  // Process
    threads = 2,    // Thread
};
enum class Process : protozero::pbf_tag_type {
    pid = 1,      // int32
    ppid = 2,     // int32
    cmdline = 3,  // string
};
enum class Thread : protozero::pbf_tag_type {
    tid = 1,   // int32
    name = 2,  // string
    tgid = 3,  // int32
};

// ftrace/ftrace_event_bundle.proto
enum class FtraceEventBundle : protozero::pbf_tag_type {
    cpu = 1,          // uint32
    event = 2,        // FtraceEvent
    lost_events = 3,  // bool
};

// ftrace/ftrace_event.proto
enum class FtraceEvent : protozero::pbf_tag_type {
    timestamp = 1,       // uint64
    pid = 2,             // uint32
    sched_switch = 4,    // SchedSwitchFtraceEvent
    cpu_frequency = 11,  // CpuFrequencyFtraceEvent
    sched_waking = 20,   // SchedWakingFtraceEvent
};

// ftrace/power.proto
enum class CpuFrequency : protozero::pbf_tag_type {
    state = 1,   // uint32, kHz
    cpu_id = 2,  // uint32
};

// ftrace/sched.proto
enum class SchedSwitch : protozero::pbf_tag_type {
    prev_comm = 1,   // string
    prev_pid = 2,    // int32
    prev_prio = 3,   // int32
    prev_state = 4,  // int64
    next_comm = 5,   // string
    next_pid = 6,    // int32
    next_prio = 7,   // int32
};
enum class SchedWaking : protozero::pbf_tag_type {
    comm = 1,        // string
    pid = 2,         // int32
    prio = 3,        // int32
    success = 4,     // int32
    target_cpu = 5,  // int32
};

}  // namespace orrery::trace::perfetto
