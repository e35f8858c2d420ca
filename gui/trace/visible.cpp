// SPDX-License-Identifier: Apache-2.0
// visible: pixel by pixel, each search starting where the one before ended.
#include "gui/trace/visible.hpp"

#include <algorithm>

namespace inspector {

namespace {

// span * part / parts without overflow: spans may have 63 bits, pixels 32.
uint64_t share_of(uint64_t span, uint64_t part, uint64_t parts) {
    return span / parts * part + span % parts * part / parts;
}

// The edges of all pixels, so that no pixel needs a division for each lane it is asked of.
class Pixels final {
  public:
    explicit Pixels(const View& view) : edges_(size_t{view.pixels} + 1) {
        const uint64_t span = view.end - view.begin;
        for (size_t i = 0; i < edges_.size(); ++i) {
            edges_[i] = view.begin + share_of(span, i, view.pixels);
        }
    }
    [[nodiscard]] uint64_t begin(uint32_t pixel) const { return edges_[pixel]; }
    [[nodiscard]] uint64_t end(uint32_t pixel) const {
        return std::max(edges_[pixel + 1], edges_[pixel] + 1);
    }
    // Pixels overlap when there are more of them than nanoseconds.
    [[nodiscard]] bool next_is_apart(uint32_t pixel) const {
        return edges_[pixel + 1] > edges_[pixel];
    }

  private:
    std::vector<uint64_t> edges_;
};

// The part of an interval that lies in [begin, end).
uint64_t clipped(const IntervalLane& lane, uint64_t row, uint64_t begin, uint64_t end,
                 uint64_t now) {
    const uint64_t last = lane.end(row) == still_open ? now : lane.end(row);
    const uint64_t from = std::max(lane.begin(row), begin);
    const uint64_t to = std::min(last, end);
    return to > from ? to - from : 0;
}

IntervalPixel interval_pixel(const IntervalLane& lane, uint64_t first, uint64_t last,
                             uint64_t begin, uint64_t end, uint64_t now, ShareTable& table) {
    IntervalPixel pixel;
    if (first == last) return pixel;
    pixel.count = last - first;
    pixel.first = first;
    pixel.busy = clipped(lane, first, begin, end, now);
    pixel.dominant = lane.key(first);
    if (pixel.count == 1) return pixel;

    // Only the first and the last one can reach beyond the pixel.
    table.clear();
    table.add(lane.key(first), pixel.busy);
    pixel.busy += lane.add_up(first + 1, last - 1, table);
    const uint64_t rest = clipped(lane, last - 1, begin, end, now);
    table.add(lane.key(last - 1), rest);
    pixel.busy += rest;
    pixel.dominant = table.largest().key;
    return pixel;
}

}  // namespace

uint64_t View::pixel_begin(uint32_t pixel) const {
    return begin + share_of(end - begin, pixel, pixels);
}

uint64_t View::pixel_end(uint32_t pixel) const {
    const uint64_t next = begin + share_of(end - begin, uint64_t{pixel} + 1, pixels);
    return std::max(next, pixel_begin(pixel) + 1);
}

std::vector<IntervalPixel> visible(const IntervalLane& lane, const View& view, uint64_t now) {
    std::vector<IntervalPixel> result(view.pixels);
    const Pixels edges(view);
    ShareTable table;
    uint64_t first = lane.begin_row();
    for (uint32_t i = 0; i < view.pixels && first != lane.end_row(); ++i) {
        const uint64_t begin = edges.begin(i);
        const uint64_t end = edges.end(i);
        first = lane.first_not_ended(begin, first);
        // About as many as in the pixel before.
        const uint64_t guess = i == 0 ? 1 : std::max<uint64_t>(result[i - 1].count, 1);
        const uint64_t last = lane.first_beginning(end, first, guess);
        result[i] = interval_pixel(lane, first, last, begin, end, now, table);
        // The last one may reach into the next pixel.
        if (last > first && edges.next_is_apart(i)) first = last - 1;
    }
    return result;
}

std::vector<CounterPixel> visible(const CounterLane& lane, const View& view) {
    std::vector<CounterPixel> result(view.pixels);
    const Pixels edges(view);
    if (lane.empty()) return result;
    uint64_t first = lane.begin_row();
    for (uint32_t i = 0; i < view.pixels; ++i) {
        const uint64_t begin = edges.begin(i);
        const uint64_t end = edges.end(i);
        first = lane.first_at(begin, first);
        const uint64_t last = lane.first_at(end, first);
        CounterPixel& pixel = result[i];
        pixel.count = last - first;
        if (last == lane.begin_row()) continue;  // before the first value
        ValueRange range;
        const bool carried =
            first > lane.begin_row() && (first == last || lane.time(first) > begin);
        if (carried) range.add(lane.value(first - 1));
        if (last > first) {
            range.add(lane.range(first, last - 1));
            range.add(lane.value(last - 1));
        }
        pixel.known = true;
        pixel.least = range.least;
        pixel.greatest = range.greatest;
        pixel.last = lane.value(last - 1);
        if (edges.next_is_apart(i)) first = last;
    }
    return result;
}

std::vector<PointPixel> visible(const PointLane& lane, const View& view) {
    std::vector<PointPixel> result(view.pixels);
    const Pixels edges(view);
    uint64_t first = lane.begin_row();
    for (uint32_t i = 0; i < view.pixels && first != lane.end_row(); ++i) {
        first = lane.first_at(edges.begin(i), first);
        const uint64_t guess = i == 0 ? 1 : std::max<uint64_t>(result[i - 1].count, 1);
        const uint64_t last = lane.first_at(edges.end(i), first, guess);
        result[i] = {last - first, last > first ? first : 0};
        if (edges.next_is_apart(i)) first = last;
    }
    return result;
}

std::vector<IntervalPixel> visible_task(const TraceStore& store, TrackId task, const View& view) {
    std::vector<IntervalPixel> result(view.pixels);
    std::vector<uint64_t> most(view.pixels);
    for (const TrackId id : store.track(task).children) {
        const Track& track = store.track(id);
        if (!track.runs) continue;
        const auto one = visible(*track.runs, view, store.end_time());
        for (uint32_t i = 0; i < view.pixels; ++i) {
            if (one[i].count == 0) continue;
            result[i].count += one[i].count;
            result[i].busy += one[i].busy;
            if (result[i].dominant != no_key && one[i].busy <= most[i]) continue;
            result[i].dominant = track.thread;
            most[i] = one[i].busy;
        }
    }
    return result;
}

TrackPicture visible(const TraceStore& store, TrackId track, const View& view) {
    const Track& seen = store.track(track);
    const uint64_t now = store.end_time();
    TrackPicture result;
    if (seen.kind == TrackKind::Task) result.runs = visible_task(store, track, view);
    if (seen.runs) result.runs = visible(*seen.runs, view, now);
    for (const auto& lane : seen.slices) result.slices.push_back(visible(*lane, view, now));
    if (seen.marks) result.marks = visible(*seen.marks, view);
    if (seen.counter) result.counter = visible(*seen.counter, view);
    return result;
}

}  // namespace inspector
