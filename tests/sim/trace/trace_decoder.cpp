// SPDX-License-Identifier: Apache-2.0
// Trace decoder: one function a message. The field numbers are written out here a second time, so
// that a slip in the writer's table is seen.
#include "tests/sim/trace/trace_decoder.hpp"

#include <fmt/format.h>

#include <protozero/pbf_reader.hpp>
#include <stdexcept>

#include "tests/sim/trace/scratch_folder.hpp"

namespace orrery::trace::testing {

namespace {

using protozero::pbf_reader;

[[noreturn]] void unknown(const char* message, const pbf_reader& reader) {
    throw std::runtime_error(fmt::format("{} has unknown field {}", message, reader.tag()));
}

void require(bool condition, const char* what) {
    if (!condition) throw std::runtime_error(what);
}

class Decoder final {
  public:
    DecodedTrace run(const std::string& bytes) {
        pbf_reader reader(bytes);
        while (reader.next()) {
            require(reader.tag() == 1, "Trace has a field that is not a packet");
            packet(reader.get_message());
        }
        return std::move(trace_);
    }

  private:
    void packet(pbf_reader reader) {
        std::optional<uint64_t> time;
        uint32_t flags = 0;
        uint32_t sequence = 0;
        pbf_reader interned;
        std::vector<std::pair<uint32_t, pbf_reader>> bodies;
        while (reader.next()) {
            switch (reader.tag()) {
                case 8: time = reader.get_uint64(); break;
                case 10: sequence = reader.get_uint32(); break;
                case 12: interned = reader.get_message(); break;
                case 13: flags = reader.get_uint32(); break;
                case 59: defaults(reader.get_message()); break;
                case 87:
                    require(reader.get_bool() && trace_.packets == 0, "stray first packet");
                    break;
                case 1:
                case 2:
                case 6:
                case 11:
                case 60: {
                    const uint32_t tag = reader.tag();
                    bodies.emplace_back(tag, reader.get_message());
                    break;
                }
                default: unknown("TracePacket", reader);
            }
        }
        require(sequence == 1, "packet outside the sequence");
        require(flags == (trace_.packets == 0 ? 1U : 2U), "wrong sequence flags");
        require(bodies.size() == 1, "packet without exactly one body");
        ++trace_.packets;
        if (time) trace_.times.push_back(*time);
        names(interned);

        auto& [tag, body] = bodies.front();
        require((tag == 11 || tag == 2) == time.has_value(), "wrong use of the timestamp");
        switch (tag) {
            case 1: bundle(body); break;
            case 2: process_tree(body); break;
            case 6: clock(body); break;
            case 11: event(*time, body); break;
            case 60: descriptor(body); break;
            default: break;
        }
    }

    static void defaults(pbf_reader reader) {
        require(reader.next(58) && reader.get_uint32() == 6, "default clock is not BOOTTIME");
    }

    static void clock(pbf_reader reader) {
        require(reader.next(1), "no clock in the snapshot");
        pbf_reader entry = reader.get_message();
        require(entry.next(1) && entry.get_uint32() == 6, "snapshot is not of BOOTTIME");
        require(entry.next(2) && entry.get_uint64() == 0, "snapshot is not of time zero");
        require(reader.next(2) && reader.get_enum() == 6, "primary clock is not BOOTTIME");
    }

    void names(pbf_reader reader) {
        while (reader.next()) {
            if (reader.tag() != 2) unknown("InternedData", reader);
            pbf_reader entry = reader.get_message();
            require(entry.next(1), "interned name without id");
            const uint64_t iid = entry.get_uint64();
            require(entry.next(2), "interned id without name");
            require(names_.emplace(iid, entry.get_string()).second, "name interned twice");
        }
    }

    void descriptor(pbf_reader reader) {
        uint64_t uuid = 0;
        TrackInfo track;
        while (reader.next()) {
            switch (reader.tag()) {
                case 1: uuid = reader.get_uint64(); break;
                case 2: track.name = reader.get_string(); break;
                case 4: thread_descriptor(reader.get_message(), track); break;
                case 5: track.parent = reader.get_uint64(); break;
                case 8:
                    track.counter = true;
                    require(reader.get_message().next(3), "counter without unit");
                    break;
                case 11: require(reader.get_enum() == 1, "children not in order of name"); break;
                default: unknown("TrackDescriptor", reader);
            }
        }
        require(uuid != 0, "track without uuid");
        require(track.parent == 0 || trace_.tracks.contains(track.parent), "unknown parent track");
        require(trace_.tracks.emplace(uuid, track).second, "track described twice");
    }

    static void thread_descriptor(pbf_reader reader, TrackInfo& track) {
        while (reader.next()) {
            switch (reader.tag()) {
                case 1: track.pid = reader.get_int32(); break;
                case 2: track.tid = reader.get_int64(); break;
                case 5: track.name = fmt::format("{}/{}", reader.get_string(), *track.tid); break;
                default: unknown("ThreadDescriptor", reader);
            }
        }
    }

