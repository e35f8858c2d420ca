// SPDX-License-Identifier: Apache-2.0
// lookup: single events: what is there at a time, what comes next, and all that is known of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gui/trace/trace_store.hpp"

namespace inspector {

// An event with its words, for a status line or a panel of details.
struct EventDetails {
    EventRef ref;
    uint64_t begin = 0;
    uint64_t end = 0;   // the same for marks and wake-ups; of what is open, the end of the trace
    bool open = false;  // it has not ended
    std::string name;   // of a run the thread's, of a wake-up that of the woken thread
    ThreadIndex thread = idle_thread;  // of a run, a wake-up or a thread's track
    std::optional<uint32_t> cpu;       // of a run, a wake-up or a track of a CPU
    std::optional<RunEnd> run_end;     // of a run
    std::optional<Wake> wake;          // of a wake-up
    std::optional<int64_t> value;      // of a counter
    std::vector<Argument> arguments;   // of a slice or mark
    bool arguments_dropped = false;    // they were there, but memory was short
};

// The lanes of the two kinds that a reference may mean; null if the track has no such lane.
[[nodiscard]] const IntervalLane* intervals(const TraceStore& store, const EventRef& ref);
[[nodiscard]] const PointLane* points(const TraceStore& store, const EventRef& ref);

// Whether there is such an event: references to what was dropped go stale.
[[nodiscard]] bool exists(const TraceStore& store, const EventRef& ref);

// The run on a CPU or of a thread at a time; the innermost slice of a track.
[[nodiscard]] std::optional<EventRef> run_at(const TraceStore& store, TrackId track, uint64_t time);
[[nodiscard]] std::optional<EventRef> slice_at(const TraceStore& store, TrackId track,
                                               uint64_t time);
// The value of a counter at a time.
[[nodiscard]] std::optional<int64_t> value_at(const TraceStore& store, TrackId track,
                                              uint64_t time);

// The neighbours of an event on its lane (of a slice: at its depth).
[[nodiscard]] std::optional<EventRef> next(const TraceStore& store, const EventRef& ref);
[[nodiscard]] std::optional<EventRef> previous(const TraceStore& store, const EventRef& ref);
// The first event of a lane that begins after a time, and the last one that begins before it.
// `lane` says which lane; its row does not count.
[[nodiscard]] std::optional<EventRef> next_after(const TraceStore& store, EventRef lane,
                                                 uint64_t time);
[[nodiscard]] std::optional<EventRef> previous_before(const TraceStore& store, EventRef lane,
                                                      uint64_t time);

// The wake-ups of a thread around a time: the first after it, the last before it.
[[nodiscard]] std::optional<EventRef> next_wake(const TraceStore& store, ThreadIndex thread,
                                                uint64_t time);
[[nodiscard]] std::optional<EventRef> previous_wake(const TraceStore& store, ThreadIndex thread,
                                                    uint64_t time);

// Precondition: exists().
[[nodiscard]] EventDetails details(const TraceStore& store, const EventRef& ref);

}  // namespace inspector
