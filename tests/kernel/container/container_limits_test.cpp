// SPDX-License-Identifier: Apache-2.0
// Limits of containers: each binds what is in the container and below, and nobody else.
#include <gtest/gtest.h>

#include "tests/kernel/container/container_bench.hpp"

namespace kernel {
namespace {

using Limit = abi::ContainerLimit;
using State = abi::ContainerState;
using Call = abi::SystemCall;

constexpr uint64_t page = hal::page_size;
constexpr uint64_t overcommitted = abi::ProtectionRead | abi::ProtectionWrite | abi::MapOvercommit;

struct ContainerLimitsTest : ContainerTest {
    uint64_t map(uint64_t pages) { return call(Call::MemoryMap, {pages * page, overcommitted, 0}); }
    void touch(uint64_t at) { trap(hal::TrapKind::Synchronous, write_abort, at); }
    void end(uint64_t id) {
        run_task(init);
        if (state(id) != State::Stopped) EXPECT_EQ(kill(id), Status::Ok);
        EXPECT_EQ(remove(id), Status::Ok);
    }
};

TEST_F(ContainerLimitsTest, TasksAndThreadsCountTogether) {
    const uint64_t id = running("one", {{Limit::PidsMax, 4}});
    EXPECT_EQ(statistics(id).pids_current, 1U);
    run_task(process_of(id));
    EXPECT_LT(create_thread({0x40'0100, 0x41'1000, 0, 0}), 1000U);
    EXPECT_EQ(statistics(0).pids_current, 2U);
    const uint64_t child = spawn("bin/child");
    EXPECT_EQ(statistics(0).pids_current, 3U);
    // An inner limit is no room of its own.
    const uint64_t inner = create("inner", "bin/child", {{Limit::PidsMax, 100}});
    EXPECT_EQ(statistics(0).pids_current, 4U);
    EXPECT_EQ(create_thread({0x40'0100, 0x41'1000, 0, 0}), failure(Status::LimitReached));
    EXPECT_EQ(spawn("bin/child"), failure(Status::LimitReached));
    EXPECT_EQ(start(inner), Status::Ok);
    EXPECT_EQ(spawn_in(inner), failure(Status::LimitReached));
    EXPECT_EQ(statistics(0).pids_events_max, 3U);
    EXPECT_EQ(statistics(0).pids_peak, 4U);
    // A task that nobody has waited for still counts.
    EXPECT_EQ(call(Call::TaskKill, {right_to_task(child)}), 0U);
    EXPECT_EQ(spawn("bin/child"), failure(Status::LimitReached));
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), buffer}), 0U);
    EXPECT_LT(spawn("bin/child"), 1000U);
    // Who is outside has not noticed.
    run_task(init);
    const uint64_t outside = spawn("bin/child");
    EXPECT_LT(outside, 1000U);
    EXPECT_EQ(call(Call::TaskKill, {right_to_task(outside)}), 0U);
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(outside), buffer}), 0U);
    end(id);
}

TEST_F(ContainerLimitsTest, ContainersBelowAreLimitedToo) {
    const uint64_t id = create("one", "", {{Limit::DescendantsMax, 2}});
    const uint64_t first = create("first", "", {}, id);
    EXPECT_LT(create("second", "", {}, first), 1000U);
    EXPECT_EQ(create("third", "", {}, first), failure(Status::LimitReached));
    EXPECT_EQ(create("third", "", {}, id), failure(Status::LimitReached));
    const uint64_t other = create("third", "");
    EXPECT_LT(other, 1000U);
    end(other);
    end(id);
}

TEST_F(ContainerLimitsTest, ForkBombsOfContainersEndAtTheTable) {
    const uint64_t id = create("bomb", "");
    unsigned count = 2;
    while (create("c" + std::to_string(count), "", {}, id) < 1000U) ++count;
    EXPECT_EQ(count, abi::max_containers);
    EXPECT_EQ(kill(id), Status::Ok);
    EXPECT_EQ(remove(id), Status::Ok);
}

