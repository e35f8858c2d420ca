// SPDX-License-Identifier: Apache-2.0
// Threads that are stopped, looked at and changed by others.
#include <gtest/gtest.h>

#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

struct ThreadControlTest : KernelTest {
    static constexpr uint64_t entry = 0x40'0100;
    static constexpr uint64_t stack = 0x41'3000;
    static constexpr uint64_t general = static_cast<uint64_t>(abi::RegisterSet::General);
    static constexpr uint64_t vector = static_cast<uint64_t>(abi::RegisterSet::Vector);

    uint32_t own = task().id;
    uint32_t first = thread().id;

    uint32_t create() { return static_cast<uint32_t>(create_thread({entry, stack, 77, 0})); }
    void yield() { start_call(Call::ThreadYield); }
    // A right to a thread of a task that the running one has a right to; id 0: to the task itself.
    uint64_t name_of(uint64_t task_id, uint64_t id) {
        const uint64_t whole = right_to_task(task_id);
        constexpr auto type = static_cast<uint64_t>(abi::ObjectType::Thread);
        const uint64_t known = right_to_thread(id);
        if (id == 0 || known != 0) return id == 0 ? whole : known;
        return call(Call::RightOpen, {whole, type, id});
    }
    Status suspend(uint64_t task_id, uint64_t id) {
        return status_of(Call::ThreadSuspend, {name_of(task_id, id)});
    }
    Status resume(uint64_t task_id, uint64_t id) {
        return status_of(Call::ThreadResume, {name_of(task_id, id)});
    }
    Status read(uint64_t task_id, uint64_t id, uint64_t set = general) {
        return status_of(Call::ThreadRead, {name_of(task_id, id), set, buffer});
    }
    Status write(uint64_t task_id, uint64_t id, uint64_t set = general) {
        return status_of(Call::ThreadWrite, {name_of(task_id, id), set, buffer});
    }
};

TEST_F(ThreadControlTest, ASuspendedThreadRunsWhenItWasResumedAsOften) {
    const uint32_t other = create();
    EXPECT_EQ(suspend(own, other), Status::Ok);
    EXPECT_EQ(suspend(own, other), Status::Ok);
    yield();
    EXPECT_EQ(thread().id, first);
    EXPECT_EQ(resume(own, other), Status::Ok);
    yield();
    EXPECT_EQ(thread().id, first);
    EXPECT_EQ(resume(own, other), Status::Ok);
    yield();
    EXPECT_EQ(thread().id, other);
    EXPECT_EQ(frame->x[0], 77U);
    EXPECT_EQ(resume(own, other), Status::InvalidArgument);
}

TEST_F(ThreadControlTest, AThreadMaySuspendItself) {
    const uint32_t other = create();
    start_call(Call::ThreadSuspend, {name_of(own, first)});
    ASSERT_EQ(thread().id, other);
    EXPECT_EQ(resume(own, first), Status::Ok);
    yield();
    EXPECT_EQ(thread().id, first);
    EXPECT_EQ(frame->x[0], 0U);
}

TEST_F(ThreadControlTest, AWaitGoesOnAndTheThreadStopsBehindIt) {
    const uint32_t other = create();
    yield();
    ASSERT_EQ(thread().id, other);
    start_call(Call::ThreadSleep, {1'000'000});
    ASSERT_EQ(thread().id, first);
    EXPECT_EQ(suspend(own, other), Status::Ok);
    EXPECT_EQ(read(own, other), Status::Ok);
    EXPECT_EQ(write(own, other), Status::Busy);  // it sleeps
    machine.advance(FakeMachine::frequency / 100);
    trap(hal::TrapKind::Interrupt);
    yield();
    EXPECT_EQ(thread().id, first);
    EXPECT_EQ(write(own, other), Status::Ok);
    EXPECT_EQ(resume(own, other), Status::Ok);
    yield();
    EXPECT_EQ(thread().id, other);
}

TEST_F(ThreadControlTest, RegistersAreReadAndWritten) {
    const uint32_t other = create();
    EXPECT_EQ(write(own, other), Status::Busy);  // ready, not suspended
    ASSERT_EQ(suspend(own, other), Status::Ok);
    ASSERT_EQ(read(own, other), Status::Ok);
    auto registers = peek<abi::GeneralRegisters>(buffer);
    EXPECT_EQ(registers.pc, entry);
    EXPECT_EQ(registers.sp, stack);
    EXPECT_EQ(registers.x[0], 77U);
    registers.pc = entry + 8;
    registers.x[30] = 5;
    registers.tpidr = ~uint64_t{0};
    registers.pstate = uint64_t{1} << 31;
    poke_value(buffer, registers);
    EXPECT_EQ(write(own, other), Status::Ok);
    EXPECT_EQ(resume(own, other), Status::Ok);
    yield();
    ASSERT_EQ(thread().id, other);
    EXPECT_EQ(frame->pc, entry + 8);
    EXPECT_EQ(frame->x[30], 5U);
    EXPECT_EQ(frame->tpidr, ~uint64_t{0});
    EXPECT_EQ(frame->pstate, uint64_t{1} << 31);
}

