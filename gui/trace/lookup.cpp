// SPDX-License-Identifier: Apache-2.0
// lookup: searches by time in one lane.
#include "gui/trace/lookup.hpp"

namespace inspector {

namespace {

struct Rows {
    uint64_t begin = 0;
    uint64_t end = 0;
};

Rows rows(const TraceStore& store, const EventRef& ref) {
    if (ref.track >= store.track_count()) return {};
    if (const IntervalLane* lane = intervals(store, ref)) {
        return {lane->begin_row(), lane->end_row()};
    }
    if (const PointLane* lane = points(store, ref)) return {lane->begin_row(), lane->end_row()};
    const auto& counter = store.track(ref.track).counter;
    if (ref.lane != LaneKind::Counter || !counter) return {};
    return {counter->begin_row(), counter->end_row()};
}

// The first row that begins at `time` or later. Precondition: the lane is there.
uint64_t first_from(const TraceStore& store, const EventRef& ref, uint64_t time) {
    if (const IntervalLane* lane = intervals(store, ref)) return lane->first_beginning(time, 0);
    if (const PointLane* lane = points(store, ref)) return lane->first_at(time, 0);
    return store.track(ref.track).counter->first_at(time, 0);
}

void fill_run(const TraceStore& store, const IntervalLane& lane, EventDetails& details) {
    const Track& track = store.track(details.ref.track);
    const uint32_t key = lane.key(details.ref.row);
    details.thread = track.kind == TrackKind::Cpu ? key : track.thread;
    details.cpu = track.kind == TrackKind::Cpu ? track.number : key;
    details.run_end = static_cast<RunEnd>(lane.detail(details.ref.row));
    details.name = store.strings().view(store.threads()[details.thread].name);
}

void fill_wake(const TraceStore& store, const PointLane& lane, EventDetails& details) {
    const Track& track = store.track(details.ref.track);
    const uint64_t detail = lane.detail(details.ref.row);
    Wake wake{.time = details.begin, .target = wake_target(detail)};
    if (track.kind == TrackKind::Cpu) {
        wake.woken = lane.key(details.ref.row);
        wake.waker = wake_high(detail);
        wake.cpu = track.number;
    } else {
        wake.woken = track.thread;
        wake.waker = lane.key(details.ref.row);
        wake.cpu = wake_high(detail);
    }
    details.wake = wake;
    details.thread = wake.woken;
    details.cpu = wake.cpu;
    details.name = store.strings().view(store.threads()[wake.woken].name);
}

void fill_named(const TraceStore& store, StringId name, ArgumentsRef arguments,
                EventDetails& details) {
    const Track& track = store.track(details.ref.track);
    details.name = store.strings().view(name);
    details.arguments = store.arguments().get(arguments);
    details.arguments_dropped = store.arguments().dropped(arguments);
    if (track.kind == TrackKind::Thread) details.thread = track.thread;
    if (track.kind == TrackKind::Interrupts || track.kind == TrackKind::Kernel) {
        details.cpu = track.number;
    }
}

}  // namespace

const IntervalLane* intervals(const TraceStore& store, const EventRef& ref) {
    const Track& track = store.track(ref.track);
    if (ref.lane == LaneKind::Runs) return track.runs.get();
    const bool slices = ref.lane == LaneKind::Slices && ref.depth < track.slices.size();
    return slices ? track.slices[ref.depth].get() : nullptr;
}

const PointLane* points(const TraceStore& store, const EventRef& ref) {
    const Track& track = store.track(ref.track);
    if (ref.lane == LaneKind::Marks) return track.marks.get();
    return ref.lane == LaneKind::Wakes ? track.wakes.get() : nullptr;
}

bool exists(const TraceStore& store, const EventRef& ref) {
    const Rows there = rows(store, ref);
    return ref.row >= there.begin && ref.row < there.end;
}

std::optional<EventRef> run_at(const TraceStore& store, TrackId track, uint64_t time) {
    const auto& runs = store.track(track).runs;
    if (!runs) return {};
    const std::optional<uint64_t> row = runs->at(time);
    if (!row) return {};
    return EventRef{track, LaneKind::Runs, 0, *row};
}

std::optional<EventRef> slice_at(const TraceStore& store, TrackId track, uint64_t time) {
    const auto& slices = store.track(track).slices;
    for (auto depth = static_cast<uint32_t>(slices.size()); depth-- > 0;) {
        const std::optional<uint64_t> row = slices[depth]->at(time);
        if (row) return EventRef{track, LaneKind::Slices, depth, *row};
    }
    return {};
}

std::optional<int64_t> value_at(const TraceStore& store, TrackId track, uint64_t time) {
    const auto& counter = store.track(track).counter;
    if (!counter) return {};
    const uint64_t after = counter->first_at(time + 1, 0);
    if (after == counter->begin_row()) return {};
    return counter->value(after - 1);
}

std::optional<EventRef> next(const TraceStore& store, const EventRef& ref) {
    EventRef result = ref;
    ++result.row;
    if (!exists(store, ref) || !exists(store, result)) return {};
    return result;
}

std::optional<EventRef> previous(const TraceStore& store, const EventRef& ref) {
    if (ref.row == 0 || !exists(store, ref)) return {};
    EventRef result = ref;
    --result.row;
    if (!exists(store, result)) return {};
    return result;
}

std::optional<EventRef> next_after(const TraceStore& store, EventRef lane, uint64_t time) {
    const Rows there = rows(store, lane);
    if (there.begin == there.end || time == UINT64_MAX) return {};
    lane.row = first_from(store, lane, time + 1);
    if (lane.row == there.end) return {};
    return lane;
}

std::optional<EventRef> previous_before(const TraceStore& store, EventRef lane, uint64_t time) {
    const Rows there = rows(store, lane);
    if (there.begin == there.end) return {};
    lane.row = first_from(store, lane, time);
    if (lane.row == there.begin) return {};
    --lane.row;
    return lane;
}

std::optional<EventRef> next_wake(const TraceStore& store, ThreadIndex thread, uint64_t time) {
    return next_after(store, {store.threads()[thread].track, LaneKind::Wakes}, time);
}

std::optional<EventRef> previous_wake(const TraceStore& store, ThreadIndex thread, uint64_t time) {
    return previous_before(store, {store.threads()[thread].track, LaneKind::Wakes}, time);
}

EventDetails details(const TraceStore& store, const EventRef& ref) {
    EventDetails result;
    result.ref = ref;
    if (const IntervalLane* lane = intervals(store, ref)) {
        result.begin = lane->begin(ref.row);
        result.open = lane->end(ref.row) == still_open;
        result.end = result.open ? store.end_time() : lane->end(ref.row);
        if (ref.lane == LaneKind::Runs) {
            fill_run(store, *lane, result);
        } else {
            fill_named(store, lane->key(ref.row), lane->detail(ref.row), result);
        }
    } else if (const PointLane* lane_of_points = points(store, ref)) {
        result.begin = result.end = lane_of_points->time(ref.row);
        if (ref.lane == LaneKind::Wakes) {
            fill_wake(store, *lane_of_points, result);
        } else {
            fill_named(store, lane_of_points->key(ref.row), lane_of_points->detail(ref.row),
                       result);
        }
    } else {
        const CounterLane& counter = *store.track(ref.track).counter;
        const bool last = ref.row + 1 == counter.end_row();
        result.begin = counter.time(ref.row);
        result.end = last ? store.end_time() : counter.time(ref.row + 1);
        result.value = counter.value(ref.row);
        result.name = store.name(ref.track);
    }
    return result;
}

}  // namespace inspector
