// SPDX-License-Identifier: Apache-2.0
// Trace decoder: reads a Perfetto trace back, as far as the writer goes, and checks what holds for
// every trace. Any field it does not know is an error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace orrery::trace::testing {

struct TrackInfo {
    std::string name;
    uint64_t parent = 0;
    bool counter = false;
    std::optional<int32_t> pid;
    std::optional<int64_t> tid;
};

enum class EventType { SliceBegin = 1, SliceEnd = 2, Instant = 3, Counter = 4 };

struct Event {
    uint64_t time = 0;
    EventType type = EventType::Instant;
    std::string track;  // its name
    std::string name;
    int64_t counter = 0;
    std::map<std::string, std::string> annotations;  // numbers in decimal, addresses in hexadecimal

    bool operator==(const Event&) const = default;
};

struct Switch {
    uint64_t time = 0;
    uint32_t cpu = 0;
    std::string previous;  // "name/tid"
    int64_t state = 0;
    std::string next;

    bool operator==(const Switch&) const = default;
};

struct Waking {
    uint64_t time = 0;
    uint32_t cpu = 0;
    uint32_t waker = 0;
    std::string woken;  // "name/tid"
    int32_t target = 0;

    bool operator==(const Waking&) const = default;
};

struct Frequency {
    uint64_t time = 0;
    uint32_t cpu = 0;
    uint32_t kilohertz = 0;

    bool operator==(const Frequency&) const = default;
};

struct DecodedTrace {
    std::map<uint64_t, TrackInfo> tracks;
    std::vector<Event> events;
    std::vector<Switch> switches;
    std::vector<Waking> wakings;
    std::vector<Frequency> frequencies;
    std::vector<uint32_t> losses;              // CPUs, one entry a report
    std::map<int32_t, std::string> processes;  // "name parent", the last word
    std::map<int32_t, std::string> threads;    // "name pid", the last word
    std::vector<uint64_t> times;               // of everything that has one, in the file's order
    size_t packets = 0;

    [[nodiscard]] std::vector<Event> on(const std::string& track) const;
};

// Throws std::runtime_error if the trace is malformed.
[[nodiscard]] DecodedTrace decode(const std::filesystem::path& path);

// What holds for every trace: times never fall, slices are closed, ends have begins, each CPU's
// switches follow on each other. Returns the first complaint, empty if there is none.
[[nodiscard]] std::string complaint(const DecodedTrace& trace);

}  // namespace orrery::trace::testing
