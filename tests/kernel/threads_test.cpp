// SPDX-License-Identifier: Apache-2.0
// Threads of one task, and whose turn it is.
#include <gtest/gtest.h>

#include "tests/kernel/elf_builder.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

struct ThreadsTest : KernelTest {
    static constexpr uint64_t code = ElfBuilder::code_at + 0x100;

    uint64_t create(uint64_t argument = 0) {
        return create_thread({code, buffer + 0x1000, argument, 0});
    }
    void run_thread(uint64_t id) {
        for (unsigned i = 0; i < 100 && thread().id != id; ++i) start_call(Call::ThreadYield);
        EXPECT_EQ(thread().id, id);
    }
    const uint64_t first = thread().id;
};

TEST_F(ThreadsTest, AThreadStartsAndIsJoined) {
    const uint64_t second = create(0x55);
    EXPECT_EQ(info_of(1)->threads, 2U);
    run_thread(second);
    EXPECT_EQ(frame->pc, code);
    EXPECT_EQ(frame->sp, buffer + 0x1000);
    EXPECT_EQ(frame->x[0], 0x55U);
    start_call(Call::ThreadExit, {77});
    ASSERT_EQ(thread().id, first);
    EXPECT_EQ(info_of(1)->threads, 1U);
    EXPECT_EQ(call(Call::ThreadJoin, {right_to_thread(second)}), 0U);
    EXPECT_EQ(frame->x[1], 77U);
    EXPECT_EQ(call(Call::ThreadJoin, {right_to_thread(second)}), failure(Status::NotFound));
    expect_no_loss();
}

TEST_F(ThreadsTest, JoiningWaitsForTheEnd) {
    const uint64_t second = create();
    start_call(Call::ThreadJoin, {right_to_thread(second)});
    ASSERT_EQ(thread().id, second);
    EXPECT_EQ(call(Call::ThreadJoin, {right_to_thread(second)}), failure(Status::InvalidArgument));
    const uint64_t third = create();
    run_thread(third);
    EXPECT_EQ(call(Call::ThreadJoin, {right_to_thread(second)}), failure(Status::Busy));
    EXPECT_EQ(call(Call::ThreadJoin, {12345}), failure(Status::NotFound));
    EXPECT_EQ(call(Call::ThreadJoin, {uint64_t{1} << 32 | second}), failure(Status::NotFound));
    start_call(Call::ThreadExit, {1});
    ASSERT_EQ(thread().id, second);
    start_call(Call::ThreadExit, {99});
    ASSERT_EQ(thread().id, first);
    EXPECT_EQ(frame->x[0], 0U);
    EXPECT_EQ(frame->x[1], 99U);
    EXPECT_EQ(call(Call::ThreadJoin, {right_to_thread(third)}), 0U);
    expect_no_loss();
}

TEST_F(ThreadsTest, CreationRefusesImpossibleStarts) {
    const auto create_with = [this](uint64_t entry, uint64_t stack, uint64_t mask) {
        return create_thread({entry, stack, 0, mask});
    };
    EXPECT_EQ(create_with(code + 2, 0, 0), failure(Status::InvalidArgument));
    EXPECT_EQ(create_with(abi::user_end, 0, 0), failure(Status::InvalidArgument));
    EXPECT_EQ(create_with(code, buffer + 8, 0), failure(Status::InvalidArgument));
    EXPECT_EQ(create_with(code, abi::user_end + 16, 0), failure(Status::InvalidArgument));
    EXPECT_EQ(create_with(code, 0, 2), failure(Status::InvalidArgument));  // no such CPU
    EXPECT_EQ(kernel().tasks.thread_count(), 1U);
    expect_no_loss();
}

