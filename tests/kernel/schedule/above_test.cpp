// SPDX-License-Identifier: Apache-2.0
// Urgent threads run above long calls, at their preemption points.
#include <gtest/gtest.h>

#include "tests/kernel/ipc/port_rig.hpp"

namespace kernel {
namespace {

struct AboveTest : PortRig {
    static constexpr uint64_t ms = 1'000'000;
    static constexpr uint32_t timer = 27;
    static constexpr uint64_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

    Thread& find(uint32_t id) {
        Thread* thread = kernel().tasks.find_thread(id);
        EXPECT_NE(thread, nullptr);
        return *thread;
    }
    void set_class(uint32_t id, ScheduleClass schedule_class, uint32_t priority = 16) {
        const LockGuard guard(kernel().scheduler.lock());
        EXPECT_EQ(
            kernel().scheduler.set_parameters(
                find(id), {.schedule_class = schedule_class, .priority = priority, .weight = 100},
                {}, 0),
            Status::Ok);
    }
    // A real-time thread that sleeps; the main one runs.
    uint32_t add_sleeper(uint64_t time = ms) {
        const uint32_t id = add_thread();
        run(id);
        set_class(id, ScheduleClass::RealTime);
        start_call(Call::ThreadSleep, {time});
        EXPECT_EQ(thread().id, main_thread);
        return id;
    }
    // At the n-th preemption point from now on so much time has passed.
    void pass_at(uint64_t n, uint64_t nanoseconds) {
        left_ = n;
        machine.on_preemption_point = [this, nanoseconds] {
            if (left_ == 0 || --left_ != 0) return;
            machine.advance(ticks_of(nanoseconds));
            machine.raise(timer);
        };
    }
    void sleep(uint64_t time = 100 * ms) { start_call(Call::ThreadSleep, {time}); }
    void expect_nobody_held() {
        EXPECT_NE(kernel().scheduler.current(), nullptr);
        EXPECT_EQ(thread().state, ThreadState::Running);
    }

  private:
    uint64_t left_ = 0;
};

TEST_F(AboveTest, WhoIsUrgentRunsInTheMiddleOfACall) {
    const uint32_t urgent = add_sleeper();
    bool ran = false;
    uint64_t mapped_by_then = 0;
    on_above = [&] {
        EXPECT_EQ(thread().id, urgent);
        EXPECT_EQ(find(main_thread).state, ThreadState::Running) << "it is held, not ready";
        mapped_by_then = space().frames_owned();
        ran = true;
        sleep();
    };
    const uint64_t before = space().frames_owned();
    pass_at(4, 2 * ms);
    const uint64_t area = call(Call::MemoryMap, {64 * page, read_write | abi::MapPopulate, 0});
    ASSERT_GT(static_cast<int64_t>(area), 0);
    EXPECT_TRUE(ran);
    EXPECT_GE(mapped_by_then, before + 3);
    EXPECT_LT(mapped_by_then, before + 16);
    EXPECT_GE(space().frames_owned(), before + 64);
    EXPECT_EQ(thread().id, main_thread);
    EXPECT_GE(thread().schedule.figures.preemptions, 1U);
    expect_nobody_held();
    EXPECT_EQ(machine.user_asid, task().slot + 1) << "the other one's address space stayed";
}

TEST_F(AboveTest, NormalThreadsDoNot) {
    const uint32_t other = add_thread();
    run(other);
    start_call(Call::ThreadSleep, {ms});
    on_above = [&] { ADD_FAILURE() << "a thread of the same class runs above"; };
    pass_at(2, 2 * ms);
    EXPECT_GT(
        static_cast<int64_t>(call(Call::MemoryMap, {64 * page, read_write | abi::MapPopulate, 0})),
        0);
}

// Its own long call lets nobody run above: there is one level.
TEST_F(AboveTest, NobodyRunsAboveThatOne) {
    const uint32_t urgent = add_sleeper();
    const uint32_t most_urgent = add_sleeper(3 * ms);
    set_class(most_urgent, ScheduleClass::RealTime, 31);
    std::vector<uint32_t> order;
    bool is_done = false;
    on_above = [&] {
        order.push_back(thread().id);
        if (thread().id == urgent && !is_done) {
            is_done = true;
            pass_at(2, 5 * ms);
            const hal::UserFrame& own = *frame;
            start_call(Call::MemoryMap, {64 * page, read_write | abi::MapPopulate, 0});
            EXPECT_EQ(thread().id, most_urgent);
            EXPECT_GT(static_cast<int64_t>(own.x[0]), 0) << "its call was left in the middle";
            return;
        }
        sleep();
    };
    pass_at(2, 2 * ms);
    start_call(Call::MemoryMap, {64 * page, read_write | abi::MapPopulate, 0});
    EXPECT_EQ(thread().id, main_thread);
    EXPECT_GT(static_cast<int64_t>(frame->x[0]), 0);
    EXPECT_EQ(order.front(), urgent);
    EXPECT_NE(std::find(order.begin(), order.end(), most_urgent), order.end());
}

// Who is lent urgency runs above as well; who has lost it waits for the end of the call.
TEST_F(AboveTest, AServerRunsAboveForWhoCallsIt) {
    const uint64_t port = create_port(0);
    const uint32_t server = add_thread();
    run(server);
    start_call(Call::MessageReceive, {port, 0, 0, forever});
    ASSERT_EQ(thread().id, main_thread);
    const uint32_t urgent = add_sleeper();
    std::vector<uint32_t> order;
    on_above = [&] {
        order.push_back(thread().id);
        if (thread().id == server) {
            EXPECT_EQ(thread().schedule_class, ScheduleClass::RealTime);
            start_call(Call::MessageReplyReceive, {port, 0, 0, forever});
        } else if (order.size() == 1) {
            start_call(Call::MessageCall, {port, 1, 0, forever});
        } else {
            sleep();
        }
    };
    pass_at(2, 2 * ms);
    EXPECT_GT(
        static_cast<int64_t>(call(Call::MemoryMap, {64 * page, read_write | abi::MapPopulate, 0})),
        0);
    EXPECT_EQ(order, (std::vector<uint32_t>{urgent, server, urgent}));
}

TEST_F(AboveTest, ANormalThreadThatIsWokenFromAboveWaits) {
    const uint64_t port = create_port(4);
    const uint32_t receiver = add_thread();
    run(receiver);
    start_call(Call::MessageReceive, {port, 0, 0, forever});
    ASSERT_EQ(thread().id, main_thread);
    const uint32_t urgent = add_sleeper();
    bool is_sent = false;
    on_above = [&] {
        EXPECT_EQ(thread().id, urgent);
        if (!std::exchange(is_sent, true)) {
            EXPECT_EQ(send(port, 1), Status::Ok);
        } else {
            sleep();
        }
    };
    pass_at(2, 2 * ms);
    start_call(Call::MemoryMap, {64 * page, read_write | abi::MapPopulate, 0});
    EXPECT_TRUE(is_sent);
    EXPECT_EQ(find(receiver).state,
              thread().id == receiver ? ThreadState::Running : ThreadState::Ready);
}

TEST_F(AboveTest, TheTaskThatIsHeldMayBeEnded) {
    const uint64_t child = spawn("bin/child");
    const uint32_t urgent = add_sleeper(5 * ms);
    run_task(child);
    const uint32_t victim = thread().id;
    on_above = [&] {
        EXPECT_EQ(thread().id, urgent);
        EXPECT_EQ(status_of(Call::TaskKill, {right_to_task(child)}), Status::Ok);
        EXPECT_EQ(find(victim).state, ThreadState::Running);
        sleep();
    };
    pass_at(2, 10 * ms);
    start_call(Call::MemoryMap, {64 * page, read_write | abi::MapPopulate, 0});
    EXPECT_EQ(thread().id, main_thread) << "the task that was ended goes on";
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), buffer}), 0U);
}

