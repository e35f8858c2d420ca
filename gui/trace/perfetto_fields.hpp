// SPDX-License-Identifier: Apache-2.0
// Field numbers of the Perfetto trace format that the reader knows, one enum per message. Each says
// which file of the public schema (protos/perfetto/trace/) it is taken from. docs/traces.md says
// what Orrery writes with them.
#pragma once

#include <cstdint>
#include <protozero/types.hpp>

namespace inspector::perfetto {

using protozero::pbf_tag_type;

// trace.proto
enum class Trace : pbf_tag_type { packet = 1 };

// trace_packet.proto
enum class TracePacket : pbf_tag_type {
    ftrace_events = 1,                // FtraceEventBundle
    process_tree = 2,                 // ProcessTree
    clock_snapshot = 6,               // ClockSnapshot
    timestamp = 8,                    // uint64
    trusted_packet_sequence_id = 10,  // uint32
    track_event = 11,                 // TrackEvent
    interned_data = 12,               // InternedData
    sequence_flags = 13,              // uint32, SequenceFlags
    timestamp_clock_id = 58,          // uint32
    trace_packet_defaults = 59,       // TracePacketDefaults
    track_descriptor = 60,            // TrackDescriptor
    first_packet_on_sequence = 87,    // bool
};

// trace_packet.proto, TracePacket.SequenceFlags
constexpr uint32_t incremental_state_cleared = 1;

// trace_packet_defaults.proto
enum class TracePacketDefaults : pbf_tag_type { timestamp_clock_id = 58 };

// common/builtin_clock.proto
constexpr uint32_t builtin_clock_boottime = 6;

// interned_data/interned_data.proto
enum class InternedData : pbf_tag_type { event_names = 2 };

// track_event/track_event.proto
enum class EventName : pbf_tag_type { iid = 1, name = 2 };
enum class TrackEvent : pbf_tag_type {
    debug_annotations = 4,  // DebugAnnotation
    type = 9,               // TrackEventType
    name_iid = 10,          // uint64
    track_uuid = 11,        // uint64
    name = 23,              // string
    counter_value = 30,     // int64
};
enum class TrackEventType : int32_t { SliceBegin = 1, SliceEnd = 2, Instant = 3, Counter = 4 };

// track_event/debug_annotation.proto
enum class DebugAnnotation : pbf_tag_type {
    bool_value = 2,
    uint_value = 3,
    int_value = 4,
    double_value = 5,
    string_value = 6,
    pointer_value = 7,
    name = 10,
};

// track_event/track_descriptor.proto
enum class TrackDescriptor : pbf_tag_type {
    uuid = 1,         // uint64
    name = 2,         // string
    thread = 4,       // ThreadDescriptor
    parent_uuid = 5,  // uint64
    counter = 8,      // CounterDescriptor
};

// track_event/thread_descriptor.proto
enum class ThreadDescriptor : pbf_tag_type { pid = 1, tid = 2, thread_name = 5 };

// ps/process_tree.proto
enum class ProcessTree : pbf_tag_type { processes = 1, threads = 2 };
enum class Process : pbf_tag_type { pid = 1, ppid = 2, cmdline = 3 };
enum class Thread : pbf_tag_type { tid = 1, name = 2, tgid = 3 };

// ftrace/ftrace_event_bundle.proto
enum class FtraceEventBundle : pbf_tag_type { cpu = 1, event = 2, lost_events = 3 };

// ftrace/ftrace_event.proto
enum class FtraceEvent : pbf_tag_type {
    timestamp = 1,       // uint64
    pid = 2,             // uint32
    sched_switch = 4,    // SchedSwitchFtraceEvent
    cpu_frequency = 11,  // CpuFrequencyFtraceEvent
    sched_waking = 20,   // SchedWakingFtraceEvent
};

// ftrace/power.proto
enum class CpuFrequency : pbf_tag_type { state = 1, cpu_id = 2 };

// ftrace/sched.proto
enum class SchedSwitch : pbf_tag_type {
    prev_comm = 1,   // string
    prev_pid = 2,    // int32
    prev_state = 4,  // int64
    next_comm = 5,   // string
    next_pid = 6,    // int32
};
enum class SchedWaking : pbf_tag_type {
    comm = 1,        // string
    pid = 2,         // int32
    target_cpu = 5,  // int32
};

// What Orrery adds to a task's number to make its pid (docs/traces.md, "In the Perfetto UI").
constexpr uint32_t process_id_base = 1'000'000;

}  // namespace inspector::perfetto
