// SPDX-License-Identifier: Apache-2.0
// MetricsPanel: metrics.csv as a table that can be filtered, and a plot of the selected metric.
#pragma once

#include "gui/models/metric_rows.hpp"
#include "gui/panels/panel.hpp"

class QLabel;
class QLineEdit;
class QSortFilterProxyModel;
class QTableView;

namespace inspector {

// Draws a Plot as it is.
class PlotView final : public QWidget {
    Q_OBJECT

  public:
    using QWidget::QWidget;
    void show_plot(Plot plot);
    [[nodiscard]] const Plot& plot() const { return plot_; }
    [[nodiscard]] QSize sizeHint() const override { return {300, 160}; }

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    Plot plot_;
};

class MetricsPanel final : public Panel {
    Q_OBJECT

  public:
    // Precondition: there is a run folder.
    explicit MetricsPanel(const Context& context);

    [[nodiscard]] QTableView& table() { return *table_; }
    [[nodiscard]] QLineEdit& filter() { return *filter_; }
    [[nodiscard]] PlotView& plot() { return *plot_; }
    [[nodiscard]] QString as_text() const override;
    [[nodiscard]] QString as_csv() const override;

  private:
    void show_run();
    void show_metric();

    const RecordedRun* run_;
    TableModel model_;
    QSortFilterProxyModel* sorted_;
    QLineEdit* filter_;
    QLabel* complaint_;
    QTableView* table_;
    PlotView* plot_;
};

}  // namespace inspector
