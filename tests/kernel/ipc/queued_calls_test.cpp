// SPDX-License-Identifier: Apache-2.0
// Calls that wait in a port's queue lend to the thread that they wait for.
#include <gtest/gtest.h>

#include "tests/kernel/ipc/port_rig.hpp"

namespace kernel {
namespace {

struct QueuedCallsTest : PortRig {
    uint64_t port = create_port();
    uint32_t server = add_thread();
    uint32_t urgent = add_thread();

    Thread& find(uint32_t id) {
        Thread* found = task().threads.front();
        while (found->id != id) found = task().threads.next(*found);
        return *found;
    }
    void receive_from(uint64_t name) { start_call(Call::MessageReceive, {name, 0, 0, forever}); }
    void ask(uint64_t word) {
        start_call(Call::MessageCall, {port, 1, 0, forever, word, word + 1, word + 2, word + 3});
    }
    void answer_and_wait(uint64_t name, uint64_t word) {
        start_call(Call::MessageReplyReceive,
                   {name, 2, 0, forever, word, word + 1, word + 2, word + 3});
    }
    void make_urgent(uint32_t id) {
        const LockGuard guard(kernel().scheduler.lock());
        EXPECT_EQ(
            kernel().scheduler.set_parameters(
                find(id),
                {.schedule_class = ScheduleClass::RealTime, .priority = 20, .weight = 100}, {}, 0),
            Status::Ok);
    }
    // The server has the main thread's question, and the urgent one's waits behind it.
    void queue_urgent_call(uint64_t receives_from) {
        run(server);
        receive_from(receives_from);
        run(main_thread);
        ask(10);
        EXPECT_EQ(thread().id, server);
        make_urgent(urgent);
        trap(hal::TrapKind::Interrupt);
        EXPECT_EQ(thread().id, urgent);
        ask(20);
    }
};

TEST_F(QueuedCallsTest, TheServerHasWhatTheCallerHasUntilItIsAnswered) {
    queue_urgent_call(port);
    ASSERT_EQ(thread().id, server);
    EXPECT_EQ(thread().schedule_class, ScheduleClass::RealTime);
    EXPECT_EQ(thread().priority, 20U);
    answer_and_wait(port, 11);
    ASSERT_EQ(thread().id, server) << "the urgent call comes next";
    expect_message(1, 20);
    EXPECT_EQ(find(urgent).lent_to, &thread());
    answer_and_wait(port, 21);
    ASSERT_EQ(thread().id, urgent);
    expect_message(2, 21);
    EXPECT_EQ(thread().lent_to, nullptr);
    EXPECT_EQ(find(server).schedule_class, ScheduleClass::Normal);
}

TEST_F(QueuedCallsTest, SoItIsAtASetOfPorts) {
    const uint64_t set = call(Call::PortSetCreate);
    ASSERT_EQ(status_of(Call::PortSetChange, {set, port, 1}), Status::Ok);
    queue_urgent_call(set);
    ASSERT_EQ(thread().id, server);
    EXPECT_EQ(thread().priority, 20U);
    EXPECT_EQ(close(set), Status::Ok);
    EXPECT_EQ(thread().messages.serves, nullptr) << "a set that is gone";
}

TEST_F(QueuedCallsTest, WhatIsLentGoesToWhoTakesTheCallAfterAll) {
    const uint32_t second = add_thread();
    queue_urgent_call(port);
    ASSERT_EQ(thread().id, server);
    start_call(Call::ThreadExit, {0});
    EXPECT_EQ(find(urgent).lent_to, nullptr);
    EXPECT_EQ(port_object(port).server.thread(), nullptr);
    run(second);
    receive_from(port);
    ASSERT_EQ(thread().id, second);
    expect_message(1, 20);
    EXPECT_EQ(find(urgent).lent_to, &thread());
    EXPECT_EQ(thread().priority, 20U);
}

TEST_F(QueuedCallsTest, ACallThatIsGivenUpLendsNoMore) {
    run(server);
    receive_from(port);
    run(main_thread);
    ask(10);
    make_urgent(urgent);
    trap(hal::TrapKind::Interrupt);
    start_call(Call::MessageCall, {port, 1, 0, 1'000'000, 0, 0, 0, 0});
    ASSERT_EQ(thread().id, server);
    EXPECT_EQ(thread().priority, 20U);
    machine.advance(FakeMachine::frequency / 500);
    machine.raise(FakeMachine::timer_interrupt);
    trap(hal::TrapKind::Interrupt);
    ASSERT_EQ(thread().id, urgent);
    EXPECT_EQ(result(), Status::TimedOut);
    EXPECT_EQ(find(server).schedule_class, ScheduleClass::Normal);
}

}  // namespace
}  // namespace kernel
