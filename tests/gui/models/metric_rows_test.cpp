// SPDX-License-Identifier: Apache-2.0
// Tests of metric_rows.
#include "gui/models/metric_rows.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace inspector {
namespace {

TEST(MetricRows, LeaveOutWhatIsNoRow) {
    const QList<QStringList> table{
        {"metric", "unit", "value"}, {"5", "s", "0.25"}, {"broken"}, {"b", "", "none"}};
    const auto rows = metric_rows(table);
    ASSERT_EQ(rows.size(), 2);
    EXPECT_FALSE(rows[0][0].sort.isValid());  // a name, though it is a number
    EXPECT_EQ(rows[0][2].sort.toDouble(), 0.25);
    EXPECT_FALSE(rows[1][2].sort.isValid());
    EXPECT_TRUE(metric_rows({}).isEmpty());
    EXPECT_TRUE(metric_columns({}).isEmpty());
}

TEST(MetricRows, PlotASeriesOverSeconds) {
    const Plot plot = plot_of("free", "frames", MetricPoints{"series", {3e9, 1e9}, {-2, 5}});
    EXPECT_EQ(plot.form, Plot::Form::Line);
    EXPECT_EQ(plot.points, (QList<QPointF>{{1, 5}, {3, -2}}));
    EXPECT_EQ(plot.bounds, QRectF(1, -2, 2, 7));
}

TEST(MetricRows, BoundsHaveZeroAndAreNeverEmpty) {
    const Plot plot = plot_of("one", "", MetricPoints{"samples", {4}, {6}});
    EXPECT_EQ(plot.form, Plot::Form::Bars);
    EXPECT_EQ(plot.bounds.top(), 0);
    EXPECT_GT(plot.bounds.width(), 0);
}

TEST(MetricRows, SayWhyThereIsNoPlot) {
    EXPECT_FALSE(plot_of("boot", "s", {}).note.isEmpty());
    const Plot plot = plot_of("odd", "", MetricPoints{"series", {1}, {std::nan("")}});
    EXPECT_EQ(plot.form, Plot::Form::None);
    EXPECT_FALSE(plot.note.isEmpty());
}

}  // namespace
}  // namespace inspector
