// SPDX-License-Identifier: Apache-2.0
// aggregate: going through the rows of an area, with a sum for each key.
#include "gui/trace/aggregate.hpp"

#include <algorithm>

namespace inspector {

namespace {

// Keys are small numbers, so a table by key does.
class Sums final {
  public:
    void add(uint32_t key, uint64_t time) {
        if (key >= sums_.size()) sums_.resize(size_t{key} + 1);
        Totals& sum = sums_[key];
        sum.least = sum.count == 0 ? time : std::min(sum.least, time);
        sum.greatest = std::max(sum.greatest, time);
        sum.time += time;
        ++sum.count;
    }

    [[nodiscard]] std::vector<Totals> sorted() const {
        std::vector<Totals> result;
        for (uint32_t key = 0; key < sums_.size(); ++key) {
            if (sums_[key].count == 0) continue;
            result.push_back(sums_[key]);
            result.back().key = key;
        }
        std::stable_sort(result.begin(), result.end(), [](const Totals& left, const Totals& right) {
            if (left.time != right.time) return left.time > right.time;
            return left.count > right.count;
        });
        return result;
    }

  private:
    std::vector<Totals> sums_;
};

struct Area {
    uint64_t begin;
    uint64_t end;
    uint64_t now;  // what is open lasts until here
};

// One key for all, or that of each interval.
void add_intervals(const IntervalLane& lane, const Area& area, Sums& sums,
                   uint32_t key_for_all = no_key) {
    for (uint64_t row = lane.first_not_ended(area.begin, 0); row < lane.end_row(); ++row) {
        if (lane.begin(row) >= area.end) break;
        const uint64_t end = lane.end(row) == still_open ? area.now : lane.end(row);
        const uint64_t from = std::max(lane.begin(row), area.begin);
        const uint64_t to = std::min(end, area.end);
        sums.add(key_for_all == no_key ? lane.key(row) : key_for_all, to > from ? to - from : 0);
    }
}

void add_marks(const PointLane& lane, const Area& area, Sums& sums) {
    const uint64_t last = lane.first_at(area.end, 0);
    for (uint64_t row = lane.first_at(area.begin, 0); row < last; ++row) sums.add(lane.key(row), 0);
}

// How long a value held in the area, as a range of its own.
ValueRange piece(int64_t value, uint64_t from, uint64_t to) {
    ValueRange result;
    result.add(value);
    if (to > from) result.integral = static_cast<double>(value) * static_cast<double>(to - from);
    return result;
}

void add_counter(const CounterLane& lane, TrackId track, const Area& area,
                 std::vector<CounterTotals>& counters) {
    const uint64_t until = std::min(area.end, area.now);
    const uint64_t first = lane.first_at(area.begin, 0);
    const uint64_t last = lane.first_at(area.end, first);
    if (last == lane.begin_row()) return;
    ValueRange range;
    uint64_t known_from = area.begin;
    if (first > lane.begin_row()) {
        const uint64_t to = last > first ? lane.time(first) : until;
        if (to > area.begin) range.add(piece(lane.value(first - 1), area.begin, to));
    } else {
        known_from = lane.time(first);
    }
    if (last > first) {
        range.add(lane.range(first, last - 1));
        range.add(piece(lane.value(last - 1), lane.time(last - 1), until));
    }
    if (range.least > range.greatest) return;  // an area without length, or behind the end
    constexpr double nanoseconds = 1e9;
    const double time = until > known_from ? static_cast<double>(until - known_from) : 0;
    const double mean =
        time > 0 ? range.integral / time : static_cast<double>(lane.value(last - 1));
    counters.push_back(
        {track, last - first, range.least, range.greatest, mean, range.integral / nanoseconds});
}

}  // namespace

Aggregates aggregate(const TraceStore& store, uint64_t begin, uint64_t end,
                     std::span<const TrackId> tracks) {
    const Area area{begin, end, store.end_time()};
    const bool by_cpu = std::any_of(tracks.begin(), tracks.end(), [&](TrackId id) {
        return store.track(id).kind == TrackKind::Cpu;
    });
    Sums threads;
    Sums slices;
    Sums marks;
    Aggregates result;
    for (const TrackId id : tracks) {
        const Track& track = store.track(id);
        if (track.runs && track.kind == TrackKind::Cpu) add_intervals(*track.runs, area, threads);
        if (track.runs && track.kind == TrackKind::Thread && !by_cpu) {
            add_intervals(*track.runs, area, threads, track.thread);
        }
        for (const auto& lane : track.slices) add_intervals(*lane, area, slices);
        if (track.marks) add_marks(*track.marks, area, marks);
        if (track.counter) add_counter(*track.counter, id, area, result.counters);
    }
    result.threads = threads.sorted();
    result.slices = slices.sorted();
    result.marks = marks.sorted();
    return result;
}

}  // namespace inspector
