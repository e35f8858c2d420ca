// SPDX-License-Identifier: Apache-2.0
// PacketReader: packets, names, and scheduling.
//
// Every field is looked at with its wire type: one of another type is skipped like an unknown one.
#include "gui/trace/packet_reader.hpp"

#include <algorithm>
#include <optional>
#include <protozero/exception.hpp>
#include <protozero/pbf_message.hpp>

namespace inspector {

namespace {

using protozero::data_view;
using protozero::pbf_message;
using protozero::tag_and_type;
constexpr auto varint = protozero::pbf_wire_type::varint;
constexpr auto bytes_type = protozero::pbf_wire_type::length_delimited;

std::string_view text(data_view view) {
    return {view.data(), view.size()};
}

}  // namespace

struct PacketReader::Head {
    std::optional<uint64_t> time;
    uint32_t sequence = 0;
    uint32_t flags = 0;
    std::optional<uint32_t> clock;
    std::optional<data_view> scheduling;
    std::optional<data_view> process_tree;
    std::optional<data_view> event;
    std::optional<data_view> names;
    std::optional<data_view> defaults;
    std::optional<data_view> descriptor;
    bool known = false;  // something of it belongs to a packet
};

PacketReader::PacketReader(TraceStore& store, size_t window)
    : store_(&store), builder_(store), order_(window) {}

bool PacketReader::packet(std::string_view bytes) {
    ++counts_.packets;
    try {
        if (read_packet({bytes.data(), bytes.size()})) return true;
    } catch (const protozero::exception&) {
    }
    ++counts_.damaged;
    return false;
}

void PacketReader::settle(bool all) {
    order_.hand_on(all, [&](const TraceEvent& event) { builder_.apply(event); });
}

void PacketReader::add(const TraceEvent& event) {
    // Nothing takes 292 years: such a time is damage.
    if (event.time > static_cast<uint64_t>(INT64_MAX)) {
        ++counts_.ignored;
        return;
    }
    last_time_ = std::max(last_time_, event.time);
    order_.add(event);
    settle(false);
}

bool PacketReader::read_head(data_view bytes, Head& head) {
    using Field = perfetto::TracePacket;
    pbf_message<Field> message(bytes);
    while (message.next()) {
        bool known = true;
        switch (message.tag_and_type()) {
            case tag_and_type(Field::timestamp, varint): head.time = message.get_uint64(); break;
            case tag_and_type(Field::trusted_packet_sequence_id, varint):
                head.sequence = message.get_uint32();
                break;
            case tag_and_type(Field::sequence_flags, varint):
                head.flags = message.get_uint32();
                break;
            case tag_and_type(Field::timestamp_clock_id, varint):
                head.clock = message.get_uint32();
                break;
            case tag_and_type(Field::ftrace_events, bytes_type):
                head.scheduling = message.get_view();
                break;
            case tag_and_type(Field::process_tree, bytes_type):
                head.process_tree = message.get_view();
                break;
            case tag_and_type(Field::track_event, bytes_type):
                head.event = message.get_view();
                break;
            case tag_and_type(Field::interned_data, bytes_type):
                head.names = message.get_view();
                break;
            case tag_and_type(Field::trace_packet_defaults, bytes_type):
                head.defaults = message.get_view();
                break;
            case tag_and_type(Field::track_descriptor, bytes_type):
                head.descriptor = message.get_view();
                break;
            case tag_and_type(Field::clock_snapshot, bytes_type):
            case tag_and_type(Field::first_packet_on_sequence, varint): message.skip(); break;
            default: known = false; message.skip();
        }
        head.known |= known;
    }
    return head.known;
}

bool PacketReader::read_packet(data_view bytes) {
    Head head;
    if (!read_head(bytes, head)) {
        // Nothing at all, or only fields that are not Perfetto's or newer than this reader.
        if (bytes.empty()) return false;
        ++counts_.unknown;
        return true;
    }
    Sequence& sequence = sequences_[head.sequence];
    if ((head.flags & perfetto::incremental_state_cleared) != 0) sequence = {};
    if (head.defaults) read_defaults(*head.defaults, sequence);
    if (head.names) read_names(*head.names, sequence);
    if (head.descriptor) read_descriptor(*head.descriptor);
    if (head.process_tree) read_process_tree(*head.process_tree);
    if (head.scheduling) read_bundle(*head.scheduling);
    if (!head.event) {
        const bool something = head.defaults || head.names || head.descriptor ||
                               head.process_tree || head.scheduling ||
                               (head.flags & perfetto::incremental_state_cleared) != 0;
        if (!something) ++counts_.unknown;
        return true;
    }
    if (head.clock.value_or(sequence.clock) != perfetto::builtin_clock_boottime) {
        ++counts_.other_clock;
        return true;
    }
    read_track_event(*head.event, head.time.value_or(last_time_), sequence);
    return true;
}

void PacketReader::read_defaults(data_view bytes, Sequence& sequence) {
    using Field = perfetto::TracePacketDefaults;
    pbf_message<Field> message(bytes);
    while (message.next(Field::timestamp_clock_id, varint)) sequence.clock = message.get_uint32();
}

void PacketReader::read_names(data_view bytes, Sequence& sequence) {
    pbf_message<perfetto::InternedData> message(bytes);
    while (message.next(perfetto::InternedData::event_names, bytes_type)) {
        using Field = perfetto::EventName;
        pbf_message<Field> entry(message.get_view());
        uint64_t number = 0;
        data_view name;
        while (entry.next()) {
            switch (entry.tag_and_type()) {
                case tag_and_type(Field::iid, varint): number = entry.get_uint64(); break;
                case tag_and_type(Field::name, bytes_type): name = entry.get_view(); break;
                default: entry.skip();
            }
        }
        sequence.names[number] = store_->strings().intern(text(name));
    }
}

void PacketReader::read_process_tree(data_view bytes) {
    using Field = perfetto::ProcessTree;
    pbf_message<Field> tree(bytes);
    while (tree.next()) {
        switch (tree.tag_and_type()) {
            case tag_and_type(Field::processes, bytes_type): read_process(tree.get_view()); break;
            case tag_and_type(Field::threads, bytes_type): read_thread(tree.get_view()); break;
            default: tree.skip();
        }
    }
}

void PacketReader::read_process(data_view bytes) {
    using Field = perfetto::Process;
    pbf_message<Field> process(bytes);
    uint32_t pid = 0;
    uint32_t parent = 0;
    data_view name;
    while (process.next()) {
        switch (process.tag_and_type()) {
            case tag_and_type(Field::pid, varint): pid = process.get_uint32(); break;
            case tag_and_type(Field::ppid, varint): parent = process.get_uint32(); break;
            case tag_and_type(Field::cmdline, bytes_type): name = process.get_view(); break;
            default: process.skip();
        }
    }
    store_->describe_task(pid, parent, text(name));
}

void PacketReader::read_thread(data_view bytes) {
    using Field = perfetto::Thread;
    pbf_message<Field> thread(bytes);
    uint32_t tid = 0;
    uint32_t pid = 0;
    data_view name;
    while (thread.next()) {
        switch (thread.tag_and_type()) {
            case tag_and_type(Field::tid, varint): tid = thread.get_uint32(); break;
            case tag_and_type(Field::tgid, varint): pid = thread.get_uint32(); break;
            case tag_and_type(Field::name, bytes_type): name = thread.get_view(); break;
            default: thread.skip();
        }
    }
    store_->describe_thread(tid, pid, text(name));
}

// The CPU of a bundle stands behind its events.
void PacketReader::read_bundle(data_view bytes) {
    using Field = perfetto::FtraceEventBundle;
    uint32_t cpu = 0;
    bool lost = false;
    for (pbf_message<Field> bundle(bytes); bundle.next();) {
        switch (bundle.tag_and_type()) {
            case tag_and_type(Field::cpu, varint): cpu = bundle.get_uint32(); break;
            case tag_and_type(Field::lost_events, varint): lost = bundle.get_bool(); break;
            default: bundle.skip();
        }
    }
    if (cpu >= most_cpus) {
        ++counts_.ignored;
        return;
    }
    // A loss has no time of its own: it was noticed after all that came before it.
    if (lost) add({last_time_, EventKind::Loss, cpu});
    for (pbf_message<Field> bundle(bytes); bundle.next(Field::event, bytes_type);) {
        read_scheduling(bundle.get_view(), cpu);
    }
}

void PacketReader::read_scheduling(data_view bytes, uint32_t cpu) {
    using Field = perfetto::FtraceEvent;
    pbf_message<Field> message(bytes);
    TraceEvent event{.time = last_time_, .cpu = cpu};
    bool known = false;
    uint32_t current = 0;
    while (message.next()) {
        switch (message.tag_and_type()) {
            case tag_and_type(Field::timestamp, varint): event.time = message.get_uint64(); break;
            case tag_and_type(Field::pid, varint): current = message.get_uint32(); break;
            case tag_and_type(Field::sched_switch, bytes_type):
                known = read_switch(message.get_view(), event);
                break;
            case tag_and_type(Field::cpu_frequency, bytes_type):
                known = read_frequency(message.get_view(), event);
                break;
            case tag_and_type(Field::sched_waking, bytes_type):
                known = read_waking(message.get_view(), event);
                break;
            default: message.skip();
        }
    }
    if (!known) {
        ++counts_.ignored;
        return;
    }
    if (event.kind == EventKind::Wake) event.a = store_->thread(current);
    add(event);
}

bool PacketReader::read_switch(data_view bytes, TraceEvent& event) {
    using Field = perfetto::SchedSwitch;
    pbf_message<Field> message(bytes);
    uint32_t previous = 0;
    uint32_t next = 0;
    data_view previous_name;
    data_view next_name;
    while (message.next()) {
        switch (message.tag_and_type()) {
            case tag_and_type(Field::prev_pid, varint): previous = message.get_uint32(); break;
            case tag_and_type(Field::next_pid, varint): next = message.get_uint32(); break;
            case tag_and_type(Field::prev_comm, bytes_type):
                previous_name = message.get_view();
                break;
            case tag_and_type(Field::next_comm, bytes_type): next_name = message.get_view(); break;
            case tag_and_type(Field::prev_state, varint): event.value = message.get_uint64(); break;
            default: message.skip();
        }
    }
    event.kind = EventKind::Switch;
    event.a = store_->thread(previous);
    event.b = store_->thread(next);
    store_->guess_thread_name(event.a, text(previous_name));
    store_->guess_thread_name(event.b, text(next_name));
    return true;
}

bool PacketReader::read_waking(data_view bytes, TraceEvent& event) {
    using Field = perfetto::SchedWaking;
    pbf_message<Field> message(bytes);
    uint32_t woken = 0;
    uint32_t target = 0;
    data_view name;
    while (message.next()) {
        switch (message.tag_and_type()) {
            case tag_and_type(Field::pid, varint): woken = message.get_uint32(); break;
            case tag_and_type(Field::target_cpu, varint): target = message.get_uint32(); break;
            case tag_and_type(Field::comm, bytes_type): name = message.get_view(); break;
            default: message.skip();
        }
    }
    event.kind = EventKind::Wake;
    event.b = store_->thread(woken);
    event.value = target;
    store_->guess_thread_name(event.b, text(name));
    return true;
}

// The CPU whose clock it is, which may be another than the one that changed it.
bool PacketReader::read_frequency(data_view bytes, TraceEvent& event) {
    using Field = perfetto::CpuFrequency;
    pbf_message<Field> message(bytes);
    uint32_t of = event.cpu;
    while (message.next()) {
        switch (message.tag_and_type()) {
            case tag_and_type(Field::state, varint): event.value = message.get_uint32(); break;
            case tag_and_type(Field::cpu_id, varint): of = message.get_uint32(); break;
            default: message.skip();
        }
    }
    if (of >= most_cpus) return false;
    event.kind = EventKind::Frequency;
    event.cpu = of;
    return true;
}

}  // namespace inspector
