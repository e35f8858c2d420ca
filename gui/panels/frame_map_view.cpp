// SPDX-License-Identifier: Apache-2.0
// FrameMapView: see the header.
#include "gui/panels/frame_map_view.hpp"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>

#include "gui/models/units.hpp"

namespace inspector {
namespace {

constexpr int cell = 7;  // pixels of a cell, its gap included
constexpr int widest_zoom = 20;

bool is_dark(const QPalette& palette) {
    return palette.color(QPalette::Base).lightness() < 128;
}

}  // namespace

FrameMapView::FrameMapView() {
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName("Map of page frames");
    colours_.is_dark = is_dark(palette());
}

void FrameMapView::set_map(const FrameMap& map) {
    map_ = &map;
    lay_out();
}

void FrameMapView::set_colouring(FrameColouring by, uint32_t task) {
    colours_.by = by;
    colours_.task = task;
    viewport()->update();
    emit colours_changed();
}

void FrameMapView::set_selected(std::optional<uint64_t> frame) {
    if (frame == selected_) return;
    selected_ = frame;
    const std::optional<FrameLayout::Cell> place = frame ? layout_.cell_of(*frame) : std::nullopt;
    if (place && (place->row < first_row() || place->row >= first_row() + visible_rows())) {
        verticalScrollBar()->setValue(static_cast<int>(place->row));
    }
    viewport()->update();
}

void FrameMapView::zoom_to_fit() {
    fits_ = true;
    lay_out();
}

// What is at the top, or selected, stays in sight.
void FrameMapView::zoom_to(int zoom) {
    std::optional<uint64_t> anchor = selected_;
    for (uint64_t row = first_row(); !anchor && row < layout_.rows(); ++row) {
        anchor = layout_.frame_at(0, row);
    }
    zoom_ = std::clamp(zoom, 0, widest_zoom);
    fits_ = false;
    lay_out();
    const auto place = anchor ? layout_.cell_of(*anchor) : std::nullopt;
    if (place) {
        const uint64_t margin = selected_ ? visible_rows() / 2 : 0;
        verticalScrollBar()->setValue(
            static_cast<int>(place->row > margin ? place->row - margin : 0));
    }
}

void FrameMapView::lay_out() {
    if (map_ == nullptr) return;
    const auto columns = static_cast<uint64_t>(std::max(1, viewport()->width() / cell));
    if (fits_) {
        zoom_ = static_cast<int>(FrameLayout::fitting_zoom(*map_, columns, visible_rows()));
    }
    layout_ = FrameLayout(*map_, columns, static_cast<unsigned>(zoom_));
    const auto hidden = static_cast<int64_t>(layout_.rows()) - static_cast<int64_t>(visible_rows());
    verticalScrollBar()->setRange(0, static_cast<int>(std::max<int64_t>(0, hidden)));
    verticalScrollBar()->setPageStep(static_cast<int>(visible_rows()));
    viewport()->update();
}

uint64_t FrameMapView::first_row() const {
    return static_cast<uint64_t>(verticalScrollBar()->value());
}

uint64_t FrameMapView::visible_rows() const {
    return static_cast<uint64_t>(std::max(1, viewport()->height() / cell));
}

std::optional<uint64_t> FrameMapView::frame_at(QPointF position) const {
    if (position.x() < 0 || position.y() < 0) return {};
    const auto column = static_cast<uint64_t>(position.x() / cell);
    return layout_.frame_at(column, first_row() + static_cast<uint64_t>(position.y() / cell));
}

void FrameMapView::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), palette().base());
    if (map_ == nullptr || map_->runs().empty()) {
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(viewport()->rect(), Qt::AlignCenter, "No map of page frames yet.");
        return;
    }
    const uint64_t rows = visible_rows() + 1;
    const QImage image = frame_picture(*map_, layout_, colours_, first_row(), rows);
    painter.drawImage(QRect(0, 0, image.width() * cell, image.height() * cell), image);
    // A grid keeps the cells apart.
    painter.setPen(palette().color(QPalette::Base));
    for (int x = cell - 1; x < viewport()->width(); x += cell) {
        painter.drawLine(x, 0, x, viewport()->height());
    }
    for (int y = cell - 1; y < viewport()->height(); y += cell) {
        painter.drawLine(0, y, viewport()->width(), y);
    }
    paint_headings(painter);
    paint_selected(painter);
}

void FrameMapView::paint_headings(QPainter& painter) const {
    QFont font = painter.font();
    font.setPixelSize(cell + 4);
    painter.setFont(font);
    painter.setPen(palette().color(QPalette::Text));
    for (const FrameLayout::Block& block : layout_.blocks()) {
        const auto row = static_cast<int64_t>(block.row) - static_cast<int64_t>(first_row());
        const QString text =
            QString("%1 to %2, %3 a cell")
                .arg(address_text(block.first * frame_size), address_text(block.end * frame_size),
                     bytes_text(layout_.frames_per_cell() * frame_size));
        painter.drawText(2, static_cast<int>(row) * cell - 3, text);
    }
}

void FrameMapView::paint_selected(QPainter& painter) const {
    const auto place = selected_ ? layout_.cell_of(*selected_) : std::nullopt;
    if (!place) return;
    const auto row = static_cast<int64_t>(place->row) - static_cast<int64_t>(first_row());
    painter.setPen(QPen(palette().color(QPalette::Text), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(static_cast<int>(place->column) * cell - 1, static_cast<int>(row) * cell - 1,
                     cell + 1, cell + 1);
}

void FrameMapView::resizeEvent(QResizeEvent*) {
    lay_out();
}

void FrameMapView::wheelEvent(QWheelEvent* event) {
    if ((event->modifiers() & Qt::ControlModifier) == 0) {
        QAbstractScrollArea::wheelEvent(event);
        return;
    }
    if (event->angleDelta().y() > 0) {
        zoom_in();
    } else if (event->angleDelta().y() < 0) {
        zoom_out();
    }
    event->accept();
}

void FrameMapView::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Plus:
        case Qt::Key_Equal: zoom_in(); break;
        case Qt::Key_Minus: zoom_out(); break;
        case Qt::Key_0: zoom_to_fit(); break;
        default: QAbstractScrollArea::keyPressEvent(event);
    }
}

void FrameMapView::mousePressEvent(QMouseEvent* event) {
    const std::optional<uint64_t> frame = frame_at(event->position());
    if (frame) emit frame_clicked(*frame);
}

bool FrameMapView::viewportEvent(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QAbstractScrollArea::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const std::optional<uint64_t> frame = frame_at(help->pos());
    if (frame && map_ != nullptr) {
        QToolTip::showText(help->globalPos(), frame_text(*map_, *frame), viewport());
    } else {
        QToolTip::hideText();
    }
    return true;
}

void FrameMapView::changeEvent(QEvent* event) {
    QAbstractScrollArea::changeEvent(event);
    if (event->type() != QEvent::PaletteChange) return;
    colours_.is_dark = is_dark(palette());
    emit colours_changed();
}

}  // namespace inspector
