// SPDX-License-Identifier: Apache-2.0
// TimelineView: the widget: paints frames, and turns keys and mouse into what Timeline can do.
#pragma once

#include <QAbstractScrollArea>
#include <QElapsedTimer>
#include <QTimer>
#include <optional>
#include <set>

#include "gui/timeline/colours.hpp"
#include "gui/timeline/picture_source.hpp"
#include "gui/timeline/timeline.hpp"
#include "gui/timeline/timeline_paint.hpp"

namespace inspector {

class TimelineView final : public QAbstractScrollArea {
    Q_OBJECT

  public:
    // Precondition: the timeline outlives this.
    explicit TimelineView(Timeline& timeline, QWidget* parent = nullptr);

    // Each is a command of the timeline.
    void zoom_by(double factor, double around = 0.5);
    void pan_by(double part);
    void show_all();
    void scroll_by(int pixels);
    // The pictures of what is seen are there, and nothing moves.
    [[nodiscard]] bool settled() const;
    // Vertical place of a row in the widget; nothing if it is not among the rows.
    [[nodiscard]] std::optional<QRect> row_place(TrackId track) const;
    [[nodiscard]] TimelineFrame frame() const;

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void changeEvent(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

  private:
    enum class Drag { None, Pending, Pan, Area, RulerArea, Names };

    struct Place {
        const Row* row = nullptr;
        bool pinned = false;
        int y = 0;  // within the row
    };
    [[nodiscard]] Place place_at(const QPoint& point) const;
    [[nodiscard]] std::optional<EventRef> event_under(const QPoint& point) const;
    [[nodiscard]] std::vector<TrackId> tracks_between(int y1, int y2) const;

    bool do_key(int key);
    void tick();
    void wake();  // starts moving
    void rows_changed();
    void want_pictures();
    [[nodiscard]] PictureRequest request(const Span& span, int width, double scale) const;
    void scroll_to(TrackId track);
    void click(const QPoint& point);
    void click_name(const QPoint& point);
    void hover_at(const QPoint& point);
    bool show_tip(const QPoint& point, const QPoint& global);
    [[nodiscard]] QString message() const;

    Timeline* timeline_;
    PictureSource pictures_;
    Colours colours_;
    QTimer timer_;
    QElapsedTimer clock_;
    std::set<int> held_;  // of the keys W, S, A and D
    TimelineHover hover_;
    Drag drag_ = Drag::None;
    QPoint pressed_;
    QPoint last_;
    int names_width_ = 220;
};

}  // namespace inspector
