// SPDX-License-Identifier: Apache-2.0
// metric_rows: metrics.csv as rows of a TableModel, and the plot of one metric.
#pragma once

#include <QList>
#include <QPointF>
#include <QRectF>
#include <QString>

#include "gui/models/table_model.hpp"
#include "gui/run/recorded_run.hpp"

namespace inspector {

// The columns and rows of a table whose first row names the columns; rows of another length are
// left out. Columns after the unit that hold numbers sort as such.
[[nodiscard]] QStringList metric_columns(const QList<QStringList>& table);
[[nodiscard]] QList<TableRow> metric_rows(const QList<QStringList>& table);

// What is drawn of a metric.
struct Plot {
    enum class Form { None, Line, Bars };

    Form form = Form::None;
    QString title;
    QString across;  // what the axes are
    QString upward;
    QList<QPointF> points;  // in ascending order of x
    QRectF bounds;          // all points lie within, and zero of y

    // The sentence for a metric without points.
    QString note;
};

[[nodiscard]] Plot plot_of(const QString& metric, const QString& unit,
                           const std::optional<MetricPoints>& points);

}  // namespace inspector
