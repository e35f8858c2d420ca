// SPDX-License-Identifier: Apache-2.0
// The freelist: what it promises beyond the contract of all strategies.
#include "kernel/memory/frames/frame_freelist.hpp"

#include "tests/kernel/fake_machine.hpp"
#include "tests/kernel/memory/frames/strategy_bench.hpp"

namespace kernel {
namespace {

struct FrameFreelistTest : testing::Test {
    FakeMachine machine;
    StrategyBench bench{"freelist", false, {{0x40'0000, 0x40'0000 + 8 * page}}};
    FrameStrategy& list = *bench.strategy;

    PhysicalAddress take() { return list.allocate({}).value(); }
};

TEST_F(FrameFreelistTest, GivesTheLowestFirst) {
    for (uint64_t i = 0; i < 8; ++i) EXPECT_EQ(take(), 0x40'0000 + i * page);
}

TEST_F(FrameFreelistTest, GivesTheLastFreedFirst) {
    const PhysicalAddress first = take();
    const PhysicalAddress second = take();
    EXPECT_EQ(list.free(first, 0, 0), Status::Ok);
    EXPECT_EQ(list.free(second, 0, 0), Status::Ok);
    EXPECT_EQ(take(), second);
    EXPECT_EQ(take(), first);
}

TEST_F(FrameFreelistTest, SeesItsOwnDamage) {
    (void)take();
    ASSERT_TRUE(list.consistent());
    auto* next = reinterpret_cast<uint32_t*>(bench.metadata.get());
    const uint32_t good = next[1];
    next[1] = 1;  // a circle
    EXPECT_FALSE(list.consistent());
    next[1] = 3;  // one frame lost
    EXPECT_FALSE(list.consistent());
    next[1] = 0;  // leads to an allocated frame
    EXPECT_FALSE(list.consistent());
    next[1] = good;
    EXPECT_TRUE(list.consistent());
}

}  // namespace
}  // namespace kernel
