// SPDX-License-Identifier: Apache-2.0
// Random places in user space.
#include "kernel/task/user_layout.hpp"

#include <gtest/gtest.h>

#include <set>

#include "kernel/task/elf.hpp"

namespace kernel {
namespace {

TEST(UserLayout, PlacesThreeRangesThatNeverMeet) {
    Random random;
    random.seed("layout", 6);
    std::set<uint64_t> programs, stacks, mappings;
    for (unsigned i = 0; i < 10'000; ++i) {
        const UserLayout layout = random_layout(random);
        EXPECT_EQ(layout.program_bias % hal::page_size, 0U);
        EXPECT_EQ(layout.mappings_begin % hal::page_size, 0U);
        EXPECT_EQ(layout.stack_end % hal::page_size, 0U);
        EXPECT_LE(layout.program_bias + movable_end, layout.mappings_begin);
        EXPECT_GT(layout.stack_begin(), layout.mappings_begin + (uint64_t{1} << 45));
        EXPECT_LE(layout.stack_end, stack_end);
        programs.insert(layout.program_bias);
        mappings.insert(layout.mappings_begin);
        stacks.insert(layout.stack_end);
    }
    // Hardly any place comes twice among 2^28 and 2^22.
    EXPECT_GT(programs.size(), 9'900U);
    EXPECT_GT(mappings.size(), 9'900U);
    EXPECT_GT(stacks.size(), 9'900U);
}

}  // namespace
}  // namespace kernel
