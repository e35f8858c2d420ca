// SPDX-License-Identifier: Apache-2.0
// Tests of csv.
#include "gui/run/csv.hpp"

#include <gtest/gtest.h>

namespace inspector {
namespace {

TEST(Csv, ReadsQuotedFieldsAndAnyLineEnd) {
    const auto rows = read_csv(QStringLiteral("a,\"b,\"\"c\"\"\nd\",\r\n\n,x"));
    ASSERT_EQ(rows.size(), 2);
    EXPECT_EQ(rows[0], (QStringList{"a", "b,\"c\"\nd", ""}));
    EXPECT_EQ(rows[1], (QStringList{"", "x"}));
}

TEST(Csv, ReadsBackWhatItWrites) {
    const QStringList fields{"plain", "with, comma", "with \"quotes\"", "two\nlines", ""};
    const auto rows = read_csv(csv_row(fields));
    ASSERT_EQ(rows.size(), 1);
    EXPECT_EQ(rows[0], fields);
}

TEST(Csv, TakesAQuoteThatIsNeverClosedToTheEnd) {
    const auto rows = read_csv(QStringLiteral("a,\"b"));
    ASSERT_EQ(rows.size(), 1);
    EXPECT_EQ(rows[0], (QStringList{"a", "b"}));
}

}  // namespace
}  // namespace inspector
