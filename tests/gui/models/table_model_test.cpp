// SPDX-License-Identifier: Apache-2.0
// Tests of TableModel.
#include "gui/models/table_model.hpp"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QSortFilterProxyModel>

namespace inspector {
namespace {

constexpr auto how = QAbstractItemModelTester::FailureReportingMode::Fatal;

TEST(TableModel, KeepsTheRulesOfModels) {
    TableModel model({"name", "time"});
    const QAbstractItemModelTester tester(&model, how);
    EXPECT_EQ(model.rowCount(), 0);
    model.set_rows({{QString("a"), {"10 us", 10'000.0}}, {QString("b"), {"9 ms", 9e6}}});
    EXPECT_EQ(model.rowCount(), 2);
    EXPECT_EQ(model.rowCount(model.index(0, 0)), 0);
    EXPECT_FALSE(model.data({}, Qt::DisplayRole).isValid());
    model.set({"other"}, {{QString("c")}});
    EXPECT_EQ(model.columnCount(), 1);
    model.set({}, {});
}

TEST(TableModel, SortsNumbersAsSuch) {
    TableModel model({"time"});
    model.set_rows({{{"10 us", 10'000.0}}, {{"9 ms", 9e6}}, {{"2 ns", 2.0}}});
    QSortFilterProxyModel sorted;
    const QAbstractItemModelTester tester(&sorted, how);
    sorted.setSourceModel(&model);
    sorted.setSortRole(TableModel::SortRole);
    sorted.sort(0);
    EXPECT_EQ(table_text(sorted), "time\n2 ns\n10 us\n9 ms\n");
}

TEST(TableModel, IsWrittenAsShown) {
    TableModel model({"name", "what"});
    model.set_rows({{QString("a,b"), QString("c")}});
    EXPECT_EQ(table_csv(model), "name,what\n\"a,b\",c\n");
    EXPECT_EQ(table_text(model), "name\twhat\na,b\tc\n");
}

}  // namespace
}  // namespace inspector
