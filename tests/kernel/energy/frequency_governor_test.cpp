// SPDX-License-Identifier: Apache-2.0
// The governor: which clock, and how often.
#include "kernel/schedule/energy/frequency_governor.hpp"

#include <gtest/gtest.h>

namespace kernel {
namespace {

const EnergyDomain domain{.cpus = 1,
                          .count = 4,
                          .points = {{250, 256, 1}, {500, 512, 3}, {750, 768, 6}, {1000, 1024, 9}}};

TEST(FrequencyGovernor, LeavesAQuarterFree) {
    struct Case {
        uint32_t utilisation;
        uint32_t kilohertz;
    };
    for (const Case& each : {Case{0, 250}, Case{205, 250}, Case{206, 500}, Case{409, 500},
                             Case{411, 750}, Case{616, 1000}, Case{1024, 1000}, Case{2048, 1000}}) {
        FrequencyGovernor governor;
        EXPECT_EQ(governor.consider(0, domain, each.utilisation), each.kilohertz)
            << each.utilisation;
        EXPECT_EQ(governor.asked(), each.kilohertz);
    }
}

TEST(FrequencyGovernor, AsksOnceForEachChange) {
    FrequencyGovernor governor;
    governor.note(1000);
    EXPECT_EQ(governor.consider(0, domain, 1024), 0U);
    EXPECT_EQ(governor.consider(0, domain, 10), 250U);
    EXPECT_EQ(governor.consider(1, domain, 11), 0U);
    governor.note(500);
    EXPECT_EQ(governor.consider(2, domain, 11), 250U) << "somebody else had set it";
}

TEST(FrequencyGovernor, WaitsBetweenChanges) {
    FrequencyGovernor governor;
    governor.set_interval(100);
    EXPECT_FALSE(governor.must_wait(0));
    EXPECT_EQ(governor.consider(1000, domain, 10), 250U);
    EXPECT_TRUE(governor.must_wait(1099));
    EXPECT_EQ(governor.consider(1099, domain, 1024), 0U);
    EXPECT_FALSE(governor.must_wait(1100));
    EXPECT_EQ(governor.consider(1100, domain, 1024), 1000U);
}

}  // namespace
}  // namespace kernel