// The limit of real-time threads holds above as well.
TEST_F(AboveTest, WhoIsHeldGoesOnInTheEnd) {
    (void)add_sleeper();
    uint64_t turns = 0;
    on_above = [&] {
        ++turns;
        machine.advance(ticks_of(10 * ms));
        machine.raise(timer);
        trap(hal::TrapKind::Interrupt);
    };
    pass_at(2, 2 * ms);
    EXPECT_GT(
        static_cast<int64_t>(call(Call::MemoryMap, {64 * page, read_write | abi::MapPopulate, 0})),
        0);
    EXPECT_GE(turns, 90U);
    EXPECT_LE(turns, 100U);
}

TEST_F(AboveTest, WhatIsPinnedKeepsItsCpu) {
    (void)add_sleeper();
    bool ran = false;
    on_above = [&] {
        ran = true;
        sleep();
    };
    kernel().scheduler.keep_cpu();
    pass_at(2, 2 * ms);
    start_call(Call::MemoryMap, {64 * page, read_write | abi::MapPopulate, 0});
    EXPECT_FALSE(ran);
    kernel().scheduler.share_cpu();
}

TEST(AboveOff, NobodyRunsAbove) {
    RunningKernel k(RunningKernel::usual("kernel_preemption=off"));
    k.on_above = [] { ADD_FAILURE() << "a thread runs above"; };
    const auto other =
        static_cast<uint32_t>(k.create_thread({ElfBuilder::code_at + 0x100, 0, 0, 0}));
    {
        const LockGuard guard(kernel().scheduler.lock());
        Thread* thread = kernel().tasks.find_thread(other);
        EXPECT_EQ(
            kernel().scheduler.set_parameters(
                *thread, {.schedule_class = ScheduleClass::RealTime, .priority = 1, .weight = 100},
                {}, 0),
            Status::Ok);
    }
    k.machine.on_preemption_point = [&k] { k.machine.raise(27); };
    k.start_call(abi::SystemCall::MemoryMap,
                 {16 * hal::page_size, AboveTest::read_write | abi::MapPopulate, 0});
    EXPECT_EQ(k.thread().id, other);
}

}  // namespace
}  // namespace kernel
