// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/exposure.hpp"

#include <gtest/gtest.h>

namespace orrery::memory {
namespace {

Exposure out_of_order(uint32_t outstanding) {
    Exposure exposure(
        {.reorder_cycles = 32, .outstanding_misses = outstanding, .dependent_percent = 40});
    exposure.set_reorder_time(16'000);
    return exposure;
}

TEST(Exposure, ACoreInOrderWaitsForAll) {
    Exposure exposure({});
    EXPECT_EQ(exposure.charge(0, 5'000, Dependence::independent), 5'000u);
    EXPECT_EQ(exposure.charge(6'000, 5'000, Dependence::unknown), 5'000u);
}

TEST(Exposure, DependentLoadsWaitForAll) {
    Exposure exposure = out_of_order(8);
    EXPECT_EQ(exposure.charge(0, 100'000, Dependence::dependent), 100'000u);
    EXPECT_EQ(exposure.charge(101'000, 100'000, Dependence::dependent), 100'000u);
}

TEST(Exposure, TheReorderBufferHidesShortMisses) {
    Exposure exposure = out_of_order(8);
    EXPECT_EQ(exposure.charge(0, 3'000, Dependence::independent), 0u);
    EXPECT_EQ(exposure.charge(1'000'000, 3'000, Dependence::unknown), 1'200u) << "40 percent";
    EXPECT_EQ(exposure.charge(2'000'000, 100'000, Dependence::independent), 84'000u);
}

TEST(Exposure, MissesOfOneReorderBufferOverlap) {
    Exposure exposure = out_of_order(8);
    uint64_t now = 0;
    uint64_t stalls = 0;
    // Four misses, a nanosecond of other work before each: about the time of one.
    for (int i = 0; i < 4; ++i) {
        now += 1'000;
        const uint64_t stall = exposure.charge(now, 100'000, Dependence::independent);
        now += stall;
        stalls += stall;
    }
    EXPECT_EQ(stalls, 100'000u);
    // A reorder buffer later it starts anew.
    now += 17'000;
    EXPECT_EQ(exposure.charge(now, 100'000, Dependence::independent), 84'000u);
}

TEST(Exposure, OnlySoManyMissesAreUnderWay) {
    Exposure exposure = out_of_order(2);
    uint64_t now = 0;
    uint64_t stalls = 0;
    for (int i = 0; i < 4; ++i) {
        const uint64_t stall = exposure.charge(now, 100'000, Dependence::independent);
        now += stall;
        stalls += stall;
    }
    EXPECT_EQ(stalls, 2 * (84'000u + 16'000u));
}

}  // namespace
}  // namespace orrery::memory