    void event(uint64_t time, pbf_reader reader) {
        Event event;
        event.time = time;
        const TrackInfo* track = nullptr;
        while (reader.next()) {
            switch (reader.tag()) {
                case 4: annotation(reader.get_message(), event); break;
                case 9: event.type = static_cast<EventType>(reader.get_enum()); break;
                case 10: event.name = names_.at(reader.get_uint64()); break;
                case 11: track = &trace_.tracks.at(reader.get_uint64()); break;
                case 23: event.name = reader.get_string(); break;
                case 30: event.counter = reader.get_int64(); break;
                default: unknown("TrackEvent", reader);
            }
        }
        require(track != nullptr, "event without a track");
        require(track->counter == (event.type == EventType::Counter), "event on a wrong track");
        event.track = track->name;
        trace_.events.push_back(std::move(event));
    }

    static void annotation(pbf_reader reader, Event& event) {
        std::string name;
        std::string value;
        while (reader.next()) {
            switch (reader.tag()) {
                case 3: value = std::to_string(reader.get_uint64()); break;
                case 4: value = std::to_string(reader.get_int64()); break;
                case 6: value = reader.get_string(); break;
                case 7: value = fmt::format("{:#x}", reader.get_uint64()); break;
                case 10: name = reader.get_string(); break;
                default: unknown("DebugAnnotation", reader);
            }
        }
        event.annotations[name] = value;
    }

    void process_tree(pbf_reader reader) {
        while (reader.next()) {
            const bool process = reader.tag() == 1;
            require(process || reader.tag() == 2, "ProcessTree has an unknown field");
            pbf_reader entry = reader.get_message();
            int32_t number = 0;
            int32_t owner = 0;
            std::string name;
            while (entry.next()) {
                const uint32_t tag = entry.tag();
                if (tag == 1) {
                    number = entry.get_int32();
                } else if (tag == (process ? 3U : 2U)) {
                    name = entry.get_string();
                } else if (tag == (process ? 2U : 3U)) {
                    owner = entry.get_int32();
                } else {
                    unknown("Process or Thread", entry);
                }
            }
            (process ? trace_.processes : trace_.threads)[number] =
                fmt::format("{} {}", name, owner);
        }
    }

    void bundle(pbf_reader reader) {
        std::optional<uint32_t> cpu;
        bool lost = false;
        std::vector<pbf_reader> events;
        while (reader.next()) {
            switch (reader.tag()) {
                case 1: cpu = reader.get_uint32(); break;
                case 2: events.push_back(reader.get_message()); break;
                case 3: lost = reader.get_bool(); break;
                default: unknown("FtraceEventBundle", reader);
            }
        }
        require(cpu.has_value(), "bundle without CPU");
        require(lost == events.empty(), "bundle that says nothing");
        if (lost) trace_.losses.push_back(*cpu);
        for (const pbf_reader& event : events) scheduling(*cpu, event);
    }

    void scheduling(uint32_t cpu, pbf_reader reader) {
        require(reader.next(1), "scheduling event without time");
        const uint64_t time = reader.get_uint64();
        trace_.times.push_back(time);
        require(reader.next(2), "scheduling event without pid");
        const uint32_t pid = reader.get_uint32();
        require(reader.next(), "scheduling event without body");
        const uint32_t tag = reader.tag();
        std::map<uint32_t, int64_t> numbers;
        std::map<uint32_t, std::string> names;
        pbf_reader body = reader.get_message();
        while (body.next()) {
            const uint32_t field = body.tag();  // reading the value forgets it
            if (body.wire_type() == protozero::pbf_wire_type::length_delimited) {
                names[field] = body.get_string();
            } else {
                numbers[field] = body.get_int64();
            }
        }
        const auto label = [&](uint32_t name, uint32_t number) {
            return fmt::format("{}/{}", names.at(name), numbers.at(number));
        };
        if (tag == 4) {
            require(names.size() == 2 && numbers.size() == 5, "switch with wrong fields");
            trace_.switches.push_back({time, cpu, label(1, 2), numbers.at(4), label(5, 6)});
        } else if (tag == 11) {
            require(names.empty() && numbers.size() == 2, "frequency with wrong fields");
            trace_.frequencies.push_back(
                {time, static_cast<uint32_t>(numbers.at(2)), static_cast<uint32_t>(numbers.at(1))});
        } else {
            require(tag == 20, "unknown scheduling event");
            require(names.size() == 1 && numbers.size() == 4, "waking with wrong fields");
            trace_.wakings.push_back(
                {time, cpu, pid, label(1, 2), static_cast<int32_t>(numbers.at(5))});
        }
    }

    DecodedTrace trace_;
    std::map<uint64_t, std::string> names_;
};

}  // namespace

std::vector<Event> DecodedTrace::on(const std::string& track) const {
    std::vector<Event> found;
    for (const Event& event : events) {
        if (event.track == track) found.push_back(event);
    }
    return found;
}

DecodedTrace decode(const std::filesystem::path& path) {
    return Decoder().run(read_file(path));
}

}  // namespace orrery::trace::testing
