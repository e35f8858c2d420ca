// SPDX-License-Identifier: Apache-2.0
// Locks and their order.
#include "kernel/base/lock.hpp"

#include <gtest/gtest.h>

#include "kernel/kernel.hpp"
#include "tests/kernel/fake_machine.hpp"

namespace kernel {
namespace {

struct LockTest : testing::Test {
    FakeMachine machine;
    SpinLock objects{LockRank::Objects};
    SpinLock other_objects{LockRank::Objects};
    SpinLock heap{LockRank::Heap};
    SpinLock console{LockRank::Console};
};

using LockDeathTest = LockTest;

TEST_F(LockTest, NestsFromLowerToHigherRanks) {
    {
        const LockGuard first(objects);
        const LockGuard second(heap);
        const LockGuard third(console);
        EXPECT_FALSE(HeldRanks::none());
    }
    EXPECT_TRUE(HeldRanks::none());
    const LockGuard again(objects);
}

TEST_F(LockTest, TheOrderIsThatOfEachCpuByItself) {
    const LockGuard high(console);
    hal::host::present.cpu = 1;
    EXPECT_TRUE(HeldRanks::none());
    { const LockGuard low(objects); }
    hal::host::present.cpu = 0;
    EXPECT_FALSE(HeldRanks::none());
}

TEST_F(LockTest, ProtectedDataIsSeenUnderItsLock) {
    Protected<int> number(LockRank::Heap, 41);
    const int result = number.with([](int& value) {
        EXPECT_FALSE(HeldRanks::none());
        return ++value;
    });
    EXPECT_EQ(result, 42);
    EXPECT_TRUE(HeldRanks::none());
}

TEST_F(LockDeathTest, PanicsWhenALowerRankFollowsAHigherOne) {
    const LockGuard high(console);
    EXPECT_EXIT(heap.lock(), testing::ExitedWithCode(FakeMachine::halted),
                "kernel panic on CPU 0: lock taken out of order");
}

TEST_F(LockDeathTest, PanicsWhenARankIsTakenTwice) {
    const LockGuard first(objects);
    EXPECT_EXIT(other_objects.lock(), testing::ExitedWithCode(FakeMachine::halted),
                "lock taken out of order");
}

TEST_F(LockDeathTest, PanicsWhenALockIsTakenTwiceInsteadOfHanging) {
    const LockGuard first(heap);
    EXPECT_EXIT(heap.lock(), testing::ExitedWithCode(FakeMachine::halted),
                "lock taken out of order");
}

TEST_F(LockDeathTest, PanicsAtAPreemptionPointWithALockHeld) {
    const LockGuard guard(heap);
    EXPECT_EXIT(preemption_point(), testing::ExitedWithCode(FakeMachine::halted),
                "assertion: HeldRanks::none\\(\\)");
}

// The epitaph is written in the process that dies, so this one tells what it reads there.
TEST_F(LockDeathTest, APanicSaysWhereAndWithWhichValues) {
    EXPECT_EXIT(KERNEL_PANIC("the words", 0x12, 0x34), testing::ExitedWithCode(FakeMachine::halted),
                "panic on CPU 0: the words\n +at .*lock_test.cpp:[0-9]+ values 12 34 0 0");
}

}  // namespace
}  // namespace kernel
