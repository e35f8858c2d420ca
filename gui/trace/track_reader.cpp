// SPDX-License-Identifier: Apache-2.0
// PacketReader: track descriptors, and events on tracks.
#include <bit>
#include <charconv>
#include <protozero/pbf_message.hpp>

#include "gui/trace/packet_reader.hpp"

namespace inspector {

namespace {

using protozero::data_view;
using protozero::pbf_message;
using protozero::tag_and_type;
constexpr auto varint = protozero::pbf_wire_type::varint;
constexpr auto bytes_type = protozero::pbf_wire_type::length_delimited;
constexpr auto fixed64 = protozero::pbf_wire_type::fixed64;

std::string_view text(data_view view) {
    return {view.data(), view.size()};
}

// The number N in "<before>N<after>".
std::optional<uint32_t> number_in(std::string_view name, std::string_view before,
                                  std::string_view after) {
    if (!name.starts_with(before) || !name.ends_with(after)) return {};
    if (name.size() <= before.size() + after.size()) return {};
    const std::string_view digits =
        name.substr(before.size(), name.size() - before.size() - after.size());
    uint32_t number = 0;
    const char* end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc{} || stopped != end) return {};
    return number;
}

}  // namespace

void PacketReader::read_descriptor(data_view bytes) {
    using Field = perfetto::TrackDescriptor;
    using ThreadField = perfetto::ThreadDescriptor;
    uint64_t uuid = 0;
    uint64_t parent = 0;
    bool counter = false;
    std::optional<data_view> thread;
    data_view name;
    for (pbf_message<Field> message(bytes); message.next();) {
        switch (message.tag_and_type()) {
            case tag_and_type(Field::uuid, varint): uuid = message.get_uint64(); break;
            case tag_and_type(Field::parent_uuid, varint): parent = message.get_uint64(); break;
            case tag_and_type(Field::name, bytes_type): name = message.get_view(); break;
            case tag_and_type(Field::thread, bytes_type): thread = message.get_view(); break;
            case tag_and_type(Field::counter, bytes_type):
                counter = true;
                message.skip();
                break;
            default: message.skip();
        }
    }
    if (!thread) {
        const auto known = tracks_.find(uuid);
        if (known == tracks_.end()) {
            const TrackId place = place_track(text(name), parent, counter);
            tracks_.emplace(uuid, place);
        } else if (store_->track(known->second).kind == TrackKind::Events && name.size() != 0) {
            // Used before it was described, or described again: it keeps its place.
            store_->rename(known->second, text(name));
        }
        return;
    }
    uint32_t pid = 0;
    uint32_t tid = 0;
    data_view thread_name;
    for (pbf_message<ThreadField> message(*thread); message.next();) {
        switch (message.tag_and_type()) {
            case tag_and_type(ThreadField::pid, varint): pid = message.get_uint32(); break;
            case tag_and_type(ThreadField::tid, varint): tid = message.get_uint32(); break;
            case tag_and_type(ThreadField::thread_name, bytes_type):
                thread_name = message.get_view();
                break;
            default: message.skip();
        }
    }
    store_->describe_thread(tid, pid, text(thread_name));
    const TrackId track = store_->threads()[store_->thread(tid)].track;
    if (track != no_track) tracks_[uuid] = track;
}

// Where a track belongs that is only a name. Orrery's names say what some are: the tracks of a CPU,
// and at the root those of threads that were there before the trace began (docs/traces.md).
TrackId PacketReader::place_track(std::string_view name, uint64_t parent, bool counter) {
    const TrackId above = parent != 0 ? track_of(parent) : root_track;
    if (above == root_track && !counter) {
        const auto tid = number_in(name, "thread-", "");
        if (tid && *tid != 0) return store_->threads()[store_->thread(*tid)].track;
        if (name == "CPUs" || name == "Devices") return store_->group(name);
    }
    if (store_->track(above).kind == TrackKind::Group && store_->name(above) == "CPUs") {
        const auto interrupts = number_in(name, "CPU ", " interrupts");
        if (interrupts) return store_->cpu_track(*interrupts, TrackKind::Interrupts);
        const auto kernel = number_in(name, "CPU ", " kernel");
        if (kernel) return store_->cpu_track(*kernel, TrackKind::Kernel);
    }
    return store_->add_track(counter ? TrackKind::Counter : TrackKind::Events, name, above);
}

