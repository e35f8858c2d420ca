// SPDX-License-Identifier: Apache-2.0
// Calls and answers by the short way, and what becomes of the turn that the one who answers has
// borrowed.
#include <gtest/gtest.h>

#include "tests/kernel/ipc/port_rig.hpp"

namespace kernel {
namespace {

struct ShortPathTest : PortRig {
    uint64_t port = create_port();
    uint32_t server = add_thread();

    ShortPathTest() {
        run(server);
        wait_for_message();
        run(main_thread);
    }
    // The server waits; somebody else runs.
    void wait_for_message() { start_call(Call::MessageReceive, {port, 0, 0, forever}); }
    void ask(uint64_t label, uint64_t word) {
        start_call(Call::MessageCall,
                   {port, label, 0, forever, word, word + 1, word + 2, word + 3});
    }
    void answer_and_wait(uint64_t label, uint64_t word) {
        start_call(Call::MessageReplyReceive,
                   {port, label, 0, forever, word, word + 1, word + 2, word + 3});
    }
    void expect_runs(uint32_t id) const { EXPECT_EQ(thread().id, id); }
    [[nodiscard]] Thread& main() {
        Thread* found = task().threads.front();
        while (found->id != main_thread) found = task().threads.next(*found);
        return *found;
    }
    // Every thread but the main one ends.
    void TearDown() override {
        EXPECT_EQ(close(port), Status::Ok);
        run(server);
        start_call(Call::ThreadExit, {0});
        run(main_thread);
        EXPECT_EQ(call(Call::ThreadJoin, {right_to_thread(server)}), 0U);
    }
};

TEST_F(ShortPathTest, TheServerRunsAtOnceAndTheCallerAfterIt) {
    for (uint64_t i = 0; i < 5; ++i) {
        ask(i, 10 * i);
        expect_runs(server);
        expect_message(i, 10 * i);
        EXPECT_TRUE(abi::info_wants_reply(frame->x[2]));
        EXPECT_EQ(main().state, ThreadState::WaitReply);
        answer_and_wait(100 + i, 7 * i);
        expect_runs(main_thread);
        expect_message(100 + i, 7 * i);
        EXPECT_FALSE(abi::info_wants_reply(frame->x[2]));
    }
}

TEST_F(ShortPathTest, ALoanThatIsLookedAtEnds) {
    ask(1, 1);
    expect_runs(server);
    EXPECT_EQ(main().lent_to, nullptr);
    start_call(Call::ThreadYield);
    expect_runs(server);
    EXPECT_EQ(main().lent_to, &thread());
    answer_and_wait(2, 2);
    expect_runs(main_thread);
    expect_message(2, 2);
    EXPECT_EQ(thread().lent_to, nullptr);
    EXPECT_TRUE(thread().lenders.empty());
}

TEST_F(ShortPathTest, AnAnswerWithoutAWaitLetsTheServerGoOn) {
    ask(1, 1);
    expect_runs(server);
    EXPECT_EQ(status_of(Call::MessageReply, {0, 3, 0, 0, 30, 31, 32, 33}), Status::Ok);
    run(main_thread);
    expect_message(3, 30);
}

TEST_F(ShortPathTest, ACallerWhoseServerEndsIsTold) {
    ask(1, 1);
    expect_runs(server);
    start_call(Call::ThreadExit, {0});
    expect_runs(main_thread);
    EXPECT_EQ(result(), Status::Interrupted);
    EXPECT_EQ(call(Call::ThreadJoin, {right_to_thread(server)}), 0U);
    server = add_thread();
}

TEST_F(ShortPathTest, ADutyToAnswerCanBeGivenAwayInALoan) {
    ask(1, 1);
    expect_runs(server);
    const uint64_t reply = call(Call::ReplySave);
    EXPECT_EQ(send(reply, 9, 90), Status::Ok);
    run(main_thread);
    expect_message(9, 90);
}

TEST_F(ShortPathTest, CallsOfCallsGoOnInOneTurn) {
    const uint64_t inner_port = create_port();
    const uint32_t inner = add_thread();
    run(inner);
    start_call(Call::MessageReceive, {inner_port, 0, 0, forever});
    run(main_thread);
    for (const bool is_looked_at : {false, true}) {
        ask(1, 1);
        expect_runs(server);
        start_call(Call::MessageCall, {inner_port, 2, 0, forever, 20, 21, 22, 23});
        expect_runs(inner);
        expect_message(2, 20);
        if (is_looked_at) {
            start_call(Call::ThreadYield);
            expect_runs(inner);
            EXPECT_NE(main().lent_to, nullptr);
            EXPECT_EQ(main().lent_to->lent_to, &thread());
        }
        start_call(Call::MessageReplyReceive, {inner_port, 3, 0, forever, 30, 31, 32, 33});
        expect_runs(server);
        expect_message(3, 30);
        answer_and_wait(4, 40);
        expect_runs(main_thread);
        expect_message(4, 40);
    }
    EXPECT_EQ(close(inner_port), Status::Ok);
    run(inner);
    EXPECT_EQ(result(), Status::PortDead);
    start_call(Call::ThreadExit, {0});
    run(main_thread);
    EXPECT_EQ(call(Call::ThreadJoin, {right_to_thread(inner)}), 0U);
}

}  // namespace
}  // namespace kernel
