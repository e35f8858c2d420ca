// SPDX-License-Identifier: Apache-2.0
// TimelineView: the mouse.
#include <QApplication>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "gui/timeline/timeline_view.hpp"

namespace inspector {

namespace {

constexpr double wheel_step = 120;  // of a wheel that clicks, as Qt counts
constexpr double zoom_of_step = 0.8;
constexpr double pan_of_step = 0.1;  // of the view
constexpr int near_pixels = 4;       // so near is meant
constexpr int names_edge = 4;

}  // namespace

TimelineView::Place TimelineView::place_at(const QPoint& point) const {
    const TimelineFrame place = frame();
    const Rows& rows = timeline_->rows();
    if (point.y() < TimelineFrame::ruler) return {};
    const bool pinned = point.y() < TimelineFrame::ruler + place.pinned;
    const int y = pinned ? point.y() - TimelineFrame::ruler
                         : point.y() - TimelineFrame::ruler - place.pinned + place.scroll;
    const Row* row = Rows::at(pinned ? rows.pinned() : rows.scrolled(), y);
    return row == nullptr ? Place{} : Place{row, pinned, y - row->top};
}

std::optional<EventRef> TimelineView::event_under(const QPoint& point) const {
    const TimelineFrame place = frame();
    if (point.x() < place.names) return {};
    const Place there = place_at(point);
    const LanePlace* lane = there.row == nullptr ? nullptr : there.row->lane_at(there.y);
    // A task's runs are those of its threads, which are found below it.
    if (lane == nullptr || there.row->kind == TrackKind::Task) return {};
    const double time = std::max(place.time(point.x()), 0.0);
    const double nanoseconds = place.span.length() / std::max(place.lanes().width(), 1);
    return timeline_->loader().read([&](const TraceStore& store) {
        return event_at(store, there.row->track, *lane, static_cast<uint64_t>(time),
                        static_cast<uint64_t>(nanoseconds * near_pixels));
    });
}

std::vector<TrackId> TimelineView::tracks_between(int y1, int y2) const {
    const TimelineFrame place = frame();
    const Rows& rows = timeline_->rows();
    std::vector<TrackId> tracks;
    for (const bool pinned : {true, false}) {
        for (const Row& row : pinned ? rows.pinned() : rows.scrolled()) {
            const int top = place.y(row, pinned);
            if (top > std::max(y1, y2) || top + row.height <= std::min(y1, y2)) continue;
            // What is folded below counts with it.
            const auto more = row.folded ? rows.tree().with_descendants(row.track)
                                         : std::vector<TrackId>{row.track};
            tracks.insert(tracks.end(), more.begin(), more.end());
        }
    }
    return tracks;
}

void TimelineView::wheelEvent(QWheelEvent* event) {
    const QPoint delta = event->angleDelta();
    const TimelineFrame place = frame();
    const bool sideways = std::abs(delta.x()) > std::abs(delta.y());
    if (event->modifiers() & Qt::ControlModifier) {
        const double around = place.span.fraction(place.time(event->position().x()));
        zoom_by(std::pow(zoom_of_step, delta.y() / wheel_step), std::clamp(around, 0.0, 1.0));
    } else if (sideways || (event->modifiers() & Qt::ShiftModifier)) {
        pan_by(-(sideways ? delta.x() : delta.y()) / wheel_step * pan_of_step);
    } else {
        QAbstractScrollArea::wheelEvent(event);
        return;
    }
    event->accept();
}

void TimelineView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return;
    pressed_ = last_ = event->pos();
    const TimelineFrame place = frame();
    if (std::abs(pressed_.x() - place.names) <= names_edge) {
        drag_ = Drag::Names;
    } else if (pressed_.x() < place.names) {
        click_name(pressed_);
    } else if (pressed_.y() < TimelineFrame::ruler) {
        drag_ = Drag::RulerArea;
    } else {
        drag_ = event->modifiers() & Qt::ShiftModifier ? Drag::Area : Drag::Pending;
    }
}

