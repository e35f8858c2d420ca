// SPDX-License-Identifier: Apache-2.0
// The scheduler in a running kernel: classes, reservations, lending, and the calls on them.
#include <gtest/gtest.h>

#include "tests/kernel/elf_builder.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

struct SchedulerTest : KernelTest {
    static constexpr uint64_t code = ElfBuilder::code_at + 0x100;
    static constexpr uint64_t ms = 1'000'000;

    uint64_t create() { return create_thread({code, buffer + 0x1000, 0, 0}); }
    static abi::ThreadParameters parameters(abi::ScheduleClass schedule_class) {
        return {.schedule_class = schedule_class,
                .priority = 16,
                .weight = 100,
                .reserved = 0,
                .runtime = 0,
                .deadline = 0,
                .period = 0,
                .cpu_mask = 0};
    }
    static abi::ThreadParameters deadline(uint64_t runtime, uint64_t period) {
        abi::ThreadParameters result = parameters(abi::ScheduleClass::Deadline);
        result.runtime = runtime;
        result.deadline = result.period = period;
        return result;
    }
    void start_schedule(uint64_t id, const abi::ThreadParameters& wanted) {
        poke_value(buffer + 0x800, wanted);
        start_call(Call::ThreadSchedule, {right_to_thread(id), buffer + 0x800});
    }
    Status schedule(uint64_t id, const abi::ThreadParameters& wanted) {
        poke_value(buffer + 0x800, wanted);
        return status_of(Call::ThreadSchedule, {right_to_thread(id), buffer + 0x800});
    }
    abi::ThreadReport report(uint64_t id) {
        EXPECT_EQ(status_of(Call::ThreadScheduleRead, {right_to_thread(id), buffer + 0x900}),
                  Status::Ok);
        return peek<abi::ThreadReport>(buffer + 0x900);
    }
    void pass(uint64_t nanoseconds) {
        machine.advance(ticks_of(nanoseconds));
        trap(hal::TrapKind::Interrupt);
    }
    Thread& find(uint64_t id) {
        Thread* thread = task().threads.front();
        while (thread->id != id) thread = task().threads.next(*thread);
        return *thread;
    }
    const uint64_t first = thread().id;
};

TEST_F(SchedulerTest, ARealTimeThreadGoesFirst) {
    const uint64_t second = create();
    start_schedule(second, parameters(abi::ScheduleClass::RealTime));
    ASSERT_EQ(thread().id, second);
    // Slices end, and it goes on.
    for (int i = 0; i < 5; ++i) {
        pass(11 * ms);
        EXPECT_EQ(thread().id, second);
    }
    start_call(Call::ThreadSleep, {ms});
    ASSERT_EQ(thread().id, first);
    machine.raise(27);
    pass(2 * ms);
    EXPECT_EQ(thread().id, second) << "it did not preempt when it woke";
}

TEST_F(SchedulerTest, ADeadlineThreadIsThrottledAndComesBack) {
    const uint64_t second = create();
    start_schedule(second, deadline(2 * ms, 10 * ms));
    ASSERT_EQ(thread().id, second);
    machine.raise(27);
    pass(2 * ms);
    EXPECT_EQ(thread().id, first) << "it ran on without runtime";
    machine.raise(27);
    pass(8 * ms);
    EXPECT_EQ(thread().id, second) << "it was not replenished";
    // A yield gives up the rest.
    pass(ms);
    start_call(Call::ThreadYield);
    EXPECT_EQ(thread().id, first);
    const abi::ThreadReport seen = report(second);
    EXPECT_EQ(seen.jobs, 1U);
    EXPECT_EQ(seen.missed, 1U);  // of its first period, which it had not finished
    EXPECT_EQ(seen.throttled, 1U);
    EXPECT_GE(seen.run_time, 3 * ms);
}

