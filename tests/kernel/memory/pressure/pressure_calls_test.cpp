// SPDX-License-Identifier: Apache-2.0
// A kernel with little memory: who is ended when it is out, who is asked for some, and what calls
// refuse.
#include <gtest/gtest.h>

#include <string>

#include "kernel/abi/page_pool.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

using Call = abi::SystemCall;

constexpr uint32_t write_abort = 0x24U << 26 | 1U << 25 | 1U << 6 | 0x07;
constexpr uint64_t overcommitted = abi::ProtectionRead | abi::ProtectionWrite | abi::MapOvercommit;

struct LittleMemory : testing::Test, RunningKernel {
    static constexpr uint64_t page = hal::page_size;
    explicit LittleMemory(const std::string& options)
        : RunningKernel(usual("memory_limit=4M task_memory=100 " + options)) {}

    uint64_t start_child() {
        const uint64_t child = spawn("bin/child");
        run_task(child);
        return child;
    }
    uint64_t map(uint64_t pages) { return call(Call::MemoryMap, {pages * page, overcommitted, 0}); }
    void touch(uint64_t at) { trap(hal::TrapKind::Synchronous, write_abort, at); }
    // The running task waits for input that does not come, so that another one runs.
    void wait_for_input() { start_call(Call::ConsoleRead, {buffer, 1}); }
    static uint64_t failure(Status status) {
        return static_cast<uint64_t>(static_cast<int64_t>(status));
    }
};

struct OutOfMemoryTest : LittleMemory {
    OutOfMemoryTest() : LittleMemory("swap_memory=0") {}
};

TEST_F(OutOfMemoryTest, TheLargestIsEndedAndOthersKeepTheirs) {
    const uint32_t init = task().id;
    const uint64_t mine = map(100);
    for (uint64_t i = 0; i < 100; ++i) poke_value(mine + i * page, i);
    const uint64_t child = start_child();
    const uint64_t at = map(1000);
    (void)machine.take_output();
    for (uint64_t i = 0; task().id == child; ++i) {
        ASSERT_LT(i, 1024U);
        touch(at + i * page);
    }
    EXPECT_EQ(task().id, init);
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), buffer}), 0U);
    EXPECT_EQ(peek<abi::TaskResult>(buffer).reason, abi::EndReason::OutOfMemory);
    EXPECT_EQ(kernel().info.pressure.out_of_memory_ends, 1U);
    const std::string said = machine.take_output();
    EXPECT_NE(said.find("because it holds the most of 2 tasks"), std::string::npos) << said;
    for (uint64_t i = 0; i < 100; ++i) EXPECT_EQ(peek<uint64_t>(mine + i * page), i);
    // There is memory again.
    const uint64_t next = start_child();
    const uint64_t again = map(300);
    for (uint64_t i = 0; i < 300; ++i) touch(again + i * page);
    EXPECT_EQ(task().id, next);
}

// Not who asks last, but who has the most.
TEST_F(OutOfMemoryTest, ASmallTaskIsServedAtTheLargeOnesCost) {
    const uint64_t large = start_child();
    const uint64_t at = map(1000);
    for (uint64_t i = 0;
         kernel().frames.free_frames() > kernel().memory.reclaim().watermarks().min + 5;) {
        touch(at + i++ * page);
    }
    wait_for_input();
    const uint64_t small = start_child();
    const uint64_t few = map(20);
    for (uint64_t i = 0; i < 20; ++i) {
        touch(few + i * page);
        // Who is told to wait a little leaves the CPU to init.
        if (task().id != small) start_call(Call::ThreadSleep, {2'000'000});
        ASSERT_EQ(task().id, small);
    }
    EXPECT_EQ(info_of(large)->reason, abi::EndReason::OutOfMemory);
    EXPECT_EQ(space().populate(few, 20 * page), Status::Ok);
}

// What a fault would be served at the cost of the largest, a call is too.
TEST_F(OutOfMemoryTest, ACallWaitsForMemoryAsAFaultDoes) {
    const uint64_t large = start_child();
    const uint64_t at = map(1000);
    for (uint64_t i = 0;
         kernel().frames.free_frames() > kernel().memory.reclaim().watermarks().min + 20;) {
        touch(at + i++ * page);
    }
    wait_for_input();
    const uint64_t small = start_child();
    constexpr uint64_t pages = 40;
    constexpr uint64_t populated = abi::ProtectionRead | abi::ProtectionWrite | abi::MapPopulate;
    start_call(Call::MemoryMap, {pages * page, populated, 0});
    EXPECT_NE(task().id, small);
    start_call(Call::ThreadSleep, {2'000'000});
    ASSERT_EQ(task().id, small);
    ASSERT_TRUE(thread().repeats);
    start_call(Call::MemoryMap, {});
    EXPECT_FALSE(thread().repeats);
    const uint64_t mapped = frame->x[0];
    for (uint64_t i = 0; i < pages; ++i) EXPECT_EQ(peek<uint64_t>(mapped + i * page), 0U);
    EXPECT_EQ(info_of(large)->reason, abi::EndReason::OutOfMemory);
}

// There is nobody but init, which is told.
TEST_F(OutOfMemoryTest, ACallThatNobodyCanServeIsRefused) {
    constexpr uint64_t populated = abi::ProtectionRead | abi::ProtectionWrite | abi::MapPopulate;
    const uint64_t free = kernel().frames.free_frames();
    EXPECT_EQ(call(Call::MemoryMap, {960 * page, populated, 0}), failure(Status::NoMemory));
    EXPECT_GE(kernel().frames.free_frames() + 2, free);  // the heap keeps some
    EXPECT_EQ(kernel().info.pressure.out_of_memory_ends, 0U);
}

