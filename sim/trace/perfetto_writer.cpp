// SPDX-License-Identifier: Apache-2.0
// PerfettoWriter: the packets.
#include "sim/trace/perfetto_writer.hpp"

#include <algorithm>
#include <protozero/pbf_builder.hpp>

#include "sim/trace/perfetto_fields.hpp"

namespace orrery::trace {

namespace {

using protozero::data_view;
using protozero::pbf_builder;

constexpr uint32_t sequence = 1;
constexpr int32_t usual_priority = 120;     // what Linux gives a thread by default
constexpr size_t bundle_limit = 32 * 1024;  // bytes
// Names beyond this many are written out each time: the table must not grow without bound.
constexpr size_t interned_names_limit = 4096;

data_view bytes(std::string_view text) {
    return {text.data(), text.size()};
}

int32_t process_id(uint32_t task) {
    return task == 0 ? 0 : static_cast<int32_t>(task + process_id_base);
}

int32_t thread_id(uint32_t thread) {
    return static_cast<int32_t>(thread);
}

// prev_state as Linux numbers it.
int64_t linux_state(ThreadState state) {
    switch (state) {
        case ThreadState::Runnable: return 0;
        case ThreadState::Sleeping: return 1;
        case ThreadState::Ended: return 16;
    }
    return 0;
}

struct AddValue {
    pbf_builder<perfetto::DebugAnnotation>& message;

