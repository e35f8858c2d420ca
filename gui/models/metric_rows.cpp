// SPDX-License-Identifier: Apache-2.0
// metric_rows: see the header.
#include "gui/models/metric_rows.hpp"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace inspector {

namespace {

QString words(const char* text) {
    return QCoreApplication::translate("metrics", text);
}

TableCell cell(const QString& text) {
    bool is_number = false;
    const double value = text.toDouble(&is_number);
    if (!is_number) return text;
    // As written, but not with sixteen digits.
    return {std::abs(value) < 1e15 && value == std::round(value) ? QString::number(value, 'f', 0)
                                                                 : QString::number(value, 'g', 7),
            value};
}

}  // namespace

QStringList metric_columns(const QList<QStringList>& table) {
    return table.isEmpty() ? QStringList() : table.front();
}

QList<TableRow> metric_rows(const QList<QStringList>& table) {
    QList<TableRow> rows;
    for (qsizetype i = 1; i < table.size(); ++i) {
        if (table[i].size() != table.front().size()) continue;
        TableRow row;
        for (qsizetype column = 0; column < table[i].size(); ++column) {
            row.append(column < 2 ? TableCell(table[i][column]) : cell(table[i][column]));
        }
        rows.append(row);
    }
    return rows;
}

Plot plot_of(const QString& metric, const QString& unit,
             const std::optional<MetricPoints>& points) {
    Plot plot;
    plot.title = unit.isEmpty() ? metric : QStringLiteral("%1 [%2]").arg(metric, unit);
    if (!points || points->places.isEmpty()) {
        plot.note = words("%1 is a plain figure: it has no points to plot").arg(metric);
        return plot;
    }
    const bool series = points->kind == QLatin1String("series");
    const bool samples = points->kind == QLatin1String("samples");
    plot.form =
        samples || points->kind == QLatin1String("maps") ? Plot::Form::Bars : Plot::Form::Line;
    plot.across = series    ? words("simulated time, s")
                  : samples ? words("value")
                            : words(points->kind == QLatin1String("maps") ? "cell" : "over");
    plot.upward = samples ? words("count") : unit;
    double low = 0;
    double high = 0;
    for (qsizetype i = 0; i < points->places.size(); ++i) {
        if (!std::isfinite(points->places[i]) || !std::isfinite(points->values[i])) continue;
        const double x = series ? points->places[i] / 1e9 : points->places[i];
        plot.points.append({x, points->values[i]});
        low = std::min(low, points->values[i]);
        high = std::max(high, points->values[i]);
    }
    if (plot.points.isEmpty()) {
        plot.form = Plot::Form::None;
        plot.note = words("%1 has no finite points").arg(metric);
        return plot;
    }
    std::stable_sort(plot.points.begin(), plot.points.end(),
                     [](const QPointF& one, const QPointF& other) { return one.x() < other.x(); });
    const double left = plot.points.front().x();
    const double width = std::max(plot.points.back().x() - left, 1e-12);
    plot.bounds = QRectF(left, low, width, std::max(high - low, 1e-12));
    return plot;
}

}  // namespace inspector