TEST_F(ThreadsTest, ATaskHasAtMostSixtyFourThreads) {
    make_room_for_names();
    for (unsigned i = 1; i < Task::max_threads; ++i) ASSERT_LT(create(), 1000U);
    EXPECT_EQ(create(), failure(Status::LimitReached));
    for (unsigned i = 1; i < Task::max_threads; ++i) {
        while (thread().id == first) start_call(Call::ThreadYield);
        start_call(Call::ThreadExit, {0});
    }
    run_thread(first);
    for (uint64_t id = first + 1; id < first + Task::max_threads; ++id) {
        EXPECT_EQ(call(Call::ThreadJoin, {right_to_thread(id)}), 0U);
    }
    expect_no_loss();
}

TEST_F(ThreadsTest, TheLastThreadEndsTheTask) {
    const uint64_t child = spawn("bin/child");
    run_task(child);
    const uint64_t second = create();
    start_call(Call::ThreadExit, {5});
    run_thread(second);
    start_call(Call::ThreadExit, {6});
    run_task(1);
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), buffer}), 0U);
    EXPECT_EQ(peek<abi::TaskResult>(buffer).reason, abi::EndReason::Exited);
    EXPECT_EQ(peek<abi::TaskResult>(buffer).exit_code, 0);
    expect_no_loss();
}

TEST_F(ThreadsTest, TheExitOfATaskTakesAllItsThreads) {
    const uint64_t child = spawn("bin/child");
    run_task(child);
    for (unsigned i = 0; i < 5; ++i) create();
    start_call(Call::TaskExit, {8});
    ASSERT_EQ(task().id, 1U);
    EXPECT_EQ(kernel().tasks.thread_count(), 1U);
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), buffer}), 0U);
    EXPECT_EQ(peek<abi::TaskResult>(buffer).exit_code, 8);
    expect_no_loss();
}

TEST_F(ThreadsTest, YieldingGoesRoundInOrder) {
    const uint64_t second = create();
    const uint64_t third = create();
    for (const uint64_t next : {second, third, first, second, third, first}) {
        start_call(Call::ThreadYield);
        EXPECT_EQ(thread().id, next);
    }
}

TEST_F(ThreadsTest, ATimeSliceEndsWhenOthersAreReady) {
    const uint64_t second = create();
    const uint64_t slice = FakeMachine::frequency / 100;  // 10 ms;
    ASSERT_NE(machine.deadline, 0U);
    machine.advance(slice / 2);
    trap(hal::TrapKind::Interrupt);
    EXPECT_EQ(thread().id, first);
    machine.advance(slice / 2 + 1);
    trap(hal::TrapKind::Interrupt);
    EXPECT_EQ(thread().id, second);
    machine.advance(slice + 1);
    trap(hal::TrapKind::Interrupt);
    EXPECT_EQ(thread().id, first);
}

TEST_F(ThreadsTest, SleepersWakeInTheOrderOfTheirTimes) {
    const uint64_t second = create();
    const uint64_t third = create();
    start_call(Call::ThreadSleep, {3'000'000});
    ASSERT_EQ(thread().id, second);
    start_call(Call::ThreadSleep, {1'000'000});
    ASSERT_EQ(thread().id, third);
    start_call(Call::ThreadSleep, {2'000'000});
    EXPECT_EQ(thread().id, second);
    start_call(Call::ThreadSleep, {1'000'000'000});
    EXPECT_EQ(thread().id, third);
    start_call(Call::ThreadSleep, {1'000'000'000});
    EXPECT_EQ(thread().id, first);
}

TEST_F(ThreadsTest, VectorRegistersFollowTheThread) {
    const uint64_t second = create();
    machine.vectors.v[5] = 111;
    machine.vectors.fpcr = 1;
    run_thread(second);
    EXPECT_EQ(machine.vectors.v[5], 0U);
    machine.vectors.v[5] = 222;
    run_thread(first);
    EXPECT_EQ(machine.vectors.v[5], 111U);
    EXPECT_EQ(machine.vectors.fpcr, 1U);
    run_thread(second);
    EXPECT_EQ(machine.vectors.v[5], 222U);
}

}  // namespace
}  // namespace kernel
