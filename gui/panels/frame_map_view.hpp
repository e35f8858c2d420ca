// SPDX-License-Identifier: Apache-2.0
// FrameMapView: draws the map of page frames, to be zoomed and scrolled. Ctrl and the wheel, or +
// and -, zoom; 0 shows the whole; a click selects a frame.
#pragma once

#include <QAbstractScrollArea>

#include "gui/models/frame_colours.hpp"

namespace inspector {

class FrameMapView final : public QAbstractScrollArea {
    Q_OBJECT

  public:
    FrameMapView();

    // The map is the caller's, and lives as long as the view.
    void set_map(const FrameMap& map);
    void set_colouring(FrameColouring by, uint32_t task);
    void set_selected(std::optional<uint64_t> frame);
    [[nodiscard]] const FrameColours& colours() const { return colours_; }

    void zoom_in() { zoom_to(zoom_ - 1); }
    void zoom_out() { zoom_to(zoom_ + 1); }
    void zoom_to_fit();

  signals:
    void frame_clicked(uint64_t frame);
    void colours_changed();

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;

  private:
    void zoom_to(int zoom);
    void lay_out();
    [[nodiscard]] uint64_t first_row() const;
    [[nodiscard]] uint64_t visible_rows() const;
    [[nodiscard]] std::optional<uint64_t> frame_at(QPointF position) const;
    void paint_headings(QPainter& painter) const;
    void paint_selected(QPainter& painter) const;

    const FrameMap* map_ = nullptr;
    FrameLayout layout_;
    FrameColours colours_;
    std::optional<uint64_t> selected_;
    int zoom_ = 0;
    bool fits_ = true;  // the zoom follows the size
};

}  // namespace inspector