TEST_F(OutOfMemoryTest, InitIsNeverTheVictim) {
    const uint64_t at = map(1000);
    EXPECT_EXIT(
        {
            for (uint64_t i = 0; i < 1000; ++i) touch(at + i * page);
        },
        testing::ExitedWithCode(FakeMachine::powered_off), "ended for lack of memory");
}

struct BalloonTest : LittleMemory {
    BalloonTest() : LittleMemory("swap_memory=25") {}
    const uint64_t init = task().id;
    const uint64_t child = start_child();
    const uint64_t memory = map(40);

    // The child has touched its memory, and init runs.
    void leave_child() {
        EXPECT_EQ(space().populate(memory, 40 * page), Status::Ok);
        wait_for_input();
        run_task(init);
    }
};

TEST_F(BalloonTest, TakesByForceAfterTheDeadline) {
    leave_child();
    const uint64_t before = info_of(child)->frames;
    const uint64_t begin = hal::Machine::counter();
    EXPECT_EQ(call(Call::BalloonRequest, {right_to_task(child), 10, 1'000'000}), 10U);
    EXPECT_EQ(frame->x[1], 10U);
    EXPECT_GE(hal::Machine::counter() - begin, ticks_of(1'000'000));
    EXPECT_EQ(kernel().info.pressure.balloon_forced, 10U);
    EXPECT_EQ(kernel().info.pressure.balloon_wanted, 10U);
    EXPECT_LT(info_of(child)->frames, before + 40);
}

TEST_F(BalloonTest, FreePagesOfAPoolNeedNoWaiting) {
    const uint64_t state = map(1);
    poke_value(state, abi::PagePoolState{abi::page_pool_magic, memory, 40, 0, {}});
    poke_value(state + abi::page_pool_free_at(0), uint64_t{0xffff});
    EXPECT_EQ(call(Call::PagePoolRegister, {state}), 0U);
    leave_child();
    const uint64_t begin = hal::Machine::counter();
    EXPECT_EQ(call(Call::BalloonRequest, {right_to_task(child), 12, 1'000'000'000}), 12U);
    EXPECT_EQ(frame->x[1], 0U);
    EXPECT_LT(hal::Machine::counter() - begin, ticks_of(1'000'000'000));
    EXPECT_EQ(kernel().info.pressure.balloon_taken, 12U);
    EXPECT_EQ(kernel().info.pressure.balloon_forced, 0U);
}

TEST_F(BalloonTest, OthersCanBeAskedByTheirNames) {
    EXPECT_EQ(call(Call::BalloonRequest, {init, 1, 0}), failure(Status::NotFound));
    EXPECT_EQ(call(Call::BalloonRequest, {abi::task_name, 1, 0}), failure(Status::InvalidArgument));
    leave_child();
    const uint64_t name = right_to_task(child);
    EXPECT_EQ(call(Call::BalloonRequest, {name, 0, 0}), failure(Status::InvalidArgument));
    const uint64_t looked = call(Call::RightCopy, {name, abi::RightInspect, 0, 0});
    EXPECT_EQ(call(Call::BalloonRequest, {looked, 1, 0}), failure(Status::PermissionDenied));
    EXPECT_EQ(call(Call::BalloonRequest, {77, 1, 0}), failure(Status::NotFound));
    EXPECT_EQ(call(Call::BalloonRequest, {uint64_t{1} << 32 | name, 1, 0}),
              failure(Status::NotFound));
}

TEST_F(BalloonTest, AWaitEndsByItself) {
    EXPECT_EQ(call(Call::PagePoolRegister, {buffer + 8}), failure(Status::InvalidArgument));
    EXPECT_EQ(call(Call::PagePoolRegister, {0x7000'0000}), failure(Status::BadAddress));
    EXPECT_EQ(call(Call::PagePoolRegister, {0}), 0U);
    leave_child();
    EXPECT_EQ(call(Call::BalloonWait, {1'000'000}), 0U);
}

// The domain learns of the request when it asks, and its manager of the answer when it asks again.
TEST_F(BalloonTest, ADomainIsToldOnceAndItsManagerWhenItHasDoneSo) {
    EXPECT_EQ(space().populate(memory, 40 * page), Status::Ok);
    start_call(Call::BalloonWait, {10'000'000'000});
    run_task(init);
    start_call(Call::BalloonRequest, {right_to_task(child), 10, 1'000'000'000});
    // It was woken for that.
    ASSERT_EQ(task().id, child);
    EXPECT_EQ(frame->x[0], 10U);
    EXPECT_EQ(call(Call::MemoryUnmap, {memory, 10 * page}), 0U);
    start_call(Call::BalloonWait, {10'000'000'000});
    ASSERT_EQ(task().id, init);
    ASSERT_TRUE(thread().repeats);
    start_call(Call::BalloonRequest, {});
    EXPECT_EQ(frame->x[0], 10U);
    EXPECT_EQ(frame->x[1], 0U);
    EXPECT_EQ(kernel().info.pressure.balloon_forced, 0U);
}

TEST_F(BalloonTest, ARequestWaitsForTheDomainToAsk) {
    leave_child();
    // The child waits for something else, and comes to ask later.
    machine.type("go on");
    start_call(Call::BalloonRequest, {right_to_task(child), 10, 1'000'000'000});
    ASSERT_EQ(task().id, child);
    EXPECT_EQ(call(Call::ConsoleRead, {buffer, 1}), 1U);
    EXPECT_EQ(call(Call::BalloonWait, {1'000'000}), 10U);
}

TEST_F(BalloonTest, TheFreelistHasNoBlocksToMake) {
    EXPECT_EQ(call(Call::MemoryCompact, {0}), 0U);
    EXPECT_NE(call(Call::MemoryCompact, {1}), 1U);
}

}  // namespace
}  // namespace kernel
