// SPDX-License-Identifier: Apache-2.0
// Timeline: see the header.
#include "gui/timeline/timeline.hpp"

#include <algorithm>
#include <utility>

namespace inspector {

namespace {

enum Kind { Tree, Sums };

constexpr int poll_milliseconds = 150;

bool is_over(LoadState state) {
    return state == LoadState::Done || state == LoadState::Cancelled || state == LoadState::Failed;
}

EventRef drawn_at(const TraceStore& store, const EventRef& ref) {
    if (ref.lane != LaneKind::Wakes || !exists(store, ref)) return ref;
    const EventDetails wake = details(store, ref);
    const TrackId cpu = wake.cpu ? store.find_cpu(*wake.cpu, TrackKind::Cpu) : no_track;
    return cpu == no_track ? ref : EventRef{cpu, LaneKind::Runs, 0, 0};
}

FlowLine line_of(const TraceStore& store, const Flow& flow) {
    return {drawn_at(store, flow.from), drawn_at(store, flow.to),
            static_cast<double>(flow.from_time), static_cast<double>(flow.to_time)};
}

}  // namespace

Timeline::Timeline(TraceLoader& loader, Selection& selection)
    : loader_(&loader), selection_(&selection) {
    connect(&poll_, &QTimer::timeout, this, &Timeline::refresh);
    connect(&selection, &Selection::changed, this, &Timeline::follow);
    poll_.start(poll_milliseconds);
    refresh();
}

void Timeline::refresh() {
    worker_.ask(Tree, [this] {
        // In this order, so that the tree has all that the progress tells of.
        LoadProgress progress = loader_->progress();
        auto tree = std::make_shared<const TrackTree>(
            loader_->read([](const TraceStore& store) { return read_tree(store); }));
        if (tree->edition != progress.edition) progress = loader_->progress();
        QMetaObject::invokeMethod(
            this,
            [this, tree = std::move(tree), progress = std::move(progress)] {
                take(tree, progress);
            },
            Qt::QueuedConnection);
    });
}

void Timeline::take(std::shared_ptr<const TrackTree> tree, LoadProgress progress) {
    const bool is_another = progress.edition != progress_.edition;
    const bool grew = is_another || progress.bytes_read != progress_.bytes_read;
    const bool over = is_over(progress.state) && !complete_;
    progress_ = std::move(progress);
    looked_ = true;
    viewport_.set_limits(tree->begin, tree->end);
    if (is_another) {
        // What was selected is of the trace that is gone; the cursor stays.
        forget();
        rows_.set_other_tree(std::move(tree));
        emit rows_changed();
        emit selection_changed();
    } else if (rows_.set_tree(std::move(tree))) {
        emit rows_changed();
    }
    if (over) {
        complete_ = true;
        poll_.stop();
    }
    if (!grew && !over) return;
    ++age_;
    emit trace_changed();
}

void Timeline::set_present(std::optional<uint64_t> present) {
    if (present == present_) return;
    present_ = present;
    emit present_changed();
}

void Timeline::forget() {
    event_.reset();
    flows_.clear();
    flow_lines_.clear();
    facts_.clear();
    area_.reset();
    track_ = no_track;
}

void Timeline::tell(const Selected& selected) {
    telling_ = true;
    selection_->select(selected);
    telling_ = false;
}

void Timeline::select_event(const EventRef& ref) {
    Selected selected;
    const bool there = loader_->read([&](const TraceStore& store) {
        if (ref.track >= store.track_count() || !exists(store, ref)) return false;
        facts_ = facts_of(store, ref);
        flows_ = flows_of(store, ref);
        flow_lines_.clear();
        for (const Flow& flow : flows_) flow_lines_.push_back(line_of(store, flow));
        const EventDetails event = details(store, ref);
        event_span_ = {static_cast<double>(event.begin), static_cast<double>(event.end)};
        selected = selected_by(store, ref);
        return true;
    });
    if (!there) return;
    event_ = ref;
    track_ = ref.track;
    area_.reset();
    tell(selected);
    emit selection_changed();
}

void Timeline::select_track(TrackId track) {
    if (!rows_.tree().has(track)) return;
    forget();
    facts_ = {{tr("track"), rows_.tree().path(track)}};
    track_ = track;
    Selected selected = loader_->read([&](const TraceStore& store) {
        return track < store.track_count() ? selected_by(store, track) : Selected{};
    });
    selected.time = selection_->selected().time;
    tell(selected);
    emit selection_changed();
}

void Timeline::select_area(Area area) {
    forget();
    std::sort(area.tracks.begin(), area.tracks.end());
    area.tracks.erase(std::unique(area.tracks.begin(), area.tracks.end()), area.tracks.end());
    area_ = area;
    Selected selected;
    selected.time = area.begin;
    selected.end = area.end;
    tell(selected);
    emit selection_changed();
    worker_.ask(Sums, [this, area = std::move(area), edition = progress_.edition] {
        Aggregates sums = loader_->read([&](const TraceStore& store) {
            // Of a trace that has come meanwhile nothing is selected.
            if (store.edition() != edition) return Aggregates{};
            return aggregate(store, area.begin, area.end, area.tracks);
        });
        QMetaObject::invokeMethod(
            this, [this, sums = std::move(sums)] { emit sums_ready(sums); }, Qt::QueuedConnection);
    });
}

void Timeline::clear() {
    forget();
    tell({});
    emit selection_changed();
}

void Timeline::follow(const Selected& selected) {
    if (telling_) return;
    forget();
    const TrackTree& tree = rows_.tree();
    const auto find = [&](TrackKind kind, const std::optional<uint32_t>& number) {
        return number ? tree.find(kind, *number) : no_track;
    };
    for (const auto& [kind, number] :
         {std::pair{TrackKind::Thread, selected.thread}, std::pair{TrackKind::Task, selected.task},
          std::pair{TrackKind::Container, selected.container},
          std::pair{TrackKind::Cpu, selected.cpu}}) {
        if (track_ == no_track) track_ = find(kind, number);
    }
    if (track_ != no_track) {
        facts_ = {{tr("track"), tree.path(track_)}};
        rows_.reveal(track_);
        emit rows_changed();
        emit row_wanted(track_);
    }
    if (selected.time) viewport_.reveal(static_cast<double>(*selected.time));
    emit view_changed();
    emit selection_changed();
}

bool Timeline::step(int direction) {
    if (!event_) return false;
    const auto neighbour = loader_->read([&](const TraceStore& store) {
        return direction > 0 ? next(store, *event_) : previous(store, *event_);
    });
    if (!neighbour) return false;
    select_event(*neighbour);
    reveal_event();
    return true;
}

bool Timeline::follow_flow(int direction) {
    if (!event_) return false;
    // The nearest in time that is another event; of the event's own flows, if it has such.
    const Flow* nearest = nullptr;
    double least = 0;
    for (const bool own : {true, false}) {
        for (const Flow& flow : flows_) {
            const EventRef& here = direction > 0 ? flow.from : flow.to;
            const EventRef& there = direction > 0 ? flow.to : flow.from;
            const auto time = static_cast<double>(direction > 0 ? flow.to_time : flow.from_time);
            const double way = (time - event_span_.begin) * direction;
            if ((own && here != *event_) || there == *event_ || way < 0) continue;
            if (nearest != nullptr && way >= least) continue;
            nearest = &flow;
            least = way;
        }
        if (nearest != nullptr) break;
    }
    if (nearest == nullptr) return false;
    const EventRef there = direction > 0 ? nearest->to : nearest->from;
    select_event(there);
    reveal_event();
    return true;
}

void Timeline::reveal_event() {
    rows_.reveal(track_);
    emit rows_changed();
    emit row_wanted(track_);
    viewport_.reveal(event_span_.begin);
    emit view_changed();
}

void Timeline::fit_selection() {
    if (area_) {
        viewport_.show(static_cast<double>(area_->begin), static_cast<double>(area_->end));
    } else if (event_) {
        const double room = std::max(event_span_.length() / 4, 500.0);
        viewport_.show(event_span_.begin - room, event_span_.end + room);
    } else {
        viewport_.show_all();
    }
    emit view_changed();
}

void Timeline::go_to(TrackId track) {
    rows_.reveal(track);
    select_track(track);
    emit rows_changed();
    emit row_wanted(track);
}

void Timeline::toggle_pin() {
    if (track_ == no_track) return;
    rows_.toggle_pin(track_);
    emit rows_changed();
}

}  // namespace inspector