    using Field = perfetto::DebugAnnotation;
    void operator()(uint64_t value) const { message.add_uint64(Field::uint_value, value); }
    void operator()(int64_t value) const { message.add_int64(Field::int_value, value); }
    void operator()(Address value) const { message.add_uint64(Field::pointer_value, value.value); }
    void operator()(std::string_view value) const {
        message.add_string(Field::string_value, bytes(value));
    }
};

}  // namespace

PerfettoWriter::PerfettoWriter(const std::filesystem::path& target) : file_(target) {
    first_packet();
}

void PerfettoWriter::emit(std::string_view packet) {
    std::string framed;
    pbf_builder<perfetto::Trace> trace(framed);
    trace.add_message(perfetto::Trace::packet, bytes(packet));
    file_.write(framed);
}

template <typename Fill>
void PerfettoWriter::packet(std::optional<uint64_t> time, const Fill& fill) {
    using Field = perfetto::TracePacket;
    flush_bundle();
    packet_.clear();
    pbf_builder<Field> message(packet_);
    if (time) {
        message.add_uint64(Field::timestamp, *time);
        last_time_ = std::max(last_time_, *time);
    }
    message.add_uint32(Field::trusted_packet_sequence_id, sequence);
    message.add_uint32(Field::sequence_flags, perfetto::needs_incremental_state);
    fill(message);
    emit(packet_);
}

// Names the clock of all timestamps, and starts the sequence.
void PerfettoWriter::first_packet() {
    using Field = perfetto::TracePacket;
    packet_.clear();
    pbf_builder<Field> message(packet_);
    {
        pbf_builder<perfetto::ClockSnapshot> snapshot(message, Field::clock_snapshot);
        {
            pbf_builder<perfetto::Clock> clock(snapshot, perfetto::ClockSnapshot::clocks);
            clock.add_uint32(perfetto::Clock::clock_id, perfetto::builtin_clock_boottime);
            clock.add_uint64(perfetto::Clock::timestamp, 0);
        }
        snapshot.add_enum(perfetto::ClockSnapshot::primary_trace_clock,
                          static_cast<int32_t>(perfetto::builtin_clock_boottime));
    }
    message.add_uint32(Field::trusted_packet_sequence_id, sequence);
    message.add_uint32(Field::sequence_flags, perfetto::incremental_state_cleared);
    {
        pbf_builder<perfetto::TracePacketDefaults> defaults(message, Field::trace_packet_defaults);
        defaults.add_uint32(perfetto::TracePacketDefaults::timestamp_clock_id,
                            perfetto::builtin_clock_boottime);
    }
    message.add_bool(Field::first_packet_on_sequence, true);
    emit(packet_);
}

void PerfettoWriter::task(uint64_t time, uint32_t task, uint32_t parent, std::string_view name) {
    packet(time, [&](auto& message) {
        using Field = perfetto::Process;
        pbf_builder<perfetto::ProcessTree> tree(message, perfetto::TracePacket::process_tree);
        pbf_builder<Field> process(tree, perfetto::ProcessTree::processes);
        process.add_int32(Field::pid, process_id(task));
        process.add_int32(Field::ppid, process_id(parent));
        process.add_string(Field::cmdline, bytes(name));
    });
}

void PerfettoWriter::thread(uint64_t time, uint32_t thread, uint32_t task, std::string_view name) {
    packet(time, [&](auto& message) {
        using Field = perfetto::Thread;
        pbf_builder<perfetto::ProcessTree> tree(message, perfetto::TracePacket::process_tree);
        pbf_builder<Field> entry(tree, perfetto::ProcessTree::threads);
        entry.add_int32(Field::tid, thread_id(thread));
        entry.add_string(Field::name, bytes(name));
        entry.add_int32(Field::tgid, process_id(task));
    });
}

// Scheduling events travel in bundles of one CPU. A bundle ends where anything else is written, so
// that the file stays in the order of time.
template <typename Fill>
void PerfettoWriter::scheduling_event(uint64_t time, uint32_t cpu, uint32_t pid, const Fill& fill) {
    using Field = perfetto::FtraceEvent;
    if (bundle_cpu_ != cpu || bundle_.size() > bundle_limit) flush_bundle();
    bundle_cpu_ = cpu;
    last_time_ = std::max(last_time_, time);

    pbf_builder<perfetto::FtraceEventBundle> bundle(bundle_);
    pbf_builder<Field> scheduling(bundle, perfetto::FtraceEventBundle::event);
    scheduling.add_uint64(Field::timestamp, time);
    scheduling.add_uint32(Field::pid, pid);
    fill(scheduling);
}

void PerfettoWriter::flush_bundle() {
    using Field = perfetto::FtraceEventBundle;
    if (bundle_.empty()) return;
    pbf_builder<Field>(bundle_).add_uint32(Field::cpu, bundle_cpu_);
    std::string events;
    events.swap(bundle_);  // empty from here on: packet() comes back to this function
    packet({}, [&](auto& message) {
        message.add_message(perfetto::TracePacket::ftrace_events, bytes(events));
    });
    events.clear();
    bundle_.swap(events);
}

void PerfettoWriter::thread_switch(uint64_t time, uint32_t cpu, ThreadLabel previous,
                                   ThreadState state, ThreadLabel next) {
    scheduling_event(time, cpu, previous.id, [&](auto& scheduling) {
        using Field = perfetto::SchedSwitch;
        pbf_builder<Field> change(scheduling, perfetto::FtraceEvent::sched_switch);
        change.add_string(Field::prev_comm, bytes(previous.name));
        change.add_int32(Field::prev_pid, thread_id(previous.id));
        change.add_int32(Field::prev_prio, usual_priority);
        change.add_int64(Field::prev_state, linux_state(state));
        change.add_string(Field::next_comm, bytes(next.name));
        change.add_int32(Field::next_pid, thread_id(next.id));
        change.add_int32(Field::next_prio, usual_priority);
    });
}

void PerfettoWriter::thread_waking(uint64_t time, uint32_t cpu, uint32_t waker, ThreadLabel woken,
                                   uint32_t target_cpu) {
    scheduling_event(time, cpu, waker, [&](auto& scheduling) {
        using Field = perfetto::SchedWaking;
        pbf_builder<Field> waking(scheduling, perfetto::FtraceEvent::sched_waking);
        waking.add_string(Field::comm, bytes(woken.name));
        waking.add_int32(Field::pid, thread_id(woken.id));
        waking.add_int32(Field::prio, usual_priority);
        waking.add_int32(Field::success, 1);
        waking.add_int32(Field::target_cpu, static_cast<int32_t>(target_cpu));
    });
}

void PerfettoWriter::cpu_frequency(uint64_t time, uint32_t cpu, uint32_t kilohertz) {
    scheduling_event(time, cpu, 0, [&](auto& event) {
        using Field = perfetto::CpuFrequency;
        pbf_builder<Field> change(event, perfetto::FtraceEvent::cpu_frequency);
        change.add_uint32(Field::state, kilohertz);
        change.add_uint32(Field::cpu_id, cpu);
    });
}

void PerfettoWriter::data_loss(uint32_t cpu) {
    packet({}, [&](auto& message) {
        using Field = perfetto::FtraceEventBundle;
        pbf_builder<Field> bundle(message, perfetto::TracePacket::ftrace_events);
        bundle.add_uint32(Field::cpu, cpu);
        bundle.add_bool(Field::lost_events, true);
    });
}

template <typename Fill>
Track PerfettoWriter::describe(const Fill& fill) {
    const Track track{next_uuid_++};
    packet({}, [&](auto& message) {
        using Field = perfetto::TrackDescriptor;
        pbf_builder<Field> descriptor(message, perfetto::TracePacket::track_descriptor);
        descriptor.add_uint64(Field::uuid, track.uuid);
        fill(descriptor);
    });
    return track;
}

Track PerfettoWriter::group_track(std::string_view name) {
    return describe([&](auto& descriptor) {
        descriptor.add_string(perfetto::TrackDescriptor::name, bytes(name));
        descriptor.add_enum(perfetto::TrackDescriptor::child_ordering, perfetto::order_by_name);
    });
}

Track PerfettoWriter::named_track(std::string_view name, std::optional<Track> parent) {
    return describe([&](auto& descriptor) {
        descriptor.add_string(perfetto::TrackDescriptor::name, bytes(name));
        if (parent) descriptor.add_uint64(perfetto::TrackDescriptor::parent_uuid, parent->uuid);
    });
}

Track PerfettoWriter::thread_track(uint32_t thread, uint32_t task, std::string_view name) {
    return describe([&](auto& descriptor) {
        using Field = perfetto::ThreadDescriptor;
        pbf_builder<Field> entry(descriptor, perfetto::TrackDescriptor::thread);
        entry.add_int32(Field::pid, process_id(task));
        entry.add_int64(Field::tid, thread);
        entry.add_string(Field::thread_name, bytes(name));
    });
}

Track PerfettoWriter::counter_track(std::string_view name, std::optional<Track> parent) {
    return describe([&](auto& descriptor) {
        using Field = perfetto::TrackDescriptor;
        descriptor.add_string(Field::name, bytes(name));
        if (parent) descriptor.add_uint64(Field::parent_uuid, parent->uuid);
        pbf_builder<perfetto::CounterDescriptor> counter(descriptor, Field::counter);
        counter.add_enum(perfetto::CounterDescriptor::unit, perfetto::unit_count);
    });
}

void PerfettoWriter::event(uint64_t time, Track track, int32_t type, std::string_view name,
                           Annotations annotations) {
    packet(time, [&](auto& message) {
        using Field = perfetto::TrackEvent;
        uint64_t name_iid = 0;
        if (const auto known = names_.find(name); known != names_.end()) {
            name_iid = known->second;
        } else if (!name.empty() && names_.size() < interned_names_limit) {
            name_iid = names_.size() + 1;
            names_.emplace(name, name_iid);
            pbf_builder<perfetto::InternedData> data(message, perfetto::TracePacket::interned_data);
            pbf_builder<perfetto::EventName> entry(data, perfetto::InternedData::event_names);
            entry.add_uint64(perfetto::EventName::iid, name_iid);
            entry.add_string(perfetto::EventName::name, bytes(name));
        }

        pbf_builder<Field> body(message, perfetto::TracePacket::track_event);
        for (const Annotation& annotation : annotations) {
            pbf_builder<perfetto::DebugAnnotation> entry(body, Field::debug_annotations);
            entry.add_string(perfetto::DebugAnnotation::name, bytes(annotation.name));
            std::visit(AddValue{entry}, annotation.value);
        }
        body.add_enum(Field::type, type);
        body.add_uint64(Field::track_uuid, track.uuid);
        if (name_iid != 0) {
            body.add_uint64(Field::name_iid, name_iid);
        } else if (!name.empty()) {
            body.add_string(Field::name, bytes(name));
        }
    });
}

void PerfettoWriter::slice_begin(uint64_t time, Track track, std::string_view name,
                                 Annotations annotations) {
    ++open_[track.uuid];
    event(time, track, static_cast<int32_t>(perfetto::TrackEventType::SliceBegin), name,
          annotations);
}

bool PerfettoWriter::slice_end(uint64_t time, Track track, Annotations annotations) {
    const auto open = open_.find(track.uuid);
    if (open == open_.end()) return false;
    if (--open->second == 0) open_.erase(open);
    event(time, track, static_cast<int32_t>(perfetto::TrackEventType::SliceEnd), {}, annotations);
    return true;
}

void PerfettoWriter::instant(uint64_t time, Track track, std::string_view name,
                             Annotations annotations) {
    event(time, track, static_cast<int32_t>(perfetto::TrackEventType::Instant), name, annotations);
}

void PerfettoWriter::counter(uint64_t time, Track track, int64_t value) {
    packet(time, [&](auto& message) {
        using Field = perfetto::TrackEvent;
        pbf_builder<Field> body(message, perfetto::TracePacket::track_event);
        body.add_enum(Field::type, static_cast<int32_t>(perfetto::TrackEventType::Counter));
        body.add_uint64(Field::track_uuid, track.uuid);
        body.add_int64(Field::counter_value, value);
    });
}

void PerfettoWriter::finish() {
    while (!open_.empty()) slice_end(last_time_, Track{open_.begin()->first});
    flush_bundle();
    file_.finish();
}

}  // namespace orrery::trace