TEST_F(ContainerLimitsTest, MemoryIsChargedAllTheWayUpAndComesBack) {
    const uint64_t outer = create("outer", "");
    const uint64_t id = running("inner", {}, outer);
    const uint64_t process = process_of(id);
    const uint64_t loaded = statistics(id).memory_current;
    EXPECT_GT(loaded, 0U);
    EXPECT_EQ(statistics(outer).memory_current, loaded);
    run_task(process);
    const uint64_t at = map(50);
    for (uint64_t i = 0; i < 50; ++i) touch(at + i * page);
    const uint64_t owned = task().space.frames_owned() * page;
    EXPECT_EQ(statistics(0).memory_current, owned);
    const uint64_t object = call(Call::MemoryObjectCreate, {0, 10 * page, 0});
    poke_value(buffer, abi::MapArguments{.handle = static_cast<uint32_t>(object),
                                         .protection = 3,
                                         .flags = abi::MapPopulate,
                                         .policy = abi::MemoryPolicy::Local,
                                         .offset = 0,
                                         .size = 0,
                                         .address = 0,
                                         .nodes = 0,
                                         .task = 0});
    const uint64_t shared = call(Call::MemoryMapObject, {buffer});
    EXPECT_LT(shared, abi::user_end);
    EXPECT_EQ(statistics(0).memory_current, task().space.frames_owned() * page + 10 * page);
    EXPECT_EQ(call(Call::MemoryUnmap, {shared, 10 * page}), 0U);
    EXPECT_EQ(call(Call::MemoryObjectClose, {object}), 0U);
    EXPECT_EQ(call(Call::MemoryUnmap, {at, 50 * page}), 0U);
    EXPECT_EQ(statistics(0).memory_current, task().space.frames_owned() * page);
    run_task(init);
    EXPECT_EQ(statistics(outer).memory_current, statistics(id).memory_current);
    EXPECT_GE(statistics(outer).memory_peak, owned);
    end(outer);
}

struct NoSwapTest : testing::Test, ContainerBench {
    NoSwapTest() : ContainerBench(usual("swap_memory=0")) {}
    uint64_t map(uint64_t pages) { return call(Call::MemoryMap, {pages * page, overcommitted, 0}); }
    void touch(uint64_t at) { trap(hal::TrapKind::Synchronous, write_abort, at); }
};

// The largest in the container is ended, not the largest there is.
TEST_F(NoSwapTest, OutOfMemoryStaysInTheContainer) {
    const uint64_t large = spawn("bin/child");
    run_task(large);
    const uint64_t mine = map(1000);
    for (uint64_t i = 0; i < 1000; ++i) touch(mine + i * page);
    run_task(init);
    const uint64_t id = running("one", {{Limit::MemoryMax, 200 * page}});
    const uint64_t process = process_of(id);
    const uint64_t hog = spawn_in(id);
    run_task(hog);
    const uint64_t at = map(1000);
    for (uint64_t i = 0; task().id == hog; ++i) {
        ASSERT_LT(i, 250U);
        touch(at + i * page);
    }
    run_task(init);
    EXPECT_EQ(info_of(hog)->reason, abi::EndReason::OutOfMemory);
    EXPECT_EQ(info_of(large)->reason, abi::EndReason::Running);
    EXPECT_EQ(process_of(id), process);
    const abi::ContainerStatistics seen = statistics(id);
    EXPECT_EQ(seen.memory_events_oom, 1U);
    EXPECT_EQ(seen.memory_events_oom_kill, 1U);
    EXPECT_GE(seen.memory_events_max, 1U);
    EXPECT_LE(seen.memory_peak, 204 * page);
    EXPECT_EQ(state(id), State::Running);
}