TEST_F(SchedulerTest, NoMoreIsReservedThanThereIs) {
    const uint64_t second = create();
    EXPECT_EQ(schedule(0, deadline(5 * ms, 10 * ms)), Status::Ok);
    EXPECT_EQ(schedule(second, deadline(5 * ms, 10 * ms)), Status::LimitReached);
    EXPECT_EQ(report(second).parameters.schedule_class, abi::ScheduleClass::Normal);
    // Its own share is no obstacle to a larger one, and comes back with the class.
    EXPECT_EQ(schedule(0, deadline(9 * ms, 10 * ms)), Status::Ok);
    EXPECT_EQ(schedule(0, deadline(96 * ms, 100 * ms)), Status::LimitReached);
    EXPECT_EQ(report(0).parameters.runtime, 9 * ms);
    EXPECT_EQ(schedule(0, parameters(abi::ScheduleClass::Normal)), Status::Ok);
    start_schedule(second, deadline(9 * ms, 10 * ms));
    ASSERT_EQ(thread().id, second);
    start_call(Call::ThreadExit, {0});
    ASSERT_EQ(thread().id, first);
    EXPECT_EQ(schedule(0, deadline(9 * ms, 10 * ms)), Status::Ok) << "the share of an ended thread";
}

TEST_F(SchedulerTest, AParentSchedulesItsChild) {
    const uint64_t child = spawn("bin/child");
    const uint64_t whole = right_to_task(child);
    constexpr auto thread_type = static_cast<uint64_t>(abi::ObjectType::Thread);
    const uint64_t oldest = call(Call::RightOpen, {whole, thread_type, 0});
    const uint64_t looked = call(Call::RightCopy, {oldest, abi::RightInspect, 0, 0});
    poke_value(buffer + 0x800, parameters(abi::ScheduleClass::RealTime));
    EXPECT_EQ(status_of(Call::ThreadSchedule, {looked, buffer + 0x800}), Status::PermissionDenied);
    EXPECT_EQ(status_of(Call::ThreadScheduleRead, {looked, buffer + 0x900}), Status::Ok);
    start_call(Call::ThreadSchedule, {oldest, buffer + 0x800});
    ASSERT_EQ(task().id, child) << "it does not go first";
    start_call(Call::TaskExit, {0});
    EXPECT_EQ(status_of(Call::ThreadScheduleRead, {oldest, buffer + 0x900}), Status::NotFound);
    EXPECT_EQ(call(Call::TaskWait, {whole, buffer}), 0U);
}

