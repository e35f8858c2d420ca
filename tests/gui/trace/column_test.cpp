// SPDX-License-Identifier: Apache-2.0
// Columns: growing, dropping chunks, searching by doubling steps.
#include "gui/trace/column.hpp"

#include <gtest/gtest.h>

#include <random>

namespace {

using inspector::chunk_rows;
using inspector::Column;

TEST(Column, KeepsWhatIsAppended) {
    Column<uint32_t> column;
    for (uint32_t i = 0; i < 3 * chunk_rows + 5; ++i) column.append(i * 7);
    for (uint32_t i = 0; i < 3 * chunk_rows + 5; ++i) ASSERT_EQ(column[i], i * 7);
    column.set(chunk_rows, 1);
    EXPECT_EQ(column[chunk_rows], 1U);
    EXPECT_EQ(column.end(), 3 * chunk_rows + 5);
}

TEST(Column, TakesLittleWhenItIsShort) {
    Column<uint64_t> column;
    column.append(1);
    EXPECT_LE(column.bytes(), 64U);
}

TEST(Column, RowsKeepTheirNumbersWhenOlderOnesGo) {
    Column<uint64_t> column;
    for (uint64_t i = 0; i < 3 * chunk_rows; ++i) column.append(i);
    const size_t before = column.bytes();
    column.drop_before(chunk_rows);
    EXPECT_EQ(column.begin(), chunk_rows);
    EXPECT_EQ(column[chunk_rows], chunk_rows);
    EXPECT_EQ(before - column.bytes(), chunk_rows * sizeof(uint64_t));
    column.append(5);
    EXPECT_EQ(column[3 * chunk_rows], 5U);
}

TEST(Column, GoesOnAfterAllHasGone) {
    Column<uint64_t> column;
    for (uint64_t i = 0; i < chunk_rows + 10; ++i) column.append(i);
    column.drop_before(column.end());
    EXPECT_TRUE(column.empty());
    EXPECT_EQ(column.bytes(), 0U);
    for (uint64_t i = 0; i < chunk_rows; ++i) column.append(i);
    EXPECT_EQ(column.begin(), chunk_rows + 10);
    EXPECT_EQ(column[chunk_rows + 10], 0U);
    EXPECT_EQ(column[2 * chunk_rows + 9], chunk_rows - 1);
    column.drop_before(2 * chunk_rows);
    EXPECT_EQ(column[2 * chunk_rows], chunk_rows - 10);
}

TEST(FirstRow, IsWhatGoingThroughAllFinds) {
    std::mt19937_64 random(1);
    for (unsigned round = 0; round < 2000; ++round) {
        const uint64_t end = random() % 50;
        const uint64_t wanted = random() % 60;
        const uint64_t from = end == 0 ? 0 : random() % (end + 1);
        const uint64_t found =
            inspector::first_row(from, end, [&](uint64_t row) { return row >= wanted; });
        EXPECT_EQ(found, std::min(end, std::max(from, wanted)));
    }
}

}  // namespace
