// SPDX-License-Identifier: Apache-2.0
// Cycles become time exactly, whatever the pieces in which they come.
#include "sim/phone/core_clock.hpp"

#include <gtest/gtest.h>

namespace {

using orrery::phone::CoreClock;
constexpr uint64_t parts = orrery::engine::parts_per_cycle;

TEST(CoreClockTest, PiecesAddUpToTheWhole) {
    // 1.8 GHz: no whole number of picoseconds a cycle.
    CoreClock clock(1'800'000'000);
    uint64_t picoseconds = 0;
    uint64_t spent = 0;
    for (uint64_t piece = 1; piece < 100'000; ++piece) {
        picoseconds += clock.take(piece);
        spent += piece;
    }
    EXPECT_EQ(picoseconds, clock.span(spent));
}

TEST(CoreClockTest, ASecondOfCyclesTakesASecond) {
    for (const uint64_t kilohertz : {1ULL, 408'000ULL, 1'800'000ULL, 2'399'999ULL}) {
        CoreClock clock(kilohertz * 1000);
        EXPECT_EQ(clock.take(kilohertz * 1000 * parts), 1'000'000'000'000U) << kilohertz;
    }
}

TEST(CoreClockTest, ManyHoursDoNotRunOver) {
    CoreClock clock(2'399'999'000);
    constexpr uint64_t hours = 24 * 3600;
    EXPECT_EQ(clock.take(2'399'999'000 * parts * hours), hours * 1'000'000'000'000U);
}

TEST(CoreClockTest, AnotherFrequencyHoldsFromThenOn) {
    CoreClock clock(1'000'000'000);
    EXPECT_EQ(clock.take(parts), 1000U);
    clock.set_frequency(500'000'000);
    EXPECT_EQ(clock.take(parts), 2000U);
    EXPECT_EQ(clock.frequency(), 500'000'000U);
}

}  // namespace
