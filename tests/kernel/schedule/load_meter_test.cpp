// SPDX-License-Identifier: Apache-2.0
// Load averages against the formula in floating point.
#include "kernel/schedule/load_meter.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace kernel {
namespace {

constexpr uint64_t period = 1000;

double average(const LoadMeter& meter, unsigned window) {
    return meter.average(window) / static_cast<double>(LoadMeter::one);
}

TEST(LoadMeter, FollowsAStep) {
    LoadMeter meter;
    meter.begin(period, 0);
    meter.set(3, 0);
    for (const uint64_t periods : {50U, 100U, 1000U, 5000U}) {
        meter.advance(periods * period);
        double window = 100;
        for (unsigned i = 0; i < LoadMeter::window_count; ++i, window *= 10) {
            const double wanted = 3 * (1 - std::exp(-static_cast<double>(periods) / window));
            EXPECT_NEAR(average(meter, i), wanted, 1e-3) << periods << " of " << window;
        }
    }
    EXPECT_EQ(meter.integral(), 3U * 5000 * period);
}

TEST(LoadMeter, LooksDoNotChangeWhatItSays) {
    std::mt19937 random(1);
    LoadMeter seldom;
    LoadMeter often;
    seldom.begin(period, 0);
    often.begin(period, 0);
    uint64_t now = 0;
    for (int i = 0; i < 2000; ++i) {
        const auto level = static_cast<uint32_t>(random() % 5);
        seldom.set(level, now);
        often.set(level, now);
        const uint64_t end = now + random() % 20'000;
        while (now < end) often.advance(now += random() % 700);
    }
    seldom.advance(now);
    often.advance(now);
    EXPECT_EQ(seldom.integral(), often.integral());
    for (unsigned i = 0; i < LoadMeter::window_count; ++i) {
        EXPECT_NEAR(average(seldom, i), average(often, i), 1e-3);
    }
}

TEST(LoadMeter, TimeDoesNotGoBack) {
    LoadMeter meter;
    meter.begin(period, 5000);
    meter.set(1, 5000);
    meter.advance(9000);
    meter.set(2, 8000);
    EXPECT_EQ(meter.integral(), 4000U);
    meter.advance(9500);
    EXPECT_EQ(meter.integral(), 5000U);
}

}  // namespace
}  // namespace kernel
