// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/prefetcher.hpp"

#include <gtest/gtest.h>

#include "tests/sim/memory/fixture.hpp"

namespace orrery::memory {
namespace {

using Lines = std::vector<uint64_t>;

struct PrefetcherTest : testing::Test {
    Prefetcher prefetcher{{.streams = 2, .ahead = 3}};
    Lines observe(uint64_t line) {
        prefetcher.observe(line);
        return prefetcher.lines();
    }
};

TEST_F(PrefetcherTest, FollowsAStreamAndStaysAhead) {
    EXPECT_EQ(observe(1), Lines{});
    EXPECT_EQ(observe(2), Lines{});
    EXPECT_EQ(observe(3), (Lines{4, 5, 6}));
    EXPECT_EQ(observe(4), Lines{7});
    EXPECT_EQ(observe(5), Lines{8});
}

TEST_F(PrefetcherTest, FollowsStridesBothWays) {
    observe(1);
    observe(5);
    EXPECT_EQ(observe(9), (Lines{13, 17, 21}));
    observe(127);
    observe(125);
    EXPECT_EQ(observe(123), (Lines{121, 119, 117}));
}

TEST_F(PrefetcherTest, StaysWithinAPage) {
    observe(60);
    observe(61);
    EXPECT_EQ(observe(62), Lines{63});
    EXPECT_EQ(observe(63), Lines{});
}

TEST_F(PrefetcherTest, IgnoresRandomMisses) {
    Random random(1);
    uint64_t fetched = 0;
    for (int i = 0; i < 1000; ++i) fetched += observe(random() % 1'000'000).size();
    EXPECT_EQ(fetched, 0u);
}

TEST(Prefetcher, MakesSequentialReadingFaster) {
    const auto reading = [](uint32_t streams) {
        CoreParameters core = cortex_a55();
        core.prefetcher.streams = streams;
        MemorySystem system(phone8(), cpus(core, 1));
        uint64_t now = 0;
        for (uint64_t offset = 0; offset < 1'000'000; offset += 64) {
            now += 4'000 + system.cpu(0).load(near_base + offset, 8, now) * 500 / 64;
        }
        return now;
    };
    EXPECT_LT(reading(4) * 2, reading(0));
}

TEST(Prefetcher, FetchesTakeTheirTime) {
    MemorySystem system(phone8(), cpus(cortex_a55(), 1));
    CpuMemory& cpu = system.cpu(0);
    for (uint64_t line = 0; line < 3; ++line) cpu.load(near_base + 64 * line, 8, line * 500'000);
    EXPECT_GT(cpu.counts().prefetches, 0u);
    // At once, the fourth line is still on its way; later it is in level 2: 9 cycles, 3 of them
    // charged by the pipeline.
    const uint32_t early = cpu.load(near_base + 64 * 3, 8, 1'001'000);
    const uint32_t late = cpu.load(near_base + 64 * 4, 8, 2'000'000);
    EXPECT_GT(early, 50u * 64);
    EXPECT_EQ(late, 6u * 64);
}

}  // namespace
}  // namespace orrery::memory
