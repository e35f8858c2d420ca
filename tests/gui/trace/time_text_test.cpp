// SPDX-License-Identifier: Apache-2.0
// Times as text, and rulers.
#include "gui/trace/time_text.hpp"

#include <gtest/gtest.h>

namespace {

using namespace inspector;

TEST(TimeText, PointsInTimeHaveAllDigits) {
    EXPECT_EQ(time_text(0), "0.000 000 000");
    EXPECT_EQ(time_text(12'345'678'901), "12.345 678 901");
}

TEST(TimeText, DurationsHaveTheUnitThatSuits) {
    EXPECT_EQ(duration_text(0), "0 ns");
    EXPECT_EQ(duration_text(999), "999 ns");
    EXPECT_EQ(duration_text(1000), "1 us");
    EXPECT_EQ(duration_text(12'500), "12.5 us");
    EXPECT_EQ(duration_text(3'250'000), "3.25 ms");
    EXPECT_EQ(duration_text(999'999'999), "999.999 ms");
    EXPECT_EQ(duration_text(60'000'000'000), "60 s");
    EXPECT_EQ(duration_text(UINT64_MAX), "18446744073.709 s");
}

TEST(TimeText, RulersHaveRoundSteps) {
    EXPECT_EQ(ruler_step(1'000'000, 1000, 100), 100'000U);
    EXPECT_EQ(ruler_step(1'000'000, 1000, 150), 200'000U);
    EXPECT_EQ(ruler_step(1'000'000, 1000, 201), 500'000U);
    EXPECT_EQ(ruler_step(0, 1000, 100), 1U);
    EXPECT_GT(ruler_step(INT64_MAX, 1, 100), 0U);
}

}  // namespace
