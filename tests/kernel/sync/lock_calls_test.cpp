// SPDX-License-Identifier: Apache-2.0
// LockWait and LockWake: who holds a lock has what those who wait for it have.
#include <gtest/gtest.h>

#include "tests/kernel/elf_builder.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

struct LockCallsTest : KernelTest {
    static constexpr uint64_t code = ElfBuilder::code_at + 0x100;
    static constexpr uint64_t word = buffer + 0x40;

    uint64_t create() { return create_thread({code, buffer + 0x1000, 0, 0}); }
    void run_thread(uint64_t id) {
        for (unsigned i = 0; i < 100 && thread().id != id; ++i) start_call(Call::ThreadYield);
        EXPECT_EQ(thread().id, id);
    }
    Thread& find(uint64_t id) {
        Thread* found = task().threads.front();
        while (found->id != id) found = task().threads.next(*found);
        return *found;
    }
    void set_priority(uint64_t id, uint32_t priority) {
        const LockGuard guard(kernel().scheduler.lock());
        EXPECT_EQ(
            kernel().scheduler.set_parameters(
                find(id),
                {.schedule_class = ScheduleClass::Normal, .priority = priority, .weight = 100}, {},
                0),
            Status::Ok);
    }
    // The running thread waits for a lock that another one holds.
    void wait(uint64_t holder, uint64_t deadline = abi::wait_forever) {
        const uint32_t value = static_cast<uint32_t>(holder) | abi::lock_is_waited_for;
        EXPECT_EQ(space().write(word, &value, sizeof value), Status::Ok);
        start_call(Call::LockWait, {word, value, deadline});
    }
    const uint64_t first = thread().id;
};

TEST_F(LockCallsTest, TheHolderHasWhatTheMostUrgentHas) {
    const uint64_t second = create();
    const uint64_t third = create();
    run_thread(second);
    set_priority(second, 18);
    wait(first);
    ASSERT_EQ(thread().id, first);
    EXPECT_EQ(thread().priority, 18U);
    set_priority(third, 20);
    run_thread(third);
    wait(first);
    ASSERT_EQ(thread().id, first);
    EXPECT_EQ(thread().priority, 20U);
    // It is the one to be woken, and the other one lends no more.
    start_call(Call::LockWake, {word});
    ASSERT_EQ(thread().id, third);
    EXPECT_EQ(frame->x[0], 0U);
    EXPECT_EQ(find(first).frame.x[0], 1U);
    EXPECT_EQ(find(first).priority, default_priority_level);
    EXPECT_TRUE(find(first).lenders.empty());
    EXPECT_EQ(find(second).lent_to, nullptr);
    // A new wait lends to the new holder.
    start_call(Call::LockWake, {word});
    EXPECT_EQ(thread().id, third);
    EXPECT_EQ(find(second).state, ThreadState::Ready);
    EXPECT_EQ(call(Call::LockWake, {word}), 0U) << "nobody waits any more";
}

TEST_F(LockCallsTest, WhatIsLentGoesAlongAChainOfLocks) {
    const uint64_t second = create();
    const uint64_t third = create();
    run_thread(second);
    wait(first);
    run_thread(third);
    set_priority(third, 20);
    const uint32_t value = static_cast<uint32_t>(second);
    poke_value<uint32_t>(word + 4, value);
    start_call(Call::LockWait, {word + 4, value, abi::wait_forever});
    ASSERT_EQ(thread().id, first);
    EXPECT_EQ(thread().priority, 20U);
}

TEST_F(LockCallsTest, OnlyWaitsForThisWordEnd) {
    const uint64_t second = create();
    const uint64_t third = create();
    run_thread(second);
    wait(first);
    run_thread(third);
    set_priority(third, 20);
    const uint32_t value = static_cast<uint32_t>(first);
    poke_value<uint32_t>(word + 4, value);
    start_call(Call::LockWait, {word + 4, value, abi::wait_forever});
    ASSERT_EQ(thread().id, first);
    EXPECT_EQ(call(Call::LockWake, {word}), 1U);
    EXPECT_EQ(thread().priority, 20U) << "the other lock is still held";
}

TEST_F(LockCallsTest, AWaitThatIsGivenUpLendsNoMore) {
    const uint64_t second = create();
    run_thread(second);
    set_priority(second, 20);
    wait(first, call(Call::ClockNow) + 5'000'000);
    ASSERT_EQ(thread().id, first);
    EXPECT_EQ(thread().priority, 20U);
    machine.advance(FakeMachine::frequency / 100);
    machine.raise(FakeMachine::timer_interrupt);
    trap(hal::TrapKind::Interrupt);
    ASSERT_EQ(thread().id, second);
    EXPECT_EQ(frame->x[0], failure(Status::TimedOut));
    EXPECT_EQ(find(first).priority, default_priority_level);
}

TEST_F(LockCallsTest, AHolderThatIsNoneIsLentNothing) {
    const uint64_t second = create();
    run_thread(second);
    for (const uint64_t holder : {uint64_t{0}, second, uint64_t{0x7fff'ffff}}) {
        wait(holder);
        ASSERT_EQ(thread().id, first);
        EXPECT_EQ(find(second).lent_to, nullptr);
        EXPECT_EQ(call(Call::LockWake, {word}), 1U);
        run_thread(second);
    }
    EXPECT_EQ(call(Call::LockWait, {word, 1, 0}), failure(Status::WouldBlock));
    EXPECT_EQ(call(Call::LockWait, {word + 2, 0, 0}), failure(Status::InvalidArgument));
    EXPECT_EQ(call(Call::LockWake, {word + 2}), failure(Status::InvalidArgument));
    EXPECT_EQ(call(Call::LockWake, {0}), failure(Status::BadAddress));
    EXPECT_EQ(call(Call::ThreadNumber), second);
}

}  // namespace
}  // namespace kernel
