// SPDX-License-Identifier: Apache-2.0
// TraceBuilder: one function for each kind of event that needs more than a line.
#include "gui/trace/trace_builder.hpp"

#include <bit>
#include <memory>

namespace inspector {

namespace {

template <typename Lane>
Lane& made(std::unique_ptr<Lane>& lane) {
    if (!lane) lane = std::make_unique<Lane>();
    return *lane;
}

RunEnd run_end(uint64_t prev_state) {
    constexpr uint64_t exit_dead = 16;  // Linux, include/linux/sched.h
    if (prev_state == 0) return RunEnd::Runnable;
    return prev_state == exit_dead ? RunEnd::Ended : RunEnd::Sleeping;
}

}  // namespace

void TraceBuilder::apply(const TraceEvent& event) {
    store_->saw(event.time);
    switch (event.kind) {
        case EventKind::Switch: return apply_switch(event);
        case EventKind::Wake: return apply_wake(event);
        case EventKind::Frequency:
            return counter(store_->cpu_track(event.cpu, TrackKind::Frequency), event.time,
                           std::bit_cast<int64_t>(event.value));
        case EventKind::Loss:
            ++counts_.losses;
            end_run(event.cpu, event.time, RunEnd::Unknown);
            return;
        case EventKind::SliceBegin: return begin_slice(event);
        case EventKind::SliceEnd: return end_slice(event);
        case EventKind::Mark: return mark(event);
        case EventKind::Counter:
            return counter(event.a, event.time, std::bit_cast<int64_t>(event.value));
    }
}

bool TraceBuilder::end_run(uint32_t cpu, uint64_t time, RunEnd how) {
    IntervalLane& lane = made(store_->track(store_->cpu_track(cpu, TrackKind::Cpu)).runs);
    if (!lane.last_is_open()) return false;
    const ThreadIndex thread = lane.key(lane.end_row() - 1);
    const auto detail = static_cast<uint64_t>(how);
    if (!lane.close(time, detail)) return false;
    // In a damaged trace the thread may run elsewhere by now.
    const auto& runs = store_->track(store_->threads()[thread].track).runs;
    if (runs && runs->last_is_open() && runs->key(runs->end_row() - 1) == cpu) {
        runs->close(time, detail);
    }
    return true;
}

void TraceBuilder::apply_switch(const TraceEvent& event) {
    IntervalLane& lane = made(store_->track(store_->cpu_track(event.cpu, TrackKind::Cpu)).runs);
    if (lane.last_is_open()) {
        if (lane.key(lane.end_row() - 1) != event.a) ++counts_.mismatches;
        if (!end_run(event.cpu, event.time, run_end(event.value))) return count(false);
    }
    if (event.b == idle_thread) return count(true);
    if (!lane.open(event.time, event.b, static_cast<uint64_t>(RunEnd::Unknown))) {
        return count(false);
    }
    count(true);
    IntervalLane& runs = made(store_->track(store_->threads()[event.b].track).runs);
    if (runs.last_is_open()) {
        ++counts_.mismatches;
        runs.close(event.time, static_cast<uint64_t>(RunEnd::Unknown));
    }
    if (!runs.open(event.time, event.cpu, static_cast<uint64_t>(RunEnd::Unknown))) {
        ++counts_.mismatches;
    }
}

void TraceBuilder::apply_wake(const TraceEvent& event) {
    const auto target = static_cast<uint32_t>(event.value);
    PointLane& caused = made(store_->track(store_->cpu_track(event.cpu, TrackKind::Cpu)).wakes);
    const bool in_order = caused.append(event.time, event.b, wake_detail(event.a, target));
    count(in_order);
    if (!in_order || event.b == idle_thread) return;
    made(store_->track(store_->threads()[event.b].track).wakes)
        .append(event.time, event.a, wake_detail(event.cpu, target));
}

void TraceBuilder::begin_slice(const TraceEvent& event) {
    Track& track = store_->track(event.a);
    OpenSlices& open = open_[event.a];
    if (open.kept.size() >= most_depth) {
        ++open.beyond;
        ++counts_.too_deep;
        return;
    }
    while (track.slices.size() <= open.depth) {
        track.slices.push_back(std::make_unique<IntervalLane>());
    }
    const bool opened = track.slices[open.depth]->open(event.time, event.b, event.value);
    open.kept.push_back(opened);
    if (opened) ++open.depth;
    count(opened);
}

void TraceBuilder::end_slice(const TraceEvent& event) {
    OpenSlices& open = open_[event.a];
    if (open.beyond != 0) {
        --open.beyond;
        return;
    }
    if (open.kept.empty()) {
        ++counts_.unmatched_ends;
        return;
    }
    if (!open.kept.back()) {
        open.kept.pop_back();
        return count(false);
    }
    IntervalLane& lane = *store_->track(event.a).slices[open.depth - 1];
    const uint64_t begun = lane.detail(lane.end_row() - 1);
    const bool closed = lane.close(event.time, event.value != 0 ? event.value : begun);
    count(closed);
    // One that ends before it began stays open.
    if (!closed) return;
    store_->arguments().join(begun, event.value);
    open.kept.pop_back();
    --open.depth;
}

// A mark that tells of a container is put on the container's track too, which the trace does not
// have (docs/traces.md): it is known by its argument.
void TraceBuilder::mark(const TraceEvent& event) {
    const bool in_order =
        made(store_->track(event.a).marks).append(event.time, event.b, event.value);
    count(in_order);
    if (!in_order || !store_->strings().view(event.b).starts_with("container ")) return;
    const StringPool& strings = store_->strings();
    TrackId container = no_track;
    std::string_view name;
    for (const Argument& argument : store_->arguments().get(event.value)) {
        const std::string_view key = strings.view(argument.name);
        if (key == "container" && argument.type == ValueType::Unsigned) {
            container = store_->container_track(static_cast<uint32_t>(argument.bits));
        }
        if (key == "name" && argument.type == ValueType::String) {
            name = strings.view(static_cast<StringId>(argument.bits));
        }
    }
    if (container == no_track) return;
    if (!name.empty()) store_->rename(container, name);
    made(store_->track(container).marks).append(event.time, event.b, event.value);
}

void TraceBuilder::counter(TrackId track, uint64_t time, int64_t value) {
    count(made(store_->track(track).counter).append(time, value));
}

}  // namespace inspector
