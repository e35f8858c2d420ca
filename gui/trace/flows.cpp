// SPDX-License-Identifier: Apache-2.0
// flows: from runs to wake-ups to what caused them, and on.
#include "gui/trace/flows.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "gui/trace/lookup.hpp"

namespace inspector {

namespace {

class Finder final {
  public:
    explicit Finder(const TraceStore& store) : store_(store) {}

    void of_run(ThreadIndex thread, uint64_t row);
    void of_wake(ThreadIndex thread, uint64_t row);
    void of_interrupt(uint32_t cpu, uint64_t begin, uint64_t end);
    void of_call(ThreadIndex thread, const EventRef& call, uint64_t begin, uint64_t end);
    std::vector<Flow> take();

    [[nodiscard]] const IntervalLane* runs(ThreadIndex thread) const {
        return lane_of(thread).runs.get();
    }
    [[nodiscard]] const PointLane* wakes(ThreadIndex thread) const {
        return lane_of(thread).wakes.get();
    }

  private:
    [[nodiscard]] const Track& lane_of(ThreadIndex thread) const {
        const TrackId track = store_.threads()[thread].track;
        return store_.track(track == no_track ? root_track : track);
    }
    void wakes_on(uint32_t cpu, uint64_t begin, uint64_t end, std::optional<ThreadIndex> waker);
    void cause_of(ThreadIndex thread, uint64_t row);
    void run_after(ThreadIndex thread, uint64_t row);
    void switch_in_call(ThreadIndex thread, uint64_t run);
    void add(FlowKind kind, const EventRef& from, uint64_t from_time, const EventRef& to,
             uint64_t to_time);
    [[nodiscard]] std::optional<EventRef> on_cpu(ThreadIndex thread, uint64_t run) const;
    [[nodiscard]] EventRef wake_ref(ThreadIndex thread, uint64_t row) const {
        return {store_.threads()[thread].track, LaneKind::Wakes, 0, row};
    }

