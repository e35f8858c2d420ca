// SPDX-License-Identifier: Apache-2.0
// aggregate: sums over an area, a stretch of time on some tracks. Runs and slices count with the
// part of them that lies in the area. It takes time that goes with the runs, slices and marks in
// the area; counters take none to speak of.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gui/trace/trace_store.hpp"

namespace inspector {

struct Totals {
    uint32_t key = no_key;  // a ThreadIndex, or a StringId
    uint64_t count = 0;
    uint64_t time = 0;  // nanoseconds, of all together; 0 for marks
    uint64_t least = 0;
    uint64_t greatest = 0;

    [[nodiscard]] double mean() const {
        return count == 0 ? 0 : static_cast<double>(time) / static_cast<double>(count);
    }
    bool operator==(const Totals&) const = default;
};

struct CounterTotals {
    TrackId track = no_track;
    uint64_t count = 0;  // values that came within the area
    int64_t least = 0;   // of the values that held within it
    int64_t greatest = 0;
    double mean = 0;      // over the time in which there was a value
    double integral = 0;  // value times seconds
};

struct Aggregates {
    std::vector<Totals> threads;  // CPU time by thread
    std::vector<Totals> slices;   // by name: system calls, interrupts
    std::vector<Totals> marks;    // by name, counts only
    std::vector<CounterTotals> counters;
};

// Each list with the largest time first, then the largest count; counters in the order of `tracks`.
// Runs are taken from the CPUs' tracks, and from the threads' only if no CPU is among the tracks,
// so that none counts twice. The time of a slice has that of those it contains. Precondition: begin
// <= end, and no track is given twice.
[[nodiscard]] Aggregates aggregate(const TraceStore& store, uint64_t begin, uint64_t end,
                                   std::span<const TrackId> tracks);

}  // namespace inspector