// A track may be used before it is described, or never be.
TrackId PacketReader::track_of(uint64_t uuid) {
    if (const auto known = tracks_.find(uuid); known != tracks_.end()) return known->second;
    const TrackId fresh =
        store_->add_track(TrackKind::Events, "track " + std::to_string(uuid), root_track);
    tracks_.emplace(uuid, fresh);
    return fresh;
}

void PacketReader::read_track_event(data_view bytes, uint64_t time, const Sequence& sequence) {
    using Field = perfetto::TrackEvent;
    using Type = perfetto::TrackEventType;
    uint64_t uuid = 0;
    int32_t type = 0;
    StringId name = empty_string;
    std::optional<int64_t> value;
    arguments_.clear();
    for (pbf_message<Field> message(bytes); message.next();) {
        switch (message.tag_and_type()) {
            case tag_and_type(Field::type, varint): type = message.get_enum(); break;
            case tag_and_type(Field::track_uuid, varint): uuid = message.get_uint64(); break;
            case tag_and_type(Field::counter_value, varint): value = message.get_int64(); break;
            case tag_and_type(Field::debug_annotations, bytes_type):
                read_argument(message.get_view());
                break;
            case tag_and_type(Field::name, bytes_type):
                name = store_->strings().intern(text(message.get_view()));
                break;
            case tag_and_type(Field::name_iid, varint): {
                const auto known = sequence.names.find(message.get_uint64());
                if (known != sequence.names.end()) name = known->second;
                break;
            }
            default: message.skip();
        }
    }
    const auto kind = static_cast<Type>(type);
    TraceEvent event{.time = time, .b = name};
    switch (kind) {
        case Type::SliceBegin: event.kind = EventKind::SliceBegin; break;
        case Type::SliceEnd: event.kind = EventKind::SliceEnd; break;
        case Type::Instant: event.kind = EventKind::Mark; break;
        case Type::Counter: event.kind = EventKind::Counter; break;
        default: ++counts_.ignored; return;
    }
    if (kind == Type::Counter && !value) {
        ++counts_.ignored;
        return;
    }
    event.a = track_of(uuid);
    event.value = kind == Type::Counter
                      ? std::bit_cast<uint64_t>(*value)
                      : store_->arguments().add(time, arguments_, kind == Type::SliceEnd);
    add(event);
}

void PacketReader::read_argument(data_view bytes) {
    using Field = perfetto::DebugAnnotation;
    Argument argument;
    bool known = false;
    const auto take = [&](ValueType type, uint64_t bits) {
        argument.type = type;
        argument.bits = bits;
        known = true;
    };
    for (pbf_message<Field> message(bytes); message.next();) {
        switch (message.tag_and_type()) {
            case tag_and_type(Field::name, bytes_type):
                argument.name = store_->strings().intern(text(message.get_view()));
                break;
            case tag_and_type(Field::bool_value, varint):
                take(ValueType::Boolean, message.get_bool() ? 1 : 0);
                break;
            case tag_and_type(Field::uint_value, varint):
                take(ValueType::Unsigned, message.get_uint64());
                break;
            case tag_and_type(Field::int_value, varint):
                take(ValueType::Signed, std::bit_cast<uint64_t>(message.get_int64()));
                break;
            case tag_and_type(Field::pointer_value, varint):
                take(ValueType::Address, message.get_uint64());
                break;
            case tag_and_type(Field::double_value, fixed64):
                take(ValueType::Double, std::bit_cast<uint64_t>(message.get_double()));
                break;
            case tag_and_type(Field::string_value, bytes_type):
                take(ValueType::String, store_->strings().intern(text(message.get_view())));
                break;
            default: message.skip();
        }
    }
    if (known && arguments_.size() < Arguments::most) {
        arguments_.push_back(argument);
    } else {
        ++counts_.ignored;
    }
}

}  // namespace inspector
