// SPDX-License-Identifier: Apache-2.0
// DRAM timings worked out by hand from the figures in the file.
#include "sim/memory/dram.hpp"

#include <gtest/gtest.h>

#include "tests/sim/memory/fixture.hpp"

namespace orrery::memory {
namespace {

const DramTiming& timing() {
    static const DramTiming timing = phone8().memory.dram.timing;
    return timing;
}
const uint64_t hit = 16'875 + 3'500 + 7'500;
const uint64_t miss = hit + 18'000;
const uint64_t conflict = miss + 18'000;

struct DramTest : testing::Test {
    DramChannel channel{timing(), {.writes_high = 4, .writes_low = 1}, 1, 8};
};

TEST_F(DramTest, RowHitMissAndConflict) {
    EXPECT_EQ(channel.read({.row = 1}, 0), miss);
    EXPECT_EQ(channel.read({.row = 1}, 1'000'000), 1'000'000 + hit);
    EXPECT_EQ(channel.read({.row = 2}, 2'000'000), 2'000'000 + conflict);
    EXPECT_EQ(channel.read({.bank = 1, .row = 2}, 3'000'000), 3'000'000 + miss);
    EXPECT_EQ(channel.counts().row_hits, 1u);
    EXPECT_EQ(channel.counts().row_misses, 2u);
    EXPECT_EQ(channel.counts().row_conflicts, 1u);
    EXPECT_EQ(channel.counts().activates, 3u);
}

TEST_F(DramTest, ARowStaysOpenForTras) {
    // Activated at 0: may be precharged at 42 ns.
    EXPECT_EQ(channel.read({.row = 1}, 0), miss);
    EXPECT_EQ(channel.read({.row = 2}, 1'000), 42'000 + conflict);
}

TEST_F(DramTest, HitsQueueForTheBus) {
    EXPECT_EQ(channel.read({.row = 1}, 0), miss);
    EXPECT_EQ(channel.read({.row = 1, .column = 1}, 0), miss + 7'500);
    EXPECT_EQ(channel.read({.row = 1, .column = 2}, 0), miss + 15'000);
}

TEST_F(DramTest, BanksWorkSideBySide) {
    EXPECT_EQ(channel.read({.bank = 0, .row = 1}, 0), miss);
    // Activated tRRD after the first, which is just the time on the bus.
    EXPECT_EQ(channel.read({.bank = 1, .row = 1}, 0), miss + 7'500);
    EXPECT_EQ(channel.read({.bank = 2, .row = 1}, 0), miss + 15'000);
    EXPECT_EQ(channel.read({.bank = 3, .row = 1}, 0), miss + 22'500);
    // The fifth activate is within tFAW of the first.
    EXPECT_EQ(channel.read({.bank = 4, .row = 1}, 0), miss + 30'000);
}

TEST_F(DramTest, RefreshClosesAllRows) {
    EXPECT_EQ(channel.read({.row = 1}, 0), miss);
    // Due at 3904 ns: precharge of all banks, then 130 ns.
    const uint64_t over = 3'904'000 + 21'000 + 130'000;
    EXPECT_EQ(channel.read({.row = 1}, 3'904'000), over + miss);
    EXPECT_EQ(channel.counts().refreshes, 1u);
    // One that fell into idle time is not felt, but its row is closed.
    EXPECT_EQ(channel.read({.row = 1}, 2 * 3'904'000 + 500'000), 2 * 3'904'000 + 500'000 + miss);
    EXPECT_EQ(channel.counts().refreshes, 2u);
}

TEST_F(DramTest, WritesWaitForABatch) {
    channel.read({.row = 1}, 0);
    for (uint32_t column = 0; column < 3; ++column) {
        channel.write({.row = 1, .column = column}, 1'000'000);
    }
    EXPECT_EQ(channel.counts().row_hits, 0u);
    // What waits is read from the queue.
    EXPECT_EQ(channel.read({.row = 1, .column = 2}, 1'000'000), 1'007'500u);
    EXPECT_EQ(channel.counts().forwarded, 1u);
    channel.write({.row = 1, .column = 3}, 1'000'000);
    EXPECT_EQ(channel.counts().row_hits, 3u);
    // Three bursts were written; the read waits for them and tWTR.
    const uint64_t written = 1'000'000 + 8'438 + 3 * 7'500;
    EXPECT_EQ(channel.read({.row = 1, .column = 9}, 1'000'000), written + 10'000 + hit);
}

TEST_F(DramTest, DataOfTwoRanksIsApart) {
    DramChannel ranks(timing(), {.writes_high = 4, .writes_low = 1}, 2, 8);
    ranks.read({.rank = 0, .row = 1}, 0);
    ranks.read({.rank = 1, .row = 1}, 500'000);
    EXPECT_EQ(ranks.read({.rank = 0, .row = 1}, 1'000'000), 1'000'000 + hit);
    EXPECT_EQ(ranks.read({.rank = 1, .row = 1}, 1'000'000), 1'000'000 + hit + 1'875 + 7'500);
}

TEST_F(DramTest, APastRequestWaitsForNoFuture) {
    EXPECT_EQ(channel.read({.row = 1}, 2'000'000), 2'000'000 + miss);
    // As if together with the one before: a hit after its data.
    EXPECT_EQ(channel.read({.row = 1, .column = 1}, 1'000'000), 1'000'000 + miss + 7'500);
    // And then at its distance from that.
    EXPECT_EQ(channel.read({.row = 1, .column = 2}, 1'500'000), 1'500'000 + hit);
}

TEST(DramMapping, TakesPartsFromTheLowBits) {
    const DramMapping mapping = phone8().memory.dram.mapping;
    EXPECT_EQ(mapping.place(0), DramPlace{});
    EXPECT_EQ(mapping.place(3).column, 3u);
    EXPECT_EQ(mapping.place(4).channel, 1u);
    EXPECT_EQ(mapping.place(8).column, 4u);
    EXPECT_EQ(mapping.place(64).bank, 1u);
    EXPECT_EQ(mapping.place(512).row, 1u);
    EXPECT_EQ(mapping.place(512).bank, 1u) << "the permutation";
    EXPECT_EQ(mapping.place((512 << 20 >> 6) - 1).row, 16383u);
}

TEST(DramMapping, IsOneToOne) {
    const DramMapping mapping = phone8().memory.dram.mapping;
    std::vector<bool> seen(1u << 23);
    for (uint64_t line = 0; line < 1u << 23; ++line) {
        const DramPlace place = mapping.place(line);
        const uint32_t number =
            ((place.row * 8 + place.bank) * 2 + place.channel) * 32 + place.column;
        ASSERT_FALSE(seen.at(number));
        seen[number] = true;
    }
}

}  // namespace
}  // namespace orrery::memory