// A call is told so; nobody is ended for it.
TEST_F(NoSwapTest, CallsBeyondTheLimitSayLimitReached) {
    const uint64_t id = running("one", {{Limit::MemoryMax, 100 * page}});
    run_task(process_of(id));
    const uint64_t populate = overcommitted | abi::MapPopulate;
    EXPECT_EQ(call(Call::MemoryMap, {200 * page, populate, 0}), failure(Status::LimitReached));
    const uint64_t before = statistics(0).memory_current;
    EXPECT_LT(before, 40 * page);
    poke_value(buffer, abi::FrameOperation{.slot = 0,
                                           .kind = abi::FrameOperationKind::Allocate,
                                           .order = 7,
                                           .mobility = abi::FrameMobility::Unmovable,
                                           .policy = abi::FramePolicy::Local,
                                           .nodes = 0,
                                           .status = 0,
                                           .ticks = 0,
                                           .reserved = 0});
    EXPECT_EQ(call(Call::FramesOperate, {buffer, 1, 0}), 1U);
    EXPECT_EQ(peek<abi::FrameOperation>(buffer).status, static_cast<int>(Status::LimitReached));
    EXPECT_EQ(statistics(0).memory_current / page, task().space.frames_owned());
}

struct SwapTest : testing::Test, ContainerBench {
    uint64_t map(uint64_t pages) { return call(Call::MemoryMap, {pages * page, overcommitted, 0}); }
    void touch(uint64_t at) { trap(hal::TrapKind::Synchronous, write_abort, at); }
};

TEST_F(SwapTest, WhatDoesNotFitIsStoredAwayAndComesBack) {
    const uint64_t id = running("one", {{Limit::MemoryMax, 100 * page}});
    const uint64_t process = process_of(id);
    run_task(process);
    const uint64_t at = map(300);
    for (uint64_t i = 0; i < 300; ++i) {
        touch(at + i * page);
        poke_value(at + i * page, i);
    }
    EXPECT_EQ(task().id, process);
    const abi::ContainerStatistics seen = statistics(0);
    EXPECT_LE(seen.memory_current, 100 * page);
    EXPECT_GT(seen.swap_current, 150 * page);
    EXPECT_EQ(seen.memory_events_oom_kill, 0U);
    EXPECT_EQ(seen.swap_current / page, task().space.pages_swapped());
    for (uint64_t i = 0; i < 300; ++i) EXPECT_EQ(peek<uint64_t>(at + i * page), i);
    run_task(init);
    EXPECT_EQ(kill(id), Status::Ok);
    EXPECT_EQ(statistics(id).memory_current, 0U);
    EXPECT_EQ(statistics(id).swap_current, 0U);
    EXPECT_EQ(remove(id), Status::Ok);
}

TEST_F(SwapTest, SwapHasALimitToo) {
    const uint64_t id =
        running("one", {{Limit::MemoryMax, 100 * page}, {Limit::SwapMax, 20 * page}});
    const uint64_t process = process_of(id);
    run_task(process);
    const uint64_t at = map(300);
    for (uint64_t i = 0; task().id == process; ++i) {
        ASSERT_LT(i, 130U);
        touch(at + i * page);
    }
    run_task(init);
    EXPECT_EQ(state(id), State::Stopped);
    EXPECT_EQ(static_cast<abi::EndReason>(statistics(id).end_reason), abi::EndReason::OutOfMemory);
    EXPECT_EQ(statistics(id).memory_events_oom_kill, 1U);
    EXPECT_EQ(remove(id), Status::Ok);
}

