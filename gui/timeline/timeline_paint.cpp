// SPDX-License-Identifier: Apache-2.0
// TimelinePaint: see the header.
#include "gui/timeline/timeline_paint.hpp"

#include <QFontMetrics>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "gui/trace/time_text.hpp"

namespace inspector {

namespace {

constexpr int text_margin = 3;
constexpr int indent_width = 12;
constexpr int ruler_step_pixels = 130;

}  // namespace

void TimelinePaint::pictures(const Picture* near, const Picture* far) {
    const uint64_t version = timeline_->rows().version();
    if (near != nullptr && near->made_for.rows_version != version) near = nullptr;
    if (far != nullptr && far->made_for.rows_version != version) far = nullptr;
    const QRect lanes = frame_.lanes();
    painter_->save();
    painter_->setClipRect(lanes);
    const double left = lanes.left();
    const double right = lanes.right() + 1;
    double from = right;
    double to = right;
    if (near != nullptr) {
        from = std::clamp(frame_.x(static_cast<double>(near->made_for.begin)), left, right);
        to = std::clamp(frame_.x(static_cast<double>(near->made_for.end)), left, right);
    }
    if (far != nullptr && from > left) picture(*far, left, from);
    if (far != nullptr && to < right) picture(*far, to, right);
    if (near != nullptr) {
        picture(*near, from, to);
        texts(*near, from, to);
    }
    painter_->restore();
}

void TimelinePaint::picture(const Picture& picture, double from, double to) {
    const PictureRequest& made = picture.made_for;
    band(picture, made.pinned_height, made.bottom - made.top,
         TimelineFrame::ruler + frame_.pinned + made.top - frame_.scroll, from, to);
    if (made.pinned_height > 0)
        band(picture, 0, made.pinned_height, TimelineFrame::ruler, from, to);
}

void TimelinePaint::band(const Picture& picture, int image_top, int height, int top, double from,
                         double to) {
    const PictureRequest& made = picture.made_for;
    // Only what is seen of the image is handed over: far in, all of it would be a huge rectangle.
    const int least =
        image_top == 0 && made.pinned_height > 0 ? TimelineFrame::ruler : frame_.scrolled().top();
    const int first = std::max(top, least);
    const int last = std::min(top + height, frame_.all.bottom() + 1);
    if (first >= last || from >= to) return;
    const double span = static_cast<double>(made.end - made.begin);
    const auto image_x = [&](double x) {
        const double part = (frame_.time(x) - static_cast<double>(made.begin)) / span;
        return std::clamp(part, 0.0, 1.0) * made.width;
    };
    const double source_from = image_x(from);
    const double source_to = image_x(to);
    if (source_to - source_from <= 0) return;
    const QRectF target(from, first, to - from, last - first);
    const QRectF source(source_from, (image_top + first - top) * made.scale,
                        source_to - source_from, (last - first) * made.scale);
    // One to one, it is moved by whole pixels, which is quick and keeps edges sharp.
    const double ratio = source.width() / (target.width() * made.scale);
    if (std::abs(ratio - 1) < 1e-3 && made.scale == 1) {
        const QPoint corner(static_cast<int>(std::lround(from)), first);
        painter_->drawImage(
            corner, picture.image,
            QRect(static_cast<int>(std::lround(source_from)), image_top + first - top,
                  static_cast<int>(std::ceil(to - from)), last - first));
        return;
    }
    painter_->drawImage(target, picture.image, source);
}

void TimelinePaint::texts(const Picture& picture, double from, double to) {
    const PictureRequest& made = picture.made_for;
    const int scrolled_top =
        TimelineFrame::ruler + frame_.pinned + made.top - frame_.scroll - made.pinned_height;
    const Span seen{frame_.time(from), frame_.time(to)};
    for (const bool pinned : {false, true}) {
        painter_->save();
        QRect clip = frame_.lanes();
        pinned ? clip.setHeight(frame_.pinned) : clip.setTop(frame_.scrolled().top());
        painter_->setClipRect(clip, Qt::IntersectClip);
        for (const PictureText& one : picture.texts) {
            if ((one.top < made.pinned_height) != pinned) continue;
            if (static_cast<double>(one.end) < seen.begin ||
                static_cast<double>(one.begin) > seen.end) {
                continue;
            }
            const int top = one.top + (pinned ? TimelineFrame::ruler : scrolled_top);
            if (top + one.height > clip.top() && top <= clip.bottom()) text(one, top);
        }
        painter_->restore();
    }
}

void TimelinePaint::text(const PictureText& text, int top) {
    const QFontMetrics metrics = painter_->fontMetrics();
    const int base = top + (text.height + metrics.ascent() - metrics.descent()) / 2;
    if (text.fixed) {
        painter_->setPen(QColor::fromRgb(colours_.faint_text));
        painter_->drawText(frame_.names + text_margin, base, text.text);
        return;
    }
    const double left = std::max(frame_.x(static_cast<double>(text.begin)), double(frame_.names));
    const double right =
        std::min(frame_.x(static_cast<double>(text.end)), double(frame_.all.right()));
    const int room = static_cast<int>(right - left) - 2 * text_margin;
    // Measuring a text costs more than drawing it: what has room by far is not measured.
    const int letter = metrics.averageCharWidth();
    if (room < 3 * letter) return;
    QString shown = text.text;
    if (shown.size() * letter * 3 / 2 > room) {
        shown = metrics.elidedText(shown, Qt::ElideRight, room);
    }
    painter_->setPen(QColor::fromRgb(text.filled ? colours_.on_fill() : colours_.text));
    painter_->drawText(static_cast<int>(left) + text_margin, base, shown);
}

std::optional<QRect> TimelinePaint::lane_of(const EventRef& ref) const {
    const Rows& rows = timeline_->rows();
    // What is folded away shows on what it is folded into.
    for (TrackId track = ref.track; rows.tree().has(track);
         track = rows.tree().node(track).parent) {
        for (const bool pinned : {true, false}) {
            const Row* row = Rows::of(pinned ? rows.pinned() : rows.scrolled(), track);
            if (row == nullptr) continue;
            const int top = frame_.y(*row, pinned);
            for (const LanePlace& lane : row->lanes) {
                if (track == ref.track && lane.lane == ref.lane && lane.depth == ref.depth) {
                    return QRect(frame_.names, top + lane.top, 1, lane.height);
                }
            }
            return QRect(frame_.names, top, 1, row->height);
        }
    }
    return {};
}

void TimelinePaint::event() {
    const auto lane = lane_of(*timeline_->selected_event());
    if (!lane) return;
    const Span& span = timeline_->event_span();
    const double from = frame_.x(span.begin);
    const double to = std::max(frame_.x(span.end), from + 2);
    painter_->setPen(QPen(QColor::fromRgb(colours_.text), 2));
    painter_->setBrush(Qt::NoBrush);
    const double left = std::max(from, -10.0);
    const double right = std::min(to, frame_.all.right() + 10.0);
    if (left < right) {
        painter_->drawRect(QRectF(left, lane->top(), right - left, lane->height()));
    }
}

void TimelinePaint::flows() {
    painter_->setRenderHint(QPainter::Antialiasing);
    painter_->setPen(QPen(QColor::fromRgb(colours_.flow), 1.5));
    painter_->setBrush(Qt::NoBrush);
    for (const FlowLine& flow : timeline_->flow_lines()) {
        const auto from = lane_of(flow.from);
        const auto to = lane_of(flow.to);
        if (!from || !to) continue;
        const double x1 = frame_.x(flow.from_time);
        const double x2 = frame_.x(flow.to_time);
        if (std::max(x1, x2) < frame_.names || std::min(x1, x2) > frame_.all.right()) continue;
        if (std::abs(x1) > 1e5 || std::abs(x2) > 1e5) continue;
        const QPointF begin(x1, from->center().y());
        const QPointF end(x2, to->center().y());
        const double bend = std::clamp(std::abs(x2 - x1) / 2, 12.0, 80.0);
        QPainterPath path(begin);
        path.cubicTo(begin + QPointF(bend, 0), end - QPointF(bend, 0), end);
        painter_->drawPath(path);
        painter_->drawLine(end, end + QPointF(-5, -3));
        painter_->drawLine(end, end + QPointF(-5, 3));
    }
    painter_->setRenderHint(QPainter::Antialiasing, false);
}

void TimelinePaint::area(const Span& span) {
    QColor ground = QColor::fromRgb(colours_.selection);
    const double left = std::max(frame_.x(span.begin), double(frame_.names));
    const double right = std::min(frame_.x(span.end), frame_.all.right() + 1.0);
    if (left > right) return;
    const QRectF place(left, 0, std::max(right - left, 1.0), frame_.all.height());
    ground.setAlpha(50);
    painter_->fillRect(place, ground);
    ground.setAlpha(255);
    painter_->setPen(ground);
    painter_->drawLine(place.topLeft(), place.bottomLeft());
    painter_->drawLine(place.topRight(), place.bottomRight());
}

void TimelinePaint::selection(const TimelineHover& hover) {
    painter_->save();
    painter_->setClipRect(frame_.lanes());
    if (timeline_->selected_event()) {
        flows();
        event();
    }
    if (hover.dragged) {
        area(*hover.dragged);
    } else if (timeline_->area()) {
        area({static_cast<double>(timeline_->area()->begin),
              static_cast<double>(timeline_->area()->end)});
    }
    if (const auto cursor = timeline_->cursor(); cursor && !timeline_->area()) {
        const double x = frame_.x(static_cast<double>(*cursor));
        painter_->setPen(QPen(QColor::fromRgb(colours_.selection), 1));
        if (x >= frame_.names && x <= frame_.all.right()) {
            painter_->drawLine(QPointF(x, frame_.ruler), QPointF(x, frame_.all.bottom()));
        }
    }
    painter_->restore();
}

void TimelinePaint::present() {
    if (!timeline_->present()) return;
    const double x = frame_.x(static_cast<double>(*timeline_->present()));
    if (x < frame_.names || x > frame_.all.right()) return;
    painter_->setPen(QPen(QColor::fromRgb(colours_.good), 2, Qt::DashLine));
    painter_->drawLine(QPointF(x, TimelineFrame::ruler), QPointF(x, frame_.all.bottom()));
}

void TimelinePaint::names(const TimelineHover& hover) {
    const QRect column(0, TimelineFrame::ruler, frame_.names,
                       frame_.all.height() - TimelineFrame::ruler);
    painter_->fillRect(column, QColor::fromRgb(colours_.background));
    painter_->save();
    painter_->setClipRect(QRect(0, frame_.scrolled().top(), frame_.names,
                                frame_.all.height() - frame_.scrolled().top()));
    row_names(timeline_->rows().scrolled(), false, hover);
    painter_->restore();
    row_names(timeline_->rows().pinned(), true, hover);
    painter_->setPen(QColor::fromRgb(colours_.line));
    painter_->drawLine(frame_.names - 1, 0, frame_.names - 1, frame_.all.bottom());
    if (frame_.pinned > 0) {
        painter_->setPen(QPen(QColor::fromRgb(colours_.selection), 1));
        const int y = TimelineFrame::ruler + frame_.pinned - 1;
        painter_->drawLine(0, y, frame_.all.right(), y);
    }
}

void TimelinePaint::row_names(const std::vector<Row>& rows, bool pinned,
                              const TimelineHover& hover) {
    for (const Row& row : rows) {
        const int top = frame_.y(row, pinned);
        if (top > frame_.all.bottom()) break;
        if (top + row.height <= TimelineFrame::ruler) continue;
        row_name(row, QRect(0, top, frame_.names - 1, row.height), pinned, hover.row == row.track);
    }
}

QRect TimelinePaint::pin_button(const QRect& name) {
    return QRect(name.right() - 20, name.top() + 3, 16, std::min(16, name.height() - 4));
}

void TimelinePaint::row_name(const Row& row, const QRect& place, bool pinned, bool hovered) {
    const bool selected = row.track == timeline_->track();
    QRgb ground = row.lanes.empty() ? colours_.heading : colours_.background;
    if (selected) ground = mix(ground, colours_.selection, 90);
    painter_->fillRect(place, QColor::fromRgb(ground));
    painter_->setPen(QColor::fromRgb(colours_.line));
    painter_->drawLine(place.bottomLeft(), place.bottomRight());

    const QFontMetrics metrics = painter_->fontMetrics();
    const int left = 6 + row.indent * indent_width;
    const int base = place.top() + std::min(place.height() - 3, 4 + metrics.ascent());
    painter_->setPen(QColor::fromRgb(colours_.text));
    if (row.parent) {
        const int middle = base - metrics.ascent() / 2 + 1;
        const QPoint closed[] = {{left, middle - 4}, {left + 5, middle}, {left, middle + 4}};
        const QPoint open[] = {
            {left - 1, middle - 2}, {left + 7, middle - 2}, {left + 3, middle + 3}};
        painter_->setBrush(QColor::fromRgb(colours_.faint_text));
        painter_->setPen(Qt::NoPen);
        painter_->drawPolygon(row.folded ? closed : open, 3);
    }
    const QRect button = pin_button(place);
    const bool with_button = hovered || pinned || timeline_->rows().is_pinned(row.track);
    const int from = left + 12;
    const int to = with_button ? button.left() - 4 : place.right() - 4;
    const TrackNode& node = timeline_->rows().tree().node(row.track);
    QString name = node.name;
    if (row.kind == TrackKind::Thread || row.kind == TrackKind::Task) {
        name += u' ' + QString::number(node.number);
    }
    painter_->setPen(QColor::fromRgb(colours_.text));
    painter_->drawText(from, base, metrics.elidedText(name, Qt::ElideRight, to - from));
    if (!with_button) return;
    const bool is_pinned = timeline_->rows().is_pinned(row.track);
    painter_->setRenderHint(QPainter::Antialiasing);
    painter_->setPen(
        QPen(QColor::fromRgb(is_pinned ? colours_.selection : colours_.faint_text), 1.5));
    const QPointF middle = QRectF(button).center();
    painter_->setBrush(is_pinned ? QColor::fromRgb(colours_.selection) : QColor(Qt::transparent));
    painter_->drawEllipse(middle - QPointF(0, 3), 3, 3);
    painter_->drawLine(middle, middle + QPointF(0, 6));
    painter_->setRenderHint(QPainter::Antialiasing, false);
}

void TimelinePaint::ruler(const TimelineHover& hover) {
    const QRect place(0, 0, frame_.all.width(), TimelineFrame::ruler);
    painter_->fillRect(place, QColor::fromRgb(colours_.heading));
    const QRect lanes = frame_.lanes();
    const QFontMetrics metrics = painter_->fontMetrics();
    const int base = 4 + metrics.ascent();
    painter_->setPen(QColor::fromRgb(colours_.faint_text));
    painter_->drawText(6, base + 4, duration_words(static_cast<uint64_t>(frame_.span.length())));
    painter_->save();
    painter_->setClipRect(QRect(frame_.names, 0, lanes.width(), TimelineFrame::ruler));
    const auto step =
        ruler_step(static_cast<uint64_t>(frame_.span.length()),
                   static_cast<uint32_t>(std::max(lanes.width(), 1)), ruler_step_pixels);
    const auto first = static_cast<uint64_t>(std::max(frame_.span.begin, 0.0)) / step * step;
    for (uint64_t time = first; static_cast<double>(time) <= frame_.span.end; time += step) {
        const int x = static_cast<int>(std::lround(frame_.x(static_cast<double>(time))));
        painter_->setPen(QColor::fromRgb(colours_.line));
        painter_->drawLine(x, 0, x, TimelineFrame::ruler);
        painter_->setPen(QColor::fromRgb(colours_.text));
        // Half a number would be read as another one.
        if (x < frame_.names - 1) continue;
        painter_->drawText(x + 4, base + 4, QString::fromStdString(time_text(time)));
    }
    if (timeline_->present()) {
        // A pointer that stands on the line below it.
        const double x = frame_.x(static_cast<double>(*timeline_->present()));
        const double bottom = TimelineFrame::ruler;
        const QPointF pointer[] = {{x - 6, bottom - 9}, {x + 6, bottom - 9}, {x, bottom}};
        painter_->setRenderHint(QPainter::Antialiasing);
        painter_->setPen(Qt::NoPen);
        painter_->setBrush(QColor::fromRgb(colours_.good));
        painter_->drawPolygon(pointer, 3);
        painter_->setRenderHint(QPainter::Antialiasing, false);
    }
    if (hover.time && *hover.time >= 0) {
        const int x = static_cast<int>(std::lround(frame_.x(*hover.time)));
        const QString text = time_words(static_cast<uint64_t>(*hover.time));
        const int width = metrics.horizontalAdvance(text) + 8;
        const int left =
            std::clamp(x + 1, frame_.names, std::max(lanes.right() - width, frame_.names));
        painter_->fillRect(QRect(left, 2, width, TimelineFrame::ruler - 4),
                           QColor::fromRgb(mix(colours_.heading, colours_.selection, 70)));
        painter_->setPen(QColor::fromRgb(colours_.text));
        painter_->drawText(left + 4, base + 4, text);
        painter_->drawLine(x, TimelineFrame::ruler - 6, x, TimelineFrame::ruler);
    }
    painter_->restore();
    painter_->setPen(QColor::fromRgb(colours_.line));
    painter_->drawLine(0, TimelineFrame::ruler - 1, frame_.all.right(), TimelineFrame::ruler - 1);
}

void TimelinePaint::message(const QString& text) {
    painter_->setPen(QColor::fromRgb(colours_.faint_text));
    painter_->drawText(frame_.all.adjusted(40, 40, -40, -40), Qt::AlignCenter | Qt::TextWordWrap,
                       text);
}

}  // namespace inspector
