// SPDX-License-Identifier: Apache-2.0
// TimelineView: frames and what moves them; the mouse is in timeline_mouse.cpp.
#include "gui/timeline/timeline_view.hpp"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cmath>

namespace inspector {

namespace {

constexpr int frame_milliseconds = 16;
constexpr double key_step = 0.12;    // of the view, at once
constexpr double key_speed = 1.6;    // of the view in a second, while held
constexpr double zoom_step = 0.8;    // at once
constexpr double zoom_speed = 3.0;   // halvings in a second, while held
constexpr double room_around = 0.5;  // of the view at each side, that pictures have
constexpr int rows_around = 400;     // pixels above and below, likewise
constexpr int far_width = 600;       // pixels of the coarse picture of everything

}  // namespace

TimelineView::TimelineView(Timeline& timeline, QWidget* parent)
    : QAbstractScrollArea(parent),
      timeline_(&timeline),
      pictures_(timeline.loader()),
      colours_(Colours::of(palette())) {
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    setFrameShape(QFrame::NoFrame);
    viewport()->setMouseTracking(true);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("timeline"));
    timer_.setTimerType(Qt::PreciseTimer);
    timer_.setInterval(frame_milliseconds);
    connect(&timer_, &QTimer::timeout, this, &TimelineView::tick);
    connect(&pictures_, &PictureSource::ready, viewport(), qOverload<>(&QWidget::update));
    connect(timeline_, &Timeline::rows_changed, this, &TimelineView::rows_changed);
    connect(timeline_, &Timeline::view_changed, this, &TimelineView::wake);
    connect(timeline_, &Timeline::row_wanted, this, &TimelineView::scroll_to);
    connect(timeline_, &Timeline::selection_changed, viewport(), qOverload<>(&QWidget::update));
    connect(timeline_, &Timeline::present_changed, viewport(), qOverload<>(&QWidget::update));
    connect(timeline_, &Timeline::trace_changed, this, [this] {
        if (!timer_.isActive()) want_pictures();
        viewport()->update();
    });
    rows_changed();
}

TimelineFrame TimelineView::frame() const {
    TimelineFrame frame;
    frame.all = viewport()->rect();
    frame.names = std::min(names_width_, frame.all.width() / 2);
    frame.pinned = timeline_->rows().pinned_height();
    frame.scroll = verticalScrollBar()->value();
    frame.span = timeline_->viewport().now();
    return frame;
}

void TimelineView::rows_changed() {
    const TimelineFrame place = frame();
    const int seen = std::max(place.all.height() - TimelineFrame::ruler - place.pinned, 0);
    verticalScrollBar()->setPageStep(seen);
    verticalScrollBar()->setSingleStep(24);
    verticalScrollBar()->setRange(0, std::max(timeline_->rows().scrolled_height() - seen, 0));
    want_pictures();
    viewport()->update();
}

void TimelineView::scroll_to(TrackId track) {
    const Row* row = Rows::of(timeline_->rows().scrolled(), track);
    if (row == nullptr || timeline_->rows().is_pinned(track)) return;
    QScrollBar* bar = verticalScrollBar();
    if (row->top < bar->value()) {
        bar->setValue(row->top);
    } else if (row->bottom() > bar->value() + bar->pageStep()) {
        bar->setValue(row->bottom() - bar->pageStep());
    }
}

std::optional<QRect> TimelineView::row_place(TrackId track) const {
    for (const bool pinned : {true, false}) {
        const Rows& rows = timeline_->rows();
        const Row* row = Rows::of(pinned ? rows.pinned() : rows.scrolled(), track);
        if (row == nullptr) continue;
        const TimelineFrame place = frame();
        return QRect(0, place.y(*row, pinned), place.all.width(), row->height);
    }
    return {};
}

PictureRequest TimelineView::request(const Span& span, int width, double scale) const {
    const TimelineFrame place = frame();
    const Rows& rows = timeline_->rows();
    PictureRequest request;
    request.begin = static_cast<uint64_t>(std::max(span.begin, 0.0));
    request.end = static_cast<uint64_t>(std::ceil(span.end));
    request.width = width;
    request.scale = scale;
    request.pinned = rows.pinned();
    request.pinned_height = place.pinned;
    request.colours = colours_;
    request.rows_version = rows.version();
    // In steps, so that scrolling by a line needs no other picture; and whole rows.
    const int seen = place.scrolled().height();
    const int top = place.scroll / rows_around * rows_around - rows_around;
    const int bottom = (place.scroll + seen) / rows_around * rows_around + 2 * rows_around;
    for (const Row& row : rows.scrolled()) {
        if (row.bottom() <= top || row.top >= bottom) continue;
        if (request.rows.empty()) request.top = row.top;
        request.bottom = row.bottom();
        request.rows.push_back(row);
    }
    return request;
}

void TimelineView::want_pictures() {
    const TimelineFrame place = frame();
    const int width = place.lanes().width();
    if (width <= 0 || place.all.height() <= TimelineFrame::ruler) return;
    const double scale = devicePixelRatioF();
    const Span& limits = timeline_->viewport().limits();
    Span near = timeline_->viewport().target();
    const double length = near.length();
    near = {std::max(near.begin - room_around * length, limits.begin),
            std::min(near.end + room_around * length, limits.end)};
    const int near_width = static_cast<int>(std::lround(width * scale * near.length() / length));
    pictures_.want(request(near, std::max(near_width, 1), scale), request(limits, far_width, scale),
                   timeline_->age());
}

