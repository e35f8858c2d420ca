// SPDX-License-Identifier: Apache-2.0
// TimelinePaint: paints a frame of the timeline from what is there: pictures, texts, names of rows,
// ruler, selection. It asks the trace nothing.
#pragma once

#include <QPainter>
#include <QRect>
#include <optional>

#include "gui/timeline/colours.hpp"
#include "gui/timeline/picture.hpp"
#include "gui/timeline/timeline.hpp"

namespace inspector {

// Where things are in the widget.
struct TimelineFrame {
    static constexpr int ruler = 30;

    QRect all;
    int names = 220;  // width of the column of names
    int pinned = 0;   // height of the pinned rows
    int scroll = 0;   // the height of the scrolled rows that is at their top edge
    Span span;

    [[nodiscard]] QRect lanes() const { return all.adjusted(names, ruler, 0, 0); }
    [[nodiscard]] QRect scrolled() const { return all.adjusted(0, ruler + pinned, 0, 0); }
    [[nodiscard]] double x(double time) const {
        return names + span.fraction(time) * (all.width() - names);
    }
    [[nodiscard]] double time(double x) const {
        return span.at((x - names) / (all.width() - names));
    }
    // The top of a row in the widget.
    [[nodiscard]] int y(const Row& row, bool is_pinned) const {
        return ruler + (is_pinned ? row.top : pinned + row.top - scroll);
    }
};

// What the mouse is doing.
struct TimelineHover {
    std::optional<double> time;   // under the mouse
    std::optional<Span> dragged;  // an area being dragged
    TrackId row = no_track;       // under the mouse
};

class TimelinePaint final {
  public:
    TimelinePaint(QPainter& painter, const Timeline& timeline, const TimelineFrame& frame,
                  const Colours& colours)
        : painter_(&painter), timeline_(&timeline), frame_(frame), colours_(colours) {}

    void pictures(const Picture* near, const Picture* far);
    void selection(const TimelineHover& hover);
    // Where the live run is, if there is one.
    void present();
    void names(const TimelineHover& hover);
    void ruler(const TimelineHover& hover);
    // Instead of rows, when there are none.
    void message(const QString& text);

    // Where the button is that pins a row.
    [[nodiscard]] static QRect pin_button(const QRect& name);

  private:
    // A part of a picture that belongs between two places of the widget.
    void picture(const Picture& picture, double from, double to);
    void band(const Picture& picture, int image_top, int height, int top, double from, double to);
    void texts(const Picture& picture, double from, double to);
    void text(const PictureText& text, int top);
    void event();
    void flows();
    void area(const Span& span);
    void row_names(const std::vector<Row>& rows, bool pinned, const TimelineHover& hover);
    void row_name(const Row& row, const QRect& place, bool pinned, bool hovered);
    // The middle of an event's lane in the widget; nothing if its row is not there.
    [[nodiscard]] std::optional<QRect> lane_of(const EventRef& ref) const;

    QPainter* painter_;
    const Timeline* timeline_;
    TimelineFrame frame_;
    Colours colours_;
};

}  // namespace inspector
