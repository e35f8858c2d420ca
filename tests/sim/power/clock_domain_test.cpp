// SPDX-License-Identifier: Apache-2.0
// Operating points: requests, limits, caps, and the time a change takes.
#include "sim/power/clock_domain.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace orrery::power {
namespace {

const std::vector<OperatingPoint> points = {{1000, 0.6}, {2000, 0.7}, {3000, 0.9}};

TEST(ClockDomain, StartsAtTheTop) {
    const ClockDomain clock(points, 10);
    EXPECT_EQ(clock.point().kilohertz, 3000U);
    EXPECT_FALSE(clock.due());
    EXPECT_EQ(clock.find(2000), 1U);
    EXPECT_FALSE(clock.find(2001));
}

TEST(ClockDomain, ChangesAfterTheTransition) {
    ClockDomain clock(points, 10);
    clock.request(100, 0);
    EXPECT_EQ(clock.due(), 110U);
    EXPECT_FALSE(clock.advance(109));
    EXPECT_EQ(clock.point().kilohertz, 3000U);
    EXPECT_TRUE(clock.advance(110));
    EXPECT_EQ(clock.point().kilohertz, 1000U);
    EXPECT_FALSE(clock.advance(111));
}

TEST(ClockDomain, ReplacesAnOlderRequest) {
    ClockDomain clock(points, 10);
    clock.request(100, 0);
    clock.request(105, 1);
    EXPECT_EQ(clock.due(), 115U);
    clock.request(106, 2);  // where it still is
    EXPECT_FALSE(clock.due());
}

TEST(ClockDomain, KeepsToItsLimits) {
    ClockDomain clock(points, 0);
    clock.set_limits(0, 0, 1);
    clock.advance(0);
    EXPECT_EQ(clock.current(), 1U);
    clock.set_limits(0, 0, 2);
    clock.advance(0);
    EXPECT_EQ(clock.current(), 2U) << "the request still stands";
}

TEST(ClockDomain, LetsHeatHaveTheLastWord) {
    ClockDomain clock(points, 0);
    clock.set_limits(0, 2, 2);
    clock.set_cap(0, 0);
    clock.advance(0);
    EXPECT_EQ(clock.current(), 0U);
}

TEST(ClockDomain, RefusesPointsOutOfOrder) {
    EXPECT_THROW(ClockDomain({}, 0), std::runtime_error);
    EXPECT_THROW(ClockDomain({{2, 1}, {1, 1}}, 0), std::runtime_error);
    EXPECT_THROW(ClockDomain({{1, 1}, {2, 0.9}}, 0), std::runtime_error);
}

}  // namespace
}  // namespace orrery::power
