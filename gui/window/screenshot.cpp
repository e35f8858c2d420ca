// SPDX-License-Identifier: Apache-2.0
// Screenshot: actions are NAME:ARGUMENT. "go:CPU 3" goes to a track, "zoom:0.2:0.3" shows that part
// of the trace, "area:0.2:0.3" selects it, "search:WORDS" searches and "hit" goes to the next hit,
// "wake:CPU 3" selects a run that was woken, "flow:back" goes along a flow, "out:4" zooms out,
// "metric:NAME" selects a metric, "palette" opens it, "run:25ms" lets a live run go on for so long.
#include "gui/window/screenshot.hpp"

#include <QApplication>
#include <QDockWidget>
#include <QKeyEvent>
#include <QLineEdit>
#include <QRegularExpression>
#include <QTableView>
#include <cstdio>

#include "gui/panels/metrics_panel.hpp"
#include "gui/panels/timeline_panel.hpp"
#include "gui/session/session.hpp"

namespace inspector {

namespace {

constexpr int look_milliseconds = 50;
constexpr int looks_needed = 4;
constexpr int live_looks_needed = 10;  // in which the trace of a held run is read

// A part of the trace, "0.25:0.5", in nanoseconds.
std::optional<Span> part_of(const QString& text, const Span& whole) {
    const QStringList ends = text.split(u':');
    bool first = false;
    bool second = false;
    const double begin = ends.value(0).toDouble(&first);
    const double end = ends.value(1).toDouble(&second);
    if (!first || !second || begin < 0 || end <= begin || end > 1) return {};
    return Span{whole.at(begin), whole.at(end)};
}

QString go(TimelinePanel& panel, const QString& name) {
    for (const Place& place : panel.places()) {
        if (!place.name.startsWith(name)) continue;
        panel.go_to(place.number);
        return {};
    }
    return Screenshot::tr("there is no track \"%1\"").arg(name);
}

// Selects a run in the middle of a track that a wake-up led to.
QString select_woken(Timeline& timeline, const QString& name) {
    const TrackTree& tree = timeline.rows().tree();
    const auto woken =
        timeline.loader().read([&](const TraceStore& store) -> std::optional<EventRef> {
            for (TrackId id = 0; id < tree.nodes.size(); ++id) {
                if (tree.node(id).name != name || !store.track(id).runs) continue;
                const IntervalLane& runs = *store.track(id).runs;
                for (uint64_t row = (runs.begin_row() + runs.end_row()) / 2; row < runs.end_row();
                     ++row) {
                    const EventRef ref{id, LaneKind::Runs, 0, row};
                    if (flows_of(store, ref).size() > 1) return ref;
                }
            }
            return {};
        });
    if (!woken) return Screenshot::tr("no run of \"%1\" was woken").arg(name);
    timeline.select_event(*woken);
    timeline.fit_selection();
    return {};
}

QString act_on_timeline(TimelinePanel& panel, const QString& verb, const QString& argument) {
    Timeline& timeline = panel.timeline();
    if (verb == QLatin1String("go")) return go(panel, argument);
    if (verb == QLatin1String("search")) {
        panel.search().start(argument, true);
        return {};
    }
    const auto part = part_of(argument, timeline.viewport().limits());
    if (!part) return Screenshot::tr("%1 is no part of the trace: say 0.25:0.5").arg(argument);
    if (verb == QLatin1String("zoom")) {
        timeline.viewport().show(part->begin, part->end);
        timeline.viewport().jump();
        emit timeline.view_changed();
        return {};
    }
    Area area{static_cast<uint64_t>(part->begin), static_cast<uint64_t>(part->end), {}};
    area.tracks = timeline.rows().tree().with_descendants(root_track);
    timeline.select_area(std::move(area));
    return {};
}

// Nanoseconds of "25ms"; nothing if it is no duration.
std::optional<uint64_t> duration_of(const QString& text) {
    static const QRegularExpression form(QStringLiteral("^(\\d{1,9})(ns|us|ms|s)$"));
    const QRegularExpressionMatch match = form.match(text);
    if (!match.hasMatch()) return {};
    const QString unit = match.captured(2);
    const uint64_t scale = unit == QLatin1String("ns")   ? 1
                           : unit == QLatin1String("us") ? 1'000
                           : unit == QLatin1String("ms") ? 1'000'000
                                                         : 1'000'000'000;
    return match.captured(1).toULongLong() * scale;
}

QString run_for(Session* session, const QString& duration) {
    if (session == nullptr) return Screenshot::tr("there is no live run to go on");
    const auto nanoseconds = duration_of(duration);
    if (!nanoseconds) return Screenshot::tr("%1 is no duration: say 25ms").arg(duration);
    session->resume_for(*nanoseconds);
    return {};
}

}  // namespace

Screenshot::Screenshot(MainWindow& window, const Options& options)
    : window_(&window), options_(options), actions_(options.actions) {
    clock_.start();
    connect(&timer_, &QTimer::timeout, this, &Screenshot::look);
    timer_.start(look_milliseconds);
    if (options.panel.isEmpty()) return;
    if (Panel* panel = window.panel(options.panel)) {
        auto* dock = qobject_cast<QDockWidget*>(panel->parentWidget());
        // Alone, it has the size that was asked for.
        for (QDockWidget* other : window.findChildren<QDockWidget*>()) {
            other->setVisible(other == dock);
        }
    }
}

void Screenshot::look() {
    if (clock_.elapsed() > most_milliseconds) return end(tr("the window did not come to rest"));
    if (goes_on()) {
        quiet_looks_ = 0;
        return;
    }
    for (const Panel* panel : window_->panels()) {
        const bool seen = !panel->visibleRegion().isEmpty();
        if (seen && !panel->settled()) {
            quiet_looks_ = 0;
            return;
        }
    }
    if (++quiet_looks_ < (window_->session() == nullptr ? looks_needed : live_looks_needed)) return;
    quiet_looks_ = 0;
    if (actions_.isEmpty()) return end(take());
    const QString problem = act(actions_.takeFirst());
    if (!problem.isEmpty()) end(problem);
}

// A live run is waited for until it is held, or has ended and its trace has been read.
bool Screenshot::goes_on() const {
    const Session* session = window_->session();
    if (session == nullptr) return false;
    switch (session->state()) {
        case Session::State::Connecting:
        case Session::State::Running: return true;
        case Session::State::Stopped: return stops_before_ && session->stops() == *stops_before_;
        case Session::State::Lost: break;
    }
    auto* panel = qobject_cast<TimelinePanel*>(window_->panel(QStringLiteral("timeline")));
    return !panel->timeline().complete() && !panel->timeline().idle();
}

QString Screenshot::act(const QString& action) {
    const QString verb = action.section(u':', 0, 0);
    const QString argument = action.section(u':', 1);
    auto* timeline = qobject_cast<TimelinePanel*>(window_->panel(QStringLiteral("timeline")));
    if (verb == QLatin1String("hit")) {
        const auto hit = timeline->search().next(1);
        if (!hit) return tr("nothing was found");
        timeline->timeline().select_event(*hit);
        timeline->timeline().reveal_event();
        timeline->timeline().fit_selection();
        return {};
    }
    if (verb == QLatin1String("wake")) return select_woken(timeline->timeline(), argument);
    if (verb == QLatin1String("flow")) {
        timeline->timeline().follow_flow(argument == QLatin1String("back") ? -1 : 1);
        return {};
    }
    if (verb == QLatin1String("out")) {
        timeline->view().zoom_by(argument.toDouble());
        return {};
    }
    if (verb == QLatin1String("run")) {
        if (window_->session() != nullptr) stops_before_ = window_->session()->stops();
        return run_for(window_->session(), argument);
    }
    if (verb == QLatin1String("palette")) {
        window_->open_palette();
        return {};
    }
    if (verb == QLatin1String("metric")) {
        auto* metrics = qobject_cast<MetricsPanel*>(window_->panel(QStringLiteral("metrics")));
        if (metrics == nullptr) return tr("this run has no metrics");
        metrics->filter().setText(argument);
        metrics->table().selectRow(0);
        return {};
    }
    for (const char* known : {"go", "search", "zoom", "area"}) {
        if (verb == QLatin1String(known)) return act_on_timeline(*timeline, verb, argument);
    }
    return tr("there is no action \"%1\"").arg(verb);
}

QString Screenshot::take() {
    window_->show_status();
    QWidget* shown = window_;
    if (!options_.panel.isEmpty()) {
        shown = window_->panel(options_.panel);
        if (shown == nullptr) return tr("there is no panel \"%1\"").arg(options_.panel);
    }
    QPixmap picture = shown->grab();
    // What stands above the window, such as the palette, is a window of its own.
    if (QWidget* above = QApplication::activeModalWidget(); above != nullptr && shown == window_) {
        above->render(&picture, window_->mapFromGlobal(above->pos()));
    }
    if (picture.save(options_.screenshot, "PNG")) return {};
    return tr("%1 cannot be written: check its folder and its rights").arg(options_.screenshot);
}

void Screenshot::end(const QString& problem) {
    timer_.stop();
    if (!problem.isEmpty()) std::fprintf(stderr, "orrery: %s\n", qPrintable(problem));
    QApplication::exit(problem.isEmpty() ? 0 : 2);
}

}  // namespace inspector
