// SPDX-License-Identifier: Apache-2.0
// TreeModel: after every update it is what it was told, and views can follow how it came about.
#include "gui/models/tree_model.hpp"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <algorithm>
#include <random>

#include "gui/models/model_text.hpp"

namespace inspector {
namespace {

using Tester = QAbstractItemModelTester;

struct TreeModelTest : testing::Test {
    TreeModel model{{{"Name"}, {"Value", Qt::AlignRight}}};
    Tester tester{&model, Tester::FailureReportingMode::Fatal};
};

TreeRow row(const QString& key, const QString& value, std::vector<TreeRow> children = {}) {
    return {.key = key, .cells = {key, value}, .tag = key, .children = std::move(children)};
}

TEST_F(TreeModelTest, ShowsWhatItWasTold) {
    model.update({row("a", "1", {row("b", "2")}), row("c", "3")});
    EXPECT_EQ(text_of(model), "Name\tValue\na\t1\n  b\t2\nc\t3\n");
    EXPECT_EQ(csv_of(model), "Name,Value\na,1\nb,2\nc,3\n");
}

TEST_F(TreeModelTest, KeepsRowsThatStay) {
    model.update({row("a", "1"), row("b", "2"), row("c", "3")});
    const QPersistentModelIndex b = model.index(1, 0);
    model.update({row("c", "3"), row("b", "4"), row("d", "5")});
    EXPECT_EQ(b.row(), 1);
    EXPECT_EQ(b.sibling(b.row(), 1).data().toString(), "4");
    EXPECT_EQ(text_of(model), "Name\tValue\nc\t3\nb\t4\nd\t5\n");
}

TEST_F(TreeModelTest, TellsNothingOfWhatIsTheSame) {
    model.update({row("a", "1")});
    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    model.update({row("a", "1")});
    EXPECT_EQ(changes.size(), 0);
    model.update({row("a", "2")});
    EXPECT_EQ(changes.size(), 1);
}

TEST_F(TreeModelTest, MarksWhatHasChanged) {
    model.mark_changes();
    model.update({row("a", "1")});
    const QModelIndex value = model.index(0, 1);
    EXPECT_FALSE(value.data(TreeModel::ChangedRole).toBool());
    model.update({row("a", "2")});
    EXPECT_TRUE(value.data(TreeModel::ChangedRole).toBool());
    EXPECT_TRUE(value.data(Qt::FontRole).isValid());
    model.update({row("a", "2")});
    EXPECT_FALSE(value.data(TreeModel::ChangedRole).toBool());
}

TEST_F(TreeModelTest, FindsRowsByTheirTags) {
    model.update({row("a", "1", {row("b", "2")})});
    EXPECT_EQ(model.find("b").data().toString(), "b");
    EXPECT_FALSE(model.find("z").isValid());
}

TEST_F(TreeModelTest, ChangesItsColumns) {
    model.update({row("a", "1")});
    model.set_columns({{"Only"}});
    EXPECT_EQ(model.rowCount(), 0);
    EXPECT_EQ(model.columnCount(), 1);
}

std::vector<TreeRow> random_rows(std::mt19937& random, int depth) {
    std::vector<TreeRow> rows;
    for (int key = 0; key < 6; ++key) {
        if (random() % 2 == 0) continue;
        rows.push_back(row(QString::number(key), QString::number(random() % 3)));
        if (depth > 0) rows.back().children = random_rows(random, depth - 1);
    }
    std::shuffle(rows.begin(), rows.end(), random);
    return rows;
}

TEST_F(TreeModelTest, FollowsAnyUpdate) {
    std::mt19937 random(7);
    for (int i = 0; i < 300; ++i) {
        const std::vector<TreeRow> rows = random_rows(random, 2);
        model.update(rows);
        TreeModel fresh({{"Name"}, {"Value"}});
        fresh.update(rows);
        ASSERT_EQ(text_of(model), text_of(fresh)) << i;
    }
}

TEST(ModelText, QuotesWhatCsvNeedsQuoted) {
    TreeModel model({{"a,b"}});
    model.update({{.key = "1", .cells = {"say \"no\""}}});
    EXPECT_EQ(csv_of(model), "\"a,b\"\n\"say \"\"no\"\"\"\n");
}

}  // namespace
}  // namespace inspector