TEST_F(SwapTest, AboveHighItGivesBackAndWaits) {
    const uint64_t id =
        running("one", {{Limit::MemoryHigh, 60 * page}, {Limit::SwapMax, 30 * page}});
    const uint64_t process = process_of(id);
    constexpr uint64_t second = 1'000'000'000;
    // The machine's clock moves when both wait.
    start_call(Call::ThreadSleep, {60 * second});
    ASSERT_EQ(task().id, process);
    const uint64_t at = map(300);
    const uint64_t before = machine.counter();
    for (uint64_t i = 0; i < 110; ++i) {
        touch(at + i * page);
        ASSERT_EQ(task().id, process);
    }
    EXPECT_GT(machine.counter() - before, FakeMachine::frequency / 10);
    const abi::ContainerStatistics seen = statistics(0);
    EXPECT_GT(seen.memory_events_high, 10U);
    EXPECT_EQ(seen.swap_current, 30 * page);
    EXPECT_GT(seen.memory_some.total_microseconds, 50'000U);
    EXPECT_EQ(seen.memory_events_oom_kill, 0U);
    // A lower limit takes effect at once, as far as it can.
    start_call(Call::ThreadSleep, {600 * second});
    ASSERT_EQ(task().id, init);
    EXPECT_EQ(set(id, Limit::SwapMax, abi::unlimited), Status::Ok);
    EXPECT_EQ(set(id, Limit::MemoryMax, 50 * page), Status::Ok);
    EXPECT_LE(statistics(id).memory_current, 50 * page);
}

TEST_F(ContainerLimitsTest, AQuotaOfTimeIsKeptAndTheRestOfThePeriodWaitedFor) {
    const uint64_t id = running("one", {{Limit::CpuQuota, 20'000}, {Limit::CpuPeriod, 100'000}});
    const uint64_t process = process_of(id);
    const uint64_t begin = machine.counter();
    const uint64_t tick = FakeMachine::frequency / 10'000;  // 100 us
    uint64_t ran = 0;
    // Init is there too, and takes what is left.
    while (machine.counter() - begin < FakeMachine::frequency * 2) {
        if (task().id == process) ran += tick;
        machine.advance(tick);
        machine.raise(FakeMachine::timer_interrupt);
        trap(hal::TrapKind::Interrupt);
    }
    run_task(init);
    const abi::ContainerStatistics seen = statistics(id);
    // 20 % of 2 s, within a tick for each period.
    EXPECT_NEAR(static_cast<double>(ran) / FakeMachine::frequency, 0.4, 0.003);
    EXPECT_NEAR(static_cast<double>(seen.cpu_usage), 400'000, 3'000);
    EXPECT_GE(seen.cpu_periods, 18U);
    EXPECT_GE(seen.cpu_periods_throttled, 18U);
    EXPECT_GT(seen.cpu_throttled, 1'000'000U);
    EXPECT_GT(seen.cpu_full.average10, 0U);
    EXPECT_GE(seen.cpu_some.total_microseconds, seen.cpu_full.total_microseconds);
    end(id);
}

TEST_F(ContainerLimitsTest, WeightsAreSharesAllTheWayDown) {
    const uint64_t first = running("first", {{Limit::CpuWeight, 300}});
    const uint64_t second = running("second", {{Limit::CpuWeight, 100}});
    const auto weight = [](uint64_t id) {
        return kernel().containers.find(id)->effective_weight();
    };
    constexpr uint32_t unit = Container::thread_weight;
    EXPECT_NEAR(weight(first), 3 * unit, 3 * unit / 100);
    EXPECT_NEAR(weight(second), unit, unit / 100);
    // Two threads share what their container has.
    const uint64_t other = spawn_in(first);
    EXPECT_NEAR(weight(first), 3 * unit / 2, unit / 100);
    const uint64_t inner = running("inner", {{Limit::CpuWeight, 200}}, first);
    // Of 300 parts: 100 and 100 of the threads beside, 200 of the inner one.
    EXPECT_NEAR(weight(inner), 3 * unit / 2, unit / 20);
    EXPECT_NEAR(weight(first), 3 * unit / 4, unit / 20);
    EXPECT_EQ(set(inner, Limit::CpuWeight, 400), Status::Ok);
    EXPECT_NEAR(weight(inner), 2 * unit, unit / 20);
    EXPECT_EQ(call(Call::TaskKill, {right_to_task(other)}), 0U);
    end(first);
    end(second);
}

}  // namespace
}  // namespace kernel
