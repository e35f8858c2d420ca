// SPDX-License-Identifier: Apache-2.0
// PortGraphView: see the header.
#include "gui/panels/port_graph_view.hpp"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <utility>

namespace inspector {
namespace {

constexpr int columns = 3;
constexpr int margin = 12;

qreal box_height(const QFontMetrics& metrics) {
    return 2 * metrics.height() + 8;
}

qreal row_height(const QFontMetrics& metrics) {
    return box_height(metrics) + 10;
}

// From left to right, with an arrow's head at its end.
void paint_arrow(QPainter& painter, QPointF from, QPointF to) {
    QPainterPath path(from);
    const QPointF bend((to.x() - from.x()) / 2, 0);
    path.cubicTo(from + bend, to - bend, to);
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
    constexpr qreal head = 6;
    painter.setBrush(painter.pen().color());
    painter.drawPolygon(
        QPolygonF{to, to + QPointF(-head, head / 2), to + QPointF(-head, -head / 2)});
}

}  // namespace

PortGraphView::PortGraphView() {
    setAccessibleName("IPC graph of the selected task");
}

void PortGraphView::set_graph(PortGraph graph) {
    graph_ = std::move(graph);
    setMinimumHeight(sizeHint().height());
    updateGeometry();
    update();
}

QSize PortGraphView::sizeHint() const {
    const size_t rows =
        std::max({graph_.senders.size(), graph_.ports.size(), graph_.receivers.size(), size_t{1}});
    const qreal height = static_cast<qreal>(rows) * row_height(fontMetrics()) + 2 * margin;
    return {400, static_cast<int>(height)};
}

QRectF PortGraphView::place(int column, size_t row, size_t rows) const {
    const qreal slot = (width() - 2.0 * margin) / columns;
    const qreal box_width = slot * 0.7;
    const qreal used = static_cast<qreal>(rows) * row_height(fontMetrics());
    const qreal top = (height() - used) / 2 + static_cast<qreal>(row) * row_height(fontMetrics());
    // Left, middle and right.
    const qreal left = margin + column * (width() - 2.0 * margin - box_width) / (columns - 1);
    return {left, top + 5, box_width, box_height(fontMetrics())};
}

void PortGraphView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), palette().base());
    if (graph_.ports.empty()) {
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap,
                         "Select a task that has rights to ports.");
        return;
    }
    QColor ink = palette().color(QPalette::Text);
    ink.setAlphaF(0.6F);
    painter.setPen(QPen(ink, 1.2));
    for (const PortGraph::Line& line : graph_.sends) {
        const QRectF task = place(0, line.task, graph_.senders.size());
        const QRectF port = place(1, line.port, graph_.ports.size());
        paint_arrow(painter, {task.right(), task.center().y()}, {port.left(), port.center().y()});
    }
    for (const PortGraph::Line& line : graph_.receives) {
        const QRectF port = place(1, line.port, graph_.ports.size());
        const QRectF task = place(2, line.task, graph_.receivers.size());
        paint_arrow(painter, {port.right(), port.center().y()}, {task.left(), task.center().y()});
    }
    paint_boxes(painter, 0, graph_.senders);
    paint_boxes(painter, 1, graph_.ports);
    paint_boxes(painter, 2, graph_.receivers);
}

void PortGraphView::paint_boxes(QPainter& painter, int column, const Column& boxes) const {
    for (size_t i = 0; i < boxes.size(); ++i) {
        const PortGraph::Box& box = boxes[i];
        const QRectF area = place(column, i, boxes.size());
        const auto fill = box.is_selected ? QPalette::Highlight : QPalette::AlternateBase;
        const auto ink = box.is_selected ? QPalette::HighlightedText : QPalette::Text;
        painter.setPen(palette().color(QPalette::Mid));
        painter.setBrush(palette().color(fill));
        painter.drawRoundedRect(area, box.task == 0 ? 10 : 2, box.task == 0 ? 10 : 2);
        painter.setPen(palette().color(ink));
        const QRectF inner = area.adjusted(6, 4, -6, -4);
        const QString title =
            fontMetrics().elidedText(box.title, Qt::ElideRight, static_cast<int>(inner.width()));
        painter.drawText(inner, Qt::AlignHCenter | Qt::AlignTop, title);
        painter.drawText(inner, Qt::AlignHCenter | Qt::AlignBottom, box.detail);
    }
}

void PortGraphView::mousePressEvent(QMouseEvent* event) {
    const auto look = [&](int column, const Column& boxes) {
        for (size_t i = 0; i < boxes.size(); ++i) {
            if (place(column, i, boxes.size()).contains(event->position())) {
                emit task_clicked(static_cast<uint32_t>(boxes[i].task));
            }
        }
    };
    look(0, graph_.senders);
    look(2, graph_.receivers);
}

}  // namespace inspector
