// SPDX-License-Identifier: Apache-2.0
// visible: what of a lane is seen in so many pixels of a stretch of time, in time that goes with
// the pixels and not with the events (and one step for each 4096 events of the lane that are
// within).
//
// Pixel i of n is [begin + i * span / n, begin + (i + 1) * span / n), rounded down, and at least
// one nanosecond. Intervals that are still open last until the end of the trace.
#pragma once

#include <cstdint>
#include <vector>

#include "gui/trace/trace_store.hpp"

namespace inspector {

// Precondition of all that takes one: begin <= end, pixels > 0.
struct View {
    uint64_t begin = 0;
    uint64_t end = 0;
    uint32_t pixels = 1;

    [[nodiscard]] uint64_t pixel_begin(uint32_t pixel) const;
    [[nodiscard]] uint64_t pixel_end(uint32_t pixel) const;
};

struct IntervalPixel {
    uint64_t count = 0;  // intervals that reach into the pixel
    uint64_t first = 0;  // the row of the first of them, if there are any
    uint64_t busy = 0;   // nanoseconds that they take of it, exactly
    // The key that takes most of it: exact for up to 16 intervals, and where blocks of them are
    // summed up it takes at least as much as any other but for a fifth of `busy`. If none takes
    // time, the first one's. no_key: nothing is there.
    uint32_t dominant = no_key;

    bool operator==(const IntervalPixel&) const = default;
};

// What a value was within a pixel, also one that came before it and held.
struct CounterPixel {
    uint64_t count = 0;  // values that came within the pixel
    bool known = false;  // there is a value at all
    int64_t least = 0;
    int64_t greatest = 0;
    int64_t last = 0;

    bool operator==(const CounterPixel&) const = default;
};

struct PointPixel {
    uint64_t count = 0;
    uint64_t first = 0;  // the row of the first of them, if there are any

    bool operator==(const PointPixel&) const = default;
};

// `now` ends what is still open: TraceStore::end_time().
[[nodiscard]] std::vector<IntervalPixel> visible(const IntervalLane& lane, const View& view,
                                                 uint64_t now);
[[nodiscard]] std::vector<CounterPixel> visible(const CounterLane& lane, const View& view);
[[nodiscard]] std::vector<PointPixel> visible(const PointLane& lane, const View& view);

// The CPU time of a task: of its threads together, dominant is the ThreadIndex of the busiest one.
// In time that goes with pixels times threads; `first` is no row of any one lane.
// Precondition: the track's kind is Task.
[[nodiscard]] std::vector<IntervalPixel> visible_task(const TraceStore& store, TrackId task,
                                                      const View& view);

// All that is drawn of a track; what it does not have is empty. Wake-ups are drawn for what is
// selected alone, and asked for by their lane.
struct TrackPicture {
    std::vector<IntervalPixel> runs;
    std::vector<std::vector<IntervalPixel>> slices;  // by depth
    std::vector<PointPixel> marks;
    std::vector<CounterPixel> counter;
};

[[nodiscard]] TrackPicture visible(const TraceStore& store, TrackId track, const View& view);

}  // namespace inspector