void TimelineView::mouseMoveEvent(QMouseEvent* event) {
    const QPoint point = event->pos();
    hover_at(point);
    const TimelineFrame place = frame();
    if (drag_ == Drag::Pending &&
        (point - pressed_).manhattanLength() >= QApplication::startDragDistance()) {
        drag_ = Drag::Pan;
    }
    if (drag_ == Drag::Pan) {
        Viewport& view = timeline_->viewport();
        view.pan(static_cast<double>(last_.x() - point.x()) / std::max(place.lanes().width(), 1));
        view.jump();
        verticalScrollBar()->setValue(verticalScrollBar()->value() + last_.y() - point.y());
        want_pictures();
    } else if (drag_ == Drag::Names) {
        names_width_ = std::clamp(point.x(), 80, std::max(place.all.width() / 2, 80));
        want_pictures();
    } else if (drag_ == Drag::Area || drag_ == Drag::RulerArea) {
        const double one = place.time(pressed_.x());
        const double other = place.time(point.x());
        hover_.dragged = Span{std::max(std::min(one, other), 0.0), std::max(one, other)};
    } else {
        viewport()->setCursor(std::abs(point.x() - place.names) <= names_edge ? Qt::SplitHCursor
                                                                              : Qt::ArrowCursor);
    }
    last_ = point;
    viewport()->update();
}

void TimelineView::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return;
    const Drag drag = std::exchange(drag_, Drag::None);
    const auto dragged = std::exchange(hover_.dragged, {});
    if (drag == Drag::Pending) return click(event->pos());
    if ((drag != Drag::Area && drag != Drag::RulerArea) || !dragged) return;
    Area area;
    area.begin = static_cast<uint64_t>(dragged->begin);
    area.end = static_cast<uint64_t>(dragged->end);
    if (drag == Drag::Area) {
        area.tracks = tracks_between(pressed_.y(), event->pos().y());
    } else {
        area.tracks = timeline_->rows().tree().with_descendants(root_track);
    }
    timeline_->select_area(std::move(area));
}

void TimelineView::click(const QPoint& point) {
    if (const auto event = event_under(point)) return timeline_->select_event(*event);
    const Place there = place_at(point);
    if (there.row == nullptr) return timeline_->clear();
    timeline_->select_track(there.row->track);
}

void TimelineView::click_name(const QPoint& point) {
    const Place there = place_at(point);
    if (there.row == nullptr) return;
    const TimelineFrame place = frame();
    const TrackId track = there.row->track;
    const QRect name(0, place.y(*there.row, there.pinned), place.names - 1, there.row->height);
    if (TimelinePaint::pin_button(name).contains(point)) {
        timeline_->rows().toggle_pin(track);
    } else {
        // The row's address is not kept: folding lays out anew.
        timeline_->select_track(track);
        timeline_->rows().toggle_fold(track);
    }
    rows_changed();
}

void TimelineView::hover_at(const QPoint& point) {
    const TimelineFrame place = frame();
    const Place there = place_at(point);
    hover_.row = there.row == nullptr ? no_track : there.row->track;
    hover_.time.reset();
    if (point.x() >= place.names) hover_.time = place.time(point.x());
}

bool TimelineView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        return show_tip(help->pos(), help->globalPos());
    }
    if (event->type() == QEvent::Leave) {
        hover_ = {};
        viewport()->update();
    }
    return QAbstractScrollArea::viewportEvent(event);
}

bool TimelineView::show_tip(const QPoint& point, const QPoint& global) {
    const auto event = event_under(point);
    if (!event) {
        QToolTip::hideText();
        return true;
    }
    const Facts facts =
        timeline_->loader().read([&](const TraceStore& store) { return facts_of(store, *event); });
    QStringList lines;
    for (const auto& [name, value] : facts) {
        lines.append(lines.isEmpty() ? QStringLiteral("<b>%1</b>").arg(value.toHtmlEscaped())
                                     : QStringLiteral("%1: %2").arg(name, value.toHtmlEscaped()));
    }
    QToolTip::showText(global, lines.join(QStringLiteral("<br>")), viewport());
    return true;
}

}  // namespace inspector