TEST_F(ThreadControlTest, VectorRegistersAreReadAndWritten) {
    const uint32_t other = create();
    ASSERT_EQ(suspend(own, other), Status::Ok);
    abi::VectorRegisters registers{};
    for (unsigned i = 0; i < 64; ++i) registers.v[i] = 1000 + i;
    poke_value(buffer, registers);
    EXPECT_EQ(write(own, other, vector), Status::Ok);
    poke_value(buffer, abi::VectorRegisters{});
    EXPECT_EQ(read(own, other, vector), Status::Ok);
    EXPECT_EQ(peek<abi::VectorRegisters>(buffer).v[63], 1063U);
    EXPECT_EQ(resume(own, other), Status::Ok);
    yield();
    EXPECT_EQ(machine.vectors.v[1], 1001U);
}

// The registers say where to go on: the call that waited is not made again.
TEST_F(ThreadControlTest, AWrittenThreadLeavesTheCallThatItWasToRepeat) {
    const uint32_t other = create();
    yield();
    ASSERT_EQ(thread().id, other);
    start_call(Call::ConsoleRead, {buffer, 8});
    ASSERT_EQ(thread().id, first);
    ASSERT_EQ(suspend(own, other), Status::Ok);
    machine.type("x");
    trap(hal::TrapKind::Interrupt);
    ASSERT_EQ(read(own, other), Status::Ok);
    auto registers = peek<abi::GeneralRegisters>(buffer);
    EXPECT_EQ(registers.x[1], 8U);
    registers.pc = entry;
    poke_value(buffer, registers);
    ASSERT_EQ(write(own, other), Status::Ok);
    // It serves input, so it runs at once.
    start_call(Call::ThreadResume, {name_of(own, other)});
    ASSERT_EQ(thread().id, other);
    EXPECT_FALSE(thread().repeats);
    EXPECT_EQ(frame->pc, entry);
}

TEST_F(ThreadControlTest, WhatNoThreadCouldHaveIsRefused) {
    const uint32_t other = create();
    ASSERT_EQ(suspend(own, other), Status::Ok);
    ASSERT_EQ(read(own, other), Status::Ok);
    const auto good = peek<abi::GeneralRegisters>(buffer);
    abi::GeneralRegisters bad = good;
    bad.pstate = 5;  // EL1h
    poke_value(buffer, bad);
    EXPECT_EQ(write(own, other), Status::InvalidArgument);
    bad = good;
    bad.pc = abi::user_end;
    poke_value(buffer, bad);
    EXPECT_EQ(write(own, other), Status::InvalidArgument);
    bad = good;
    bad.reserved = 1;
    poke_value(buffer, bad);
    EXPECT_EQ(write(own, other), Status::InvalidArgument);
    EXPECT_EQ(read(own, other, 2), Status::InvalidArgument);
    EXPECT_EQ(write(own, other, uint64_t{1} << 32), Status::InvalidArgument);
    EXPECT_EQ(status_of(Call::ThreadRead, {name_of(own, other), general, 8}), Status::BadAddress);
    EXPECT_EQ(status_of(Call::ThreadWrite, {name_of(own, other), general, 8}), Status::BadAddress);
    EXPECT_EQ(read(own, first), Status::Busy);  // it runs
    EXPECT_EQ(read(own, 999), Status::NotFound);
    EXPECT_EQ(status_of(Call::ThreadSuspend, {name_of(own, other) | uint64_t{1} << 32}),
              Status::NotFound);
}

TEST_F(ThreadControlTest, SuspensionsHaveALimit) {
    const uint32_t other = create();
    for (unsigned i = 0; i < 1000; ++i) ASSERT_EQ(suspend(own, other), Status::Ok);
    EXPECT_EQ(suspend(own, other), Status::LimitReached);
}

TEST_F(ThreadControlTest, AParentStopsAndChangesAllThreadsOfItsChild) {
    const uint64_t child = spawn("bin/child");
    ASSERT_LT(child, 100U);
    ASSERT_EQ(suspend(child, 0), Status::Ok);
    for (unsigned i = 0; i < 5; ++i) yield();
    EXPECT_EQ(task().id, own);
    const uint32_t inside = kernel().tasks.find(static_cast<uint32_t>(child))->threads.front()->id;
    ASSERT_EQ(read(child, inside), Status::Ok);
    auto registers = peek<abi::GeneralRegisters>(buffer);
    registers.x[20] = 4711;
    poke_value(buffer, registers);
    ASSERT_EQ(write(child, inside), Status::Ok);
    ASSERT_EQ(resume(child, 0), Status::Ok);
    EXPECT_EQ(resume(child, 0), Status::InvalidArgument);
    run_task(child);
    EXPECT_EQ(frame->x[20], 4711U);
    // The child has no name for its parent.
    EXPECT_EQ(suspend(own, 0), Status::NotFound);
    EXPECT_EQ(read(own, first), Status::NotFound);
}

TEST_F(ThreadControlTest, ASuspendedTaskEndsLikeAnyOther) {
    const uint64_t child = spawn("bin/child");
    ASSERT_EQ(suspend(child, 0), Status::Ok);
    EXPECT_EQ(status_of(Call::TaskKill, {right_to_task(child)}), Status::Ok);
    EXPECT_EQ(suspend(child, 0), Status::NotFound);
    EXPECT_EQ(status_of(Call::TaskWait, {right_to_task(child), buffer}), Status::Ok);
    EXPECT_EQ(peek<abi::TaskResult>(buffer).reason, abi::EndReason::Killed);
    EXPECT_TRUE(kernel().frames.consistent());
    EXPECT_EQ(kernel().tasks.thread_count(), 1U);
}

}  // namespace
}  // namespace kernel
