// SPDX-License-Identifier: Apache-2.0
// PacketReader: makes of each packet of a trace what it tells: names and tracks go into the store
// at once, events into their order and from there into the lanes.
//
// It reads what Orrery writes (docs/traces.md): scheduling, process trees, track descriptors, and
// slices, marks and integer counters on tracks. Anything else is skipped and counted.
#pragma once

#include <cstdint>
#include <protozero/pbf_message.hpp>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gui/trace/event_order.hpp"
#include "gui/trace/perfetto_fields.hpp"
#include "gui/trace/trace_builder.hpp"
#include "gui/trace/trace_store.hpp"

namespace inspector {

struct ReadCounts {
    uint64_t packets = 0;
    uint64_t unknown = 0;      // packets without anything that is read here
    uint64_t damaged = 0;      // packets that are no protobuf inside
    uint64_t other_clock = 0;  // packets whose times are not nanoseconds of BOOTTIME
    uint64_t ignored = 0;      // events and arguments of a kind that is not read
};

class PacketReader final {
  public:
    // Precondition: the store outlives the reader.
    PacketReader(TraceStore& store, size_t window);

    // False if it is not what a packet of a trace is; it is counted then.
    bool packet(std::string_view bytes);
    // Hands on what has come together; at the end everything.
    void settle(bool all);

    [[nodiscard]] const ReadCounts& counts() const { return counts_; }
    [[nodiscard]] const BuildCounts& build_counts() const { return builder_.counts(); }
    [[nodiscard]] size_t held_bytes() const { return order_.bytes(); }

  private:
    // What one sequence of packets has said so far.
    struct Sequence {
        std::unordered_map<uint64_t, StringId> names;
        uint32_t clock = perfetto::builtin_clock_boottime;
    };
    // What a packet says of itself before what it tells is looked at.
    struct Head;

    using Bytes = protozero::data_view;

    bool read_packet(Bytes bytes);
    bool read_head(Bytes bytes, Head& head);
    void read_defaults(Bytes bytes, Sequence& sequence);
    void read_names(Bytes bytes, Sequence& sequence);
    void read_process_tree(Bytes bytes);
    void read_process(Bytes bytes);
    void read_thread(Bytes bytes);

    void read_bundle(Bytes bytes);
    void read_scheduling(Bytes bytes, uint32_t cpu);
    bool read_switch(Bytes bytes, TraceEvent& event);
    bool read_waking(Bytes bytes, TraceEvent& event);
    bool read_frequency(Bytes bytes, TraceEvent& event);

    void read_descriptor(Bytes bytes);
    void read_track_event(Bytes bytes, uint64_t time, const Sequence& sequence);
    void read_argument(Bytes bytes);
    TrackId track_of(uint64_t uuid);
    TrackId place_track(std::string_view name, uint64_t parent, bool counter);
    void add(const TraceEvent& event);

    TraceStore* store_;
    TraceBuilder builder_;
    EventOrder order_;
    ReadCounts counts_;
    std::unordered_map<uint32_t, Sequence> sequences_;
    std::unordered_map<uint64_t, TrackId> tracks_;  // by uuid
    std::vector<Argument> arguments_;               // of the event being read
    uint64_t last_time_ = 0;
};

}  // namespace inspector
