// SPDX-License-Identifier: Apache-2.0
// Bandwidth: what is given out in a period, what comes back, and who owes.
#include "kernel/container/bandwidth.hpp"

#include <gtest/gtest.h>

#include <random>

namespace kernel {
namespace {

TEST(BandwidthTest, WithoutAQuotaThereIsNoLimit) {
    Bandwidth bandwidth;
    EXPECT_FALSE(bandwidth.is_limited());
    bandwidth.settle(5, 7);
    EXPECT_FALSE(bandwidth.is_limited());
}

TEST(BandwidthTest, WhatIsLeftIsLostWhatIsOwedIsNot) {
    Bandwidth bandwidth;
    bandwidth.set(1000, 50, 100);
    EXPECT_EQ(bandwidth.available(1000), 50U);
    bandwidth.take(30);
    bandwidth.settle(30, 10);
    EXPECT_EQ(bandwidth.available(1099), 40U);
    EXPECT_EQ(bandwidth.next_period(), 1100U);
    EXPECT_EQ(bandwidth.available(1100), 50U);
    bandwidth.take(50);
    bandwidth.settle(50, 80);
    EXPECT_EQ(bandwidth.available(1199), 0U);
    EXPECT_TRUE(bandwidth.note_throttled());
    EXPECT_FALSE(bandwidth.note_throttled());
    EXPECT_EQ(bandwidth.available(1200), 20U);
    EXPECT_EQ(bandwidth.available(1500), 50U);
    EXPECT_EQ(bandwidth.periods_throttled(), 1U);
}

TEST(BandwidthTest, DebtsOfSeveralPeriodsArePaid) {
    Bandwidth bandwidth;
    bandwidth.set(0, 10, 100);
    bandwidth.take(10);
    bandwidth.settle(10, 45);
    EXPECT_EQ(bandwidth.available(100), 0U);
    EXPECT_EQ(bandwidth.available(350), 0U);
    EXPECT_EQ(bandwidth.available(400), 5U);
}

// Whatever CPUs do, over any time what is used is at most the quota of its periods and one more,
// and what one slice each is longer than it should be.
TEST(BandwidthTest, TheQuotaHoldsInTheLongRun) {
    std::mt19937 random(1);
    const auto up_to = [&random](uint64_t most) {
        return std::uniform_int_distribution<uint64_t>(0, most)(random);
    };
    for (unsigned round = 0; round < 50; ++round) {
        const uint64_t period = 100 + up_to(1000);
        const uint64_t quota = 10 + up_to(2 * period);
        Bandwidth bandwidth;
        bandwidth.set(0, quota, period);
        uint64_t now = 0;
        uint64_t used = 0;
        for (unsigned i = 0; i < 5000; ++i) {
            const uint64_t available = bandwidth.available(now);
            ASSERT_LE(available, quota);
            if (available == 0) {
                ASSERT_GT(bandwidth.next_period(), now);
                now = bandwidth.next_period();
                continue;
            }
            const uint64_t slice = 1 + up_to(available - 1);
            bandwidth.take(slice);
            const uint64_t ran = up_to(slice + 3);
            now += ran;
            used += ran;
            bandwidth.settle(slice, ran);
            ASSERT_LE(used, (now / period + 1) * quota + 3);
        }
    }
}

}  // namespace
}  // namespace kernel