    const TraceStore& store_;
    std::vector<Flow> flows_;
};

void Finder::add(FlowKind kind, const EventRef& from, uint64_t from_time, const EventRef& to,
                 uint64_t to_time) {
    const Flow flow{kind, from, from_time, to, to_time};
    if (flows_.size() >= most_flows) return;
    if (std::find(flows_.begin(), flows_.end(), flow) == flows_.end()) flows_.push_back(flow);
}

std::vector<Flow> Finder::take() {
    std::stable_sort(flows_.begin(), flows_.end(), [](const Flow& left, const Flow& right) {
        return std::tie(left.from_time, left.to_time) < std::tie(right.from_time, right.to_time);
    });
    return std::move(flows_);
}

// A run of a thread as the CPU's track has it.
std::optional<EventRef> Finder::on_cpu(ThreadIndex thread, uint64_t run) const {
    const IntervalLane& lane = *runs(thread);
    const TrackId track = store_.find_cpu(lane.key(run), TrackKind::Cpu);
    const auto& cpu_runs = store_.track(track).runs;
    if (!cpu_runs) return {};
    for (uint64_t row = cpu_runs->first_beginning(lane.begin(run), 0); row < cpu_runs->end_row();
         ++row) {
        if (cpu_runs->begin(row) != lane.begin(run)) break;
        if (cpu_runs->key(row) == thread) return EventRef{track, LaneKind::Runs, 0, row};
    }
    return {};
}

void Finder::of_run(ThreadIndex thread, uint64_t row) {
    const IntervalLane& lane = *runs(thread);
    if (const PointLane* woken = wakes(thread)) {
        const uint64_t after = woken->first_at(lane.begin(row) + 1, 0);
        const bool ran_before = row > lane.begin_row();
        if (after > woken->begin_row() &&
            (!ran_before || woken->time(after - 1) >= lane.end(row - 1))) {
            of_wake(thread, after - 1);
        }
    }
    switch_in_call(thread, row);
}

void Finder::of_wake(ThreadIndex thread, uint64_t row) {
    cause_of(thread, row);
    run_after(thread, row);
}

void Finder::cause_of(ThreadIndex thread, uint64_t row) {
    const PointLane& lane = *wakes(thread);
    const uint64_t time = lane.time(row);
    const TrackId interrupts = store_.find_cpu(wake_high(lane.detail(row)), TrackKind::Interrupts);
    if (interrupts != no_track) {
        if (const auto slice = slice_at(store_, interrupts, time)) {
            return add(FlowKind::InterruptToWake, *slice, time, wake_ref(thread, row), time);
        }
    }
    const ThreadIndex waker = lane.key(row);
    if (waker == idle_thread) return;
    if (const auto call = slice_at(store_, store_.threads()[waker].track, time)) {
        add(FlowKind::SystemCallToWake, *call, time, wake_ref(thread, row), time);
    }
}

void Finder::run_after(ThreadIndex thread, uint64_t row) {
    const IntervalLane* lane = runs(thread);
    if (lane == nullptr) return;
    const uint64_t time = wakes(thread)->time(row);
    const uint64_t run = lane->first_beginning(time, 0);
    if (run == lane->end_row()) return;
    // It was on a CPU when it was woken.
    if (run > lane->begin_row() && lane->end(run - 1) > time) return;
    if (const auto to = on_cpu(thread, run)) {
        add(FlowKind::WakeToRun, wake_ref(thread, row), time, *to, lane->begin(run));
    }
}

void Finder::switch_in_call(ThreadIndex thread, uint64_t run) {
    const IntervalLane& lane = *runs(thread);
    const uint64_t end = lane.end(run);
    if (end == still_open || static_cast<RunEnd>(lane.detail(run)) != RunEnd::Sleeping) return;
    const auto call = slice_at(store_, store_.threads()[thread].track, end);
    const auto to = on_cpu(thread, run);
    if (call && to) add(FlowKind::SystemCallToSwitch, *call, end, *to, end);
}

void Finder::wakes_on(uint32_t cpu, uint64_t begin, uint64_t end,
                      std::optional<ThreadIndex> waker) {
    const TrackId track = store_.find_cpu(cpu, TrackKind::Cpu);
    if (track == no_track || !store_.track(track).wakes) return;
    const PointLane& lane = *store_.track(track).wakes;
    for (uint64_t row = lane.first_at(begin, 0); row < lane.end_row(); ++row) {
        if (lane.time(row) > end || flows_.size() >= most_flows) return;
        const ThreadIndex woken = lane.key(row);
        if ((waker && wake_high(lane.detail(row)) != *waker) || woken == idle_thread) continue;
        const PointLane* of_woken = wakes(woken);
        if (of_woken == nullptr) continue;
        const uint64_t there = of_woken->first_at(lane.time(row), 0);
        if (there == of_woken->end_row() || of_woken->time(there) != lane.time(row)) continue;
        of_wake(woken, there);
    }
}

void Finder::of_interrupt(uint32_t cpu, uint64_t begin, uint64_t end) {
    wakes_on(cpu, begin, end, {});
}

void Finder::of_call(ThreadIndex thread, const EventRef& call, uint64_t begin, uint64_t end) {
    const IntervalLane* lane = runs(thread);
    if (lane == nullptr) return;
    for (uint64_t run = lane->first_not_ended(begin, 0); run < lane->end_row(); ++run) {
        if (lane->begin(run) > end || flows_.size() >= most_flows) break;
        wakes_on(lane->key(run), std::max(begin, lane->begin(run)), std::min(end, lane->end(run)),
                 thread);
        if (lane->end(run) <= end) switch_in_call(thread, run);
    }
    // Wake-ups at the ends of the call may belong to its neighbours, or to an interrupt.
    std::erase_if(flows_, [&](const Flow& flow) {
        return flow.kind != FlowKind::WakeToRun && flow.from != call;
    });
}

}  // namespace

std::vector<Flow> flows_of(const TraceStore& store, const EventRef& ref) {
    if (!exists(store, ref)) return {};
    const EventDetails event = details(store, ref);
    const TrackKind kind = store.track(ref.track).kind;
    Finder finder(store);
    if (ref.lane == LaneKind::Runs) {
        const IntervalLane* runs = finder.runs(event.thread);
        if (runs == nullptr) return {};
        const uint64_t row = runs->first_beginning(event.begin, 0);
        if (row < runs->end_row() && runs->begin(row) == event.begin) {
            finder.of_run(event.thread, row);
        }
    } else if (ref.lane == LaneKind::Wakes) {
        const PointLane* wakes = finder.wakes(event.thread);
        if (wakes == nullptr) return {};
        const uint64_t row = wakes->first_at(event.begin, 0);
        if (row < wakes->end_row() && wakes->time(row) == event.begin) {
            finder.of_wake(event.thread, row);
        }
    } else if (ref.lane == LaneKind::Slices && kind == TrackKind::Interrupts) {
        finder.of_interrupt(*event.cpu, event.begin, event.end);
    } else if (ref.lane == LaneKind::Slices && kind == TrackKind::Thread) {
        finder.of_call(event.thread, ref, event.begin, event.end);
    }
    return finder.take();
}

}  // namespace inspector
