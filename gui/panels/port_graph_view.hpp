// SPDX-License-Identifier: Apache-2.0
// PortGraphView: draws a PortGraph: senders on the left, ports in the middle, receivers on the
// right. A click on a task selects it.
#pragma once

#include <QWidget>

#include "gui/models/port_graph.hpp"

namespace inspector {

class PortGraphView final : public QWidget {
    Q_OBJECT

  public:
    PortGraphView();

    void set_graph(PortGraph graph);
    [[nodiscard]] QSize sizeHint() const override;

  signals:
    void task_clicked(uint32_t task);

  protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

  private:
    using Column = std::vector<PortGraph::Box>;

    [[nodiscard]] QRectF place(int column, size_t row, size_t rows) const;
    void paint_boxes(QPainter& painter, int column, const Column& boxes) const;

    PortGraph graph_;
};

}  // namespace inspector