TEST_F(SchedulerTest, RefusesWhatCannotBe) {
    poke_value(buffer + 0x800, parameters(abi::ScheduleClass::Normal));
    EXPECT_EQ(status_of(Call::ThreadSchedule, {12345, buffer + 0x800}), Status::NotFound);
    EXPECT_EQ(schedule(0, deadline(0, 10 * ms)), Status::InvalidArgument);
    EXPECT_EQ(schedule(0, deadline(11 * ms, 10 * ms)), Status::InvalidArgument);
    EXPECT_EQ(schedule(0, deadline(ms, 100'000 * ms)), Status::InvalidArgument);
    abi::ThreadParameters wanted = parameters(abi::ScheduleClass::Normal);
    wanted.weight = 0;
    EXPECT_EQ(schedule(0, wanted), Status::InvalidArgument);
    wanted.weight = 10'001;
    EXPECT_EQ(schedule(0, wanted), Status::InvalidArgument);
    wanted.weight = 10'000;
    EXPECT_EQ(schedule(0, wanted), Status::Ok);
    wanted.priority = 32;
    EXPECT_EQ(schedule(0, wanted), Status::InvalidArgument);
    wanted = parameters(static_cast<abi::ScheduleClass>(3));
    EXPECT_EQ(schedule(0, wanted), Status::InvalidArgument);
    wanted = parameters(abi::ScheduleClass::Normal);
    wanted.cpu_mask = 2;  // no such CPU
    EXPECT_EQ(schedule(0, wanted), Status::InvalidArgument);
    EXPECT_EQ(status_of(Call::ThreadSchedule, {0, 8}), Status::BadAddress);
    EXPECT_EQ(status_of(Call::CpuPlug, {0, 0}), Status::Unsupported);
    EXPECT_EQ(status_of(Call::CpuPlug, {1, 0}), Status::NotFound);
    EXPECT_EQ(status_of(Call::CpuPlug, {0, 1}), Status::Busy);
    EXPECT_EQ(status_of(Call::CpuPlug, {UINT64_MAX, 1}), Status::NotFound);
}

TEST_F(SchedulerTest, WhatIsLentCountsAlongTheChainAndComesBack) {
    const uint64_t second = create();
    const uint64_t third = create();
    Thread& a = find(first);
    Thread& b = find(second);
    Thread& c = find(third);
    Scheduler& scheduler = kernel().scheduler;
    const LockGuard guard(scheduler.lock());
    scheduler.lend(b, c);
    EXPECT_EQ(c.weight, default_weight);
    EXPECT_EQ(
        scheduler.set_parameters(
            a, {.schedule_class = ScheduleClass::RealTime, .priority = 20, .weight = 100}, {}, 0),
        Status::Ok);
    scheduler.lend(a, b);
    EXPECT_EQ(b.schedule_class, ScheduleClass::RealTime);
    EXPECT_EQ(c.schedule_class, ScheduleClass::RealTime);
    EXPECT_EQ(c.priority, 20U);
    scheduler.lend(c, a);  // a circle: without effect
    EXPECT_EQ(c.lent_to, nullptr);
    scheduler.take_back(b);
    EXPECT_EQ(b.schedule_class, ScheduleClass::RealTime);
    EXPECT_EQ(c.schedule_class, ScheduleClass::Normal);
    scheduler.take_back(a);
    EXPECT_EQ(b.schedule_class, ScheduleClass::Normal);
    EXPECT_EQ(b.priority, default_priority_level);
}

TEST_F(SchedulerTest, ALentServerIsPaidByTheLender) {
    const uint64_t second = create();
    Thread& lender = find(first);
    Thread& borrower = find(second);
    Scheduler& scheduler = kernel().scheduler;
    ASSERT_EQ(schedule(0, deadline(5 * ms, 10 * ms)), Status::Ok);
    const LockGuard guard(scheduler.lock());
    const int64_t before = lender.deadline.remaining;
    scheduler.lend(lender, borrower);
    EXPECT_EQ(borrower.schedule_class, ScheduleClass::Deadline);
    EXPECT_EQ(borrower.deadline.absolute, lender.deadline.absolute);
    borrower.deadline.remaining -= 100;
    scheduler.take_back(lender);
    EXPECT_EQ(borrower.schedule_class, ScheduleClass::Normal);
    EXPECT_EQ(borrower.deadline.runtime, 0U);
    EXPECT_LE(lender.deadline.remaining, before - 100);
}

struct PolicyKernelTest : testing::TestWithParam<unsigned> {};

// The whole kernel under each policy: threads come, yield, sleep and end.
TEST_P(PolicyKernelTest, ThreadsLiveAndEnd) {
    const std::string name(policy_at(GetParam()).name);
    RunningKernel kernel_under_test(RunningKernel::usual("scheduler=" + name));
    EXPECT_STREQ(kernel().info.schedule.policy, name.c_str());
    RunningKernel& k = kernel_under_test;
    const uint64_t first = k.thread().id;
    std::vector<uint64_t> others;
    for (int i = 0; i < 5; ++i) {
        others.push_back(
            k.create_thread({ElfBuilder::code_at + 0x100, RunningKernel::buffer + 0x1000, 0, 0}));
    }
    for (int i = 0; i < 300; ++i) {
        k.machine.advance(FakeMachine::frequency / 700);
        if (i % 3 == 0) k.start_call(abi::SystemCall::ThreadYield);
        if (i % 3 == 1) k.start_call(abi::SystemCall::ThreadSleep, {1'000'000});
        if (i % 3 == 2) k.trap(hal::TrapKind::Interrupt);
    }
    for (size_t ended = 0; ended < others.size();) {
        k.machine.advance(FakeMachine::frequency / 700);
        if (k.thread().id == first) {
            k.start_call(abi::SystemCall::ThreadSleep, {2'000'000});
        } else {
            k.start_call(abi::SystemCall::ThreadExit, {0});
            ++ended;
        }
    }
    for (int i = 0; i < 10 && k.thread().id != first; ++i) k.trap(hal::TrapKind::Interrupt);
    EXPECT_EQ(k.thread().id, first);
    for (const uint64_t id : others)
        EXPECT_EQ(k.call(abi::SystemCall::ThreadJoin, {k.right_to_thread(id)}), 0U);
}

INSTANTIATE_TEST_SUITE_P(Policies, PolicyKernelTest, testing::Range(0U, policy_count()),
                         [](const auto& info) { return std::string(policy_at(info.param).name); });

}  // namespace
}  // namespace kernel
