// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/levels.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace orrery::memory {
namespace {

TEST(Levels, AreNearPublishedFigures) {
    for (const LevelRow& row : level_rows()) {
        if (row.published == 0) continue;
        EXPECT_LT(std::abs(row.model / row.published - 1), row.tolerance)
            << row.core << ", " << row.name << ": " << row.model << ", published " << row.published;
    }
}

TEST(Levels, TakeLongerTheLargerTheWorkingSet) {
    for (const MeasuredCore core : {MeasuredCore::cortex_a55, MeasuredCore::cortex_a76}) {
        double last = 0;
        for (uint64_t bytes = 16 << 10; bytes <= 64 << 20; bytes *= 4) {
            const double time = chase({.core = core, .bytes = bytes});
            EXPECT_GE(time, last) << bytes;
            last = time;
        }
    }
}

TEST(Levels, AreFartherOnTheFarNode) {
    const double near = chase({.bytes = 64 << 20});
    const double far = chase({.bytes = 64 << 20, .node = Node::far});
    // 40 ns for each read of memory, and the few that hit caches.
    EXPECT_GT(far, near + 36);
    EXPECT_LT(far, near + 42);
}

}  // namespace
}  // namespace orrery::memory