void TimelineView::wake() {
    want_pictures();
    if (timer_.isActive()) return;
    clock_.start();
    timer_.start();
}

void TimelineView::tick() {
    const double seconds = std::min(static_cast<double>(clock_.restart()) / 1000, 0.05);
    const TimelineFrame place = frame();
    const double around =
        hover_.time ? std::clamp(place.span.fraction(*hover_.time), 0.0, 1.0) : 0.5;
    Viewport& view = timeline_->viewport();
    if (held_.contains(Qt::Key_W)) view.zoom(std::exp2(-zoom_speed * seconds), around);
    if (held_.contains(Qt::Key_S)) view.zoom(std::exp2(zoom_speed * seconds), around);
    if (held_.contains(Qt::Key_A)) view.pan(-key_speed * seconds);
    if (held_.contains(Qt::Key_D)) view.pan(key_speed * seconds);
    const bool more = view.glide(seconds);
    want_pictures();
    viewport()->update();
    if (!more && held_.empty()) timer_.stop();
}

bool TimelineView::settled() const {
    const bool read = timeline_->complete() || timeline_->idle() || timeline_->follows();
    return read && pictures_.settled() && !timer_.isActive();
}

void TimelineView::zoom_by(double factor, double around) {
    timeline_->viewport().zoom(factor, around);
    wake();
}

void TimelineView::pan_by(double part) {
    timeline_->viewport().pan(part);
    wake();
}

void TimelineView::scroll_by(int pixels) {
    verticalScrollBar()->setValue(verticalScrollBar()->value() + pixels);
}

void TimelineView::show_all() {
    timeline_->viewport().show_all();
    wake();
}

QString TimelineView::message() const {
    const LoadProgress& progress = timeline_->progress();
    if (!progress.complaints.empty()) return QString::fromStdString(progress.complaints.front());
    if (timeline_->complete()) return tr("the trace has no events");
    if (progress.state == LoadState::Idle) {
        return tr("this run has no trace: run the scenario again with --trace to have one");
    }
    return tr("reading the trace");
}

void TimelineView::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    const TimelineFrame place = frame();
    painter.fillRect(place.all, QColor::fromRgb(colours_.background));
    TimelinePaint paint(painter, *timeline_, place, colours_);
    if (timeline_->rows().scrolled().empty()) {
        paint.message(message());
        return;
    }
    paint.pictures(pictures_.near(), pictures_.far());
    paint.selection(hover_);
    paint.present();
    paint.names(hover_);
    paint.ruler(hover_);
}

void TimelineView::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    rows_changed();
}

void TimelineView::scrollContentsBy(int, int) {
    want_pictures();
    viewport()->update();
}

void TimelineView::changeEvent(QEvent* event) {
    QAbstractScrollArea::changeEvent(event);
    if (event->type() != QEvent::PaletteChange) return;
    colours_ = Colours::of(palette());
    want_pictures();
    viewport()->update();
}

bool TimelineView::do_key(int key) {
    switch (key) {
        case Qt::Key_F: timeline_->fit_selection(); return true;
        case Qt::Key_0: show_all(); return true;
        case Qt::Key_Period: timeline_->step(1); return true;
        case Qt::Key_Comma: timeline_->step(-1); return true;
        case Qt::Key_BracketRight: timeline_->follow_flow(1); return true;
        case Qt::Key_BracketLeft: timeline_->follow_flow(-1); return true;
        case Qt::Key_P: timeline_->toggle_pin(); return true;
        case Qt::Key_Escape: timeline_->clear(); return true;
        case Qt::Key_Plus:
        case Qt::Key_Equal:
        case Qt::Key_Minus:
            timeline_->rows().fold_all(key == Qt::Key_Minus);
            rows_changed();
            return true;
        case Qt::Key_Up:
        case Qt::Key_Down: scroll_by(key == Qt::Key_Up ? -40 : 40); return true;
        default: return false;
    }
}

void TimelineView::keyPressEvent(QKeyEvent* event) {
    const Qt::KeyboardModifiers others =
        event->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier);
    if (others != Qt::NoModifier) return QAbstractScrollArea::keyPressEvent(event);
    const int key = event->key();
    const bool moves = key == Qt::Key_W || key == Qt::Key_S || key == Qt::Key_A || key == Qt::Key_D;
    if (!moves) {
        if (!do_key(key)) QAbstractScrollArea::keyPressEvent(event);
        return;
    }
    if (event->isAutoRepeat()) return;
    // A step at once, and a steady way while the key is held.
    const TimelineFrame place = frame();
    const double around =
        hover_.time ? std::clamp(place.span.fraction(*hover_.time), 0.0, 1.0) : 0.5;
    held_.insert(key);
    if (key == Qt::Key_W) zoom_by(zoom_step, around);
    if (key == Qt::Key_S) zoom_by(1 / zoom_step, around);
    if (key == Qt::Key_A) pan_by(-key_step);
    if (key == Qt::Key_D) pan_by(key_step);
}

void TimelineView::keyReleaseEvent(QKeyEvent* event) {
    if (!event->isAutoRepeat()) held_.erase(event->key());
    QAbstractScrollArea::keyReleaseEvent(event);
}

void TimelineView::focusOutEvent(QFocusEvent* event) {
    held_.clear();
    QAbstractScrollArea::focusOutEvent(event);
}

}  // namespace inspector
