// SPDX-License-Identifier: Apache-2.0
// Threads that serve input go first, for a while, and so do those that serve for them.
#include <gtest/gtest.h>

#include "tests/kernel/ipc/port_rig.hpp"

namespace kernel {
namespace {

struct InputBoostTest : PortRig {
    static constexpr uint64_t ms = 1'000'000;
    static constexpr uint32_t timer = 27;

    Thread& find(uint32_t id) {
        Thread* thread = task().threads.front();
        while (thread->id != id) thread = task().threads.next(*thread);
        return *thread;
    }
    // Each trap takes one interrupt, and the timer's may be there as well.
    void take_interrupts() {
        for (unsigned i = 0; i < 3; ++i) trap(hal::TrapKind::Interrupt);
    }
    void type(std::string_view text) {
        machine.type(text);
        take_interrupts();
    }
    void pass(uint64_t nanoseconds) {
        machine.advance(ticks_of(nanoseconds));
        machine.raise(timer);
        take_interrupts();
    }
    static bool is_boosted(const Thread& thread) {
        return thread.schedule_class == ScheduleClass::RealTime && thread.priority == 0;
    }
    // Another thread waits for the console; the main one runs.
    uint32_t add_reader() {
        const uint32_t reader = add_thread();
        run(reader);
        start_call(Call::ConsoleRead, {buffer, 1});
        EXPECT_EQ(thread().id, main_thread);
        return reader;
    }
};

TEST_F(InputBoostTest, WhoWaitsForTheConsoleGoesFirstForAWhile) {
    const uint32_t reader = add_reader();
    ASSERT_EQ(status_of(Call::ThreadYield), Status::Ok);  // a new turn, of many milliseconds
    type("a");
    ASSERT_EQ(thread().id, reader);
    EXPECT_TRUE(is_boosted(thread()));
    EXPECT_EQ(thread().schedule.own.schedule_class, ScheduleClass::Normal);
    pass(19 * ms);
    EXPECT_EQ(thread().id, reader) << "its turn has ended before its boost";
    pass(2 * ms);
    EXPECT_FALSE(is_boosted(find(reader)));
    // Its turn, as of any other, comes to its end.
    for (unsigned i = 0; i < 3 && thread().id == reader; ++i) pass(10 * ms);
    EXPECT_EQ(thread().id, main_thread) << "it goes on before others";
    EXPECT_EQ(find(reader).schedule.figures.boosts, 1U);
}

TEST_F(InputBoostTest, EachInputBoostsAnew) {
    const uint32_t reader = add_reader();
    for (uint64_t i = 1; i <= 3; ++i) {
        type("a");
        ASSERT_EQ(thread().id, reader);
        settle_call();
        pass(ms);
        EXPECT_TRUE(is_boosted(thread()));
        start_call(Call::ConsoleRead, {buffer, 1});
        ASSERT_EQ(thread().id, main_thread);
        pass(30 * ms);
        EXPECT_EQ(find(reader).schedule.figures.boosts, i);
    }
}

TEST_F(InputBoostTest, ABoostThatIsOverIsNotFoundAgainOnWaking) {
    const uint32_t reader = add_reader();
    type("a");
    ASSERT_EQ(thread().id, reader);
    settle_call();
    start_call(Call::ThreadSleep, {30 * ms});
    ASSERT_EQ(thread().id, main_thread);
    pass(31 * ms);
    EXPECT_EQ(find(reader).schedule.boosted_until, 0U);
    EXPECT_EQ(find(reader).schedule_class, ScheduleClass::Normal);
}

TEST_F(InputBoostTest, RealTimeThreadsGoBeforeIt) {
    const uint32_t reader = add_reader();
    Scheduler& scheduler = kernel().scheduler;
    {
        const LockGuard guard(scheduler.lock());
        ASSERT_EQ(
            scheduler.set_parameters(
                thread(), {.schedule_class = ScheduleClass::RealTime, .priority = 1, .weight = 100},
                {}, 0),
            Status::Ok);
    }
    type("a");
    EXPECT_EQ(thread().id, main_thread);
    EXPECT_TRUE(is_boosted(find(reader)));
}

TEST_F(InputBoostTest, ACallPassesItOnWithItsEnd) {
    const uint32_t second = add_thread();
    const uint32_t third = add_thread();
    Thread& a = find(main_thread);
    Thread& b = find(second);
    Thread& c = find(third);
    Scheduler& scheduler = kernel().scheduler;
    const LockGuard guard(scheduler.lock());
    scheduler.lend(b, c);
    scheduler.boost_for_input(a);
    const uint64_t until = a.schedule.boosted_until;
    machine.advance(ticks_of(5 * ms));
    scheduler.lend(a, b);
    EXPECT_TRUE(is_boosted(b));
    EXPECT_TRUE(is_boosted(c)) << "the chain ends at the first";
    EXPECT_EQ(b.schedule.boosted_until, until);
    EXPECT_EQ(c.schedule.boosted_until, until) << "a chain makes it last longer";
    // It is not lent, else it would last as long as the call.
    EXPECT_EQ(c.schedule.unboosted.schedule_class, ScheduleClass::Normal);
    // Answered: it stays for the rest of its time.
    scheduler.take_back(a);
    EXPECT_TRUE(is_boosted(b));
}

TEST_F(InputBoostTest, WhatElseIsLentCountsToo) {
    const uint32_t second = add_thread();
    Thread& a = find(main_thread);
    Thread& b = find(second);
    Scheduler& scheduler = kernel().scheduler;
    const LockGuard guard(scheduler.lock());
    ASSERT_EQ(
        scheduler.set_parameters(
            a, {.schedule_class = ScheduleClass::RealTime, .priority = 20, .weight = 100}, {}, 0),
        Status::Ok);
    scheduler.boost_for_input(a);
    EXPECT_EQ(a.priority, 20U);
    scheduler.lend(a, b);
    EXPECT_EQ(b.priority, 20U);
    scheduler.take_back(a);
    EXPECT_TRUE(is_boosted(b));
}

TEST_F(InputBoostTest, AMessagePassesItOnToWhoTakesIt) {
    const uint64_t port = create_port();
    const uint32_t reader = add_reader();
    const uint32_t application = add_thread();
    type("a");
    ASSERT_EQ(thread().id, reader);
    settle_call();
    const uint64_t until = thread().schedule.boosted_until;
    ASSERT_EQ(send(port, 1), Status::Ok);
    EXPECT_FALSE(is_boosted(find(application)));
    start_call(Call::ConsoleRead, {buffer, 1});
    run(application);
    EXPECT_FALSE(is_boosted(thread()));
    ASSERT_EQ(receive(port), Status::Ok);
    EXPECT_TRUE(is_boosted(thread()));
    EXPECT_EQ(thread().schedule.boosted_until, until);
    // Messages of others do not.
    pass(30 * ms);
    run(main_thread);
    ASSERT_EQ(send(port, 1), Status::Ok);
    run(application);
    ASSERT_EQ(receive(port), Status::Ok);
    EXPECT_FALSE(is_boosted(thread()));
}

TEST_F(InputBoostTest, OnlyInterruptsThatAreInputBoost) {
    constexpr uint32_t line = 40;
    const uint64_t port = create_port(0);
    for (const uint64_t flags : {uint64_t{0}, abi::interrupt_is_input}) {
        const uint64_t interrupt = call(Call::InterruptCreate, {line});
        ASSERT_EQ(status_of(Call::InterruptBind, {interrupt, port, flags}), Status::Ok);
        machine.raise(line);
        trap(hal::TrapKind::Interrupt);
        ASSERT_EQ(receive(port), Status::Ok);
        EXPECT_EQ(is_boosted(thread()), flags != 0);
        ASSERT_EQ(close(interrupt), Status::Ok);
    }
}

TEST(InputBoostOff, NobodyIsBoosted) {
    RunningKernel k(RunningKernel::usual("input_boost=0"));
    Scheduler& scheduler = kernel().scheduler;
    const LockGuard guard(scheduler.lock());
    scheduler.boost_for_input(k.thread());
    EXPECT_EQ(k.thread().schedule_class, ScheduleClass::Normal);
    EXPECT_EQ(k.thread().schedule.figures.boosts, 0U);
}

}  // namespace
}  // namespace kernel
