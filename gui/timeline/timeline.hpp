// SPDX-License-Identifier: Apache-2.0
// Timeline: what the timeline shows and what can be done with it, without a widget: the rows, the
// view, the selected event with its flows, the selected area with its sums. It follows a trace that
// grows, and the selection of all panels.
#pragma once

#include <QObject>
#include <QTimer>
#include <memory>
#include <optional>
#include <vector>

#include "gui/run/selection.hpp"
#include "gui/timeline/event_finder.hpp"
#include "gui/timeline/rows.hpp"
#include "gui/timeline/viewport.hpp"
#include "gui/timeline/worker.hpp"
#include "gui/trace/aggregate.hpp"
#include "gui/trace/flows.hpp"
#include "gui/trace/trace_loader.hpp"

namespace inspector {

// A flow as it is drawn: a wake-up shows on the CPU where it happened.
struct FlowLine {
    EventRef from;
    EventRef to;
    double from_time = 0;
    double to_time = 0;
};

// A stretch of time on some tracks.
struct Area {
    uint64_t begin = 0;
    uint64_t end = 0;
    std::vector<TrackId> tracks;
};

class Timeline final : public QObject {
    Q_OBJECT

  public:
    // Precondition: both outlive this.
    Timeline(TraceLoader& loader, Selection& selection);

    [[nodiscard]] const TraceLoader& loader() const { return *loader_; }
    [[nodiscard]] Rows& rows() { return rows_; }
    [[nodiscard]] const Rows& rows() const { return rows_; }
    [[nodiscard]] Viewport& viewport() { return viewport_; }
    [[nodiscard]] const Viewport& viewport() const { return viewport_; }
    // Grows with the trace, once more at its end, when the events that were held back come, and
    // when it is another trace.
    [[nodiscard]] uint64_t age() const { return age_; }
    [[nodiscard]] const LoadProgress& progress() const { return progress_; }
    // The trace has been read, and what it has is known here.
    [[nodiscard]] bool complete() const { return complete_; }
    // What is read is a run's that is under way: nobody knows how much is to come.
    [[nodiscard]] bool follows() const { return looked_ && progress_.bytes_total == 0; }
    // Nothing has been opened, and so nothing comes.
    [[nodiscard]] bool idle() const { return looked_ && progress_.state == LoadState::Idle; }

    [[nodiscard]] const std::optional<EventRef>& selected_event() const { return event_; }
    [[nodiscard]] const Facts& event_facts() const { return facts_; }
    [[nodiscard]] const Span& event_span() const { return event_span_; }
    [[nodiscard]] const std::vector<Flow>& flows() const { return flows_; }
    [[nodiscard]] const std::vector<FlowLine>& flow_lines() const { return flow_lines_; }
    [[nodiscard]] TrackId track() const { return track_; }  // that is selected; no_track: none
    [[nodiscard]] const std::optional<Area>& area() const { return area_; }
    [[nodiscard]] std::optional<uint64_t> cursor() const { return selection_->selected().time; }

    // Where the live run is; nothing if there is none.
    [[nodiscard]] std::optional<uint64_t> present() const { return present_; }
    void set_present(std::optional<uint64_t> present);

    void select_event(const EventRef& ref);
    void select_track(TrackId track);
    void select_area(Area area);  // sums_ready() follows
    void clear();
    // To the neighbour on the lane, or along a flow; brings it into view. False: there is none.
    bool step(int direction);
    bool follow_flow(int direction);
    // Brings the selected event into view.
    void reveal_event();
    // The view that shows what is selected, with some room around it.
    void fit_selection();
    // Makes a track a row that is seen, and selects it.
    void go_to(TrackId track);
    void toggle_pin();

    // Asks for the tree and the progress; afterwards by itself, while the trace is being read.
    void refresh();

  signals:
    void rows_changed();
    void view_changed();
    void selection_changed();
    void trace_changed();
    void present_changed();
    void sums_ready(const inspector::Aggregates& sums);
    // A row is to be scrolled to.
    void row_wanted(inspector::TrackId track);

  private:
    void take(std::shared_ptr<const TrackTree> tree, LoadProgress progress);
    void follow(const Selected& selected);
    void tell(const Selected& selected);
    void forget();

    TraceLoader* loader_;
    Selection* selection_;
    Rows rows_;
    Viewport viewport_;
    LoadProgress progress_;
    uint64_t age_ = 0;
    std::optional<uint64_t> present_;
    bool looked_ = false;  // at the trace, once at least
    bool complete_ = false;
    std::optional<EventRef> event_;
    Facts facts_;
    Span event_span_;
    std::vector<Flow> flows_;
    std::vector<FlowLine> flow_lines_;
    TrackId track_ = no_track;
    std::optional<Area> area_;
    bool telling_ = false;
    QTimer poll_;
    Worker worker_;  // last, for it uses the others
};

}  // namespace inspector
