// SPDX-License-Identifier: Apache-2.0
// Ports and messages, seen through system calls.
#include <gtest/gtest.h>

#include "tests/kernel/ipc/port_rig.hpp"

namespace kernel {
namespace {

struct PortsTest : PortRig {
    uint64_t objects_before = objects_in_heap();

    // Everything that a test makes goes with its rights and threads.
    void TearDown() override {
        run(main_thread);
        uint32_t position = 0;
        while (Right* right = task().rights.next(position, UINT32_MAX)) {
            if (right->type != ObjectType::Port && right->type != ObjectType::PortSet &&
                right->type != ObjectType::Interrupt) {
                ++position;
                continue;
            }
            EXPECT_EQ(close(right->name), Status::Ok);
        }
        for (Thread* other = task().threads.front(); other != nullptr;) {
            const uint32_t id = other->id;
            other = task().threads.next(*other);
            if (id == main_thread) continue;
            run_or_skip(id);
        }
        EXPECT_EQ(objects_in_heap(), objects_before);
        EXPECT_FALSE(kernel().dead_ports.any());
    }
    void run_or_skip(uint32_t id) {
        run(id);
        start_call(Call::ThreadExit, {0});
        run(main_thread);
        EXPECT_EQ(call(Call::ThreadJoin, {right_to_thread(id)}), 0U);
    }
};

TEST_F(PortsTest, AMessageIsReceivedAsItWasSent) {
    const uint64_t port = create_port();
    const uint64_t sender = send_right(port, 77);
    EXPECT_EQ(send(sender, 5, 100), Status::Ok);
    EXPECT_EQ(send(port, 6, 200), Status::Ok);
    EXPECT_EQ(receive(port), Status::Ok);
    expect_message(5, 100, 77);
    EXPECT_EQ(receive(port), Status::Ok);
    expect_message(6, 200);
    EXPECT_EQ(receive(port), Status::WouldBlock);
}

TEST_F(PortsTest, BadNamesAndMasksAreRefused) {
    const uint64_t port = create_port();
    const uint64_t sender = send_right(port);
    EXPECT_EQ(send(0, 1), Status::NotFound);
    EXPECT_EQ(send(port + 1000, 1), Status::NotFound);
    EXPECT_EQ(send(port ^ 1U << 20, 1), Status::NotFound);
    EXPECT_EQ(send(uint64_t{1} << 40 | port, 1), Status::NotFound);
    EXPECT_EQ(receive(sender), Status::PermissionDenied);
    EXPECT_EQ(send(sender, abi::kernel_label), Status::InvalidArgument);
    EXPECT_EQ(status_of(Call::MessageReply, {0, 1, 0, 0}), Status::NotFound);
    EXPECT_EQ(status_of(Call::ReplySave), Status::NotFound);
    EXPECT_EQ(status_of(Call::PortCreate, {abi::queue_limit + 1}), Status::InvalidArgument);
    EXPECT_EQ(status_of(Call::MessageCall, {port, 1, 0, abi::no_wait}), Status::InvalidArgument);
    EXPECT_EQ(send(port, 1, 0, 0, 8), Status::BadAddress);
    EXPECT_EQ(status_of(Call::RightCopy, {port, uint64_t{1} << 32}), Status::InvalidArgument);
    EXPECT_EQ(status_of(Call::RightCopy, {send_right(port, 3), ~0U, 4}), Status::PermissionDenied);
}

TEST_F(PortsTest, TheRightToReceiveIsNotCopied) {
    const uint64_t port = create_port();
    const uint64_t copy = call(Call::RightCopy, {port, UINT32_MAX});
    EXPECT_EQ(receive(copy), Status::PermissionDenied);
    EXPECT_EQ(send(copy, 1), Status::Ok);
    EXPECT_EQ(port_object(port).senders, 1U);
}

TEST_F(PortsTest, AFullQueueRefusesBlocksOrTimesOut) {
    const uint64_t port = create_port(2);
    EXPECT_EQ(send(port, 1), Status::Ok);
    EXPECT_EQ(send(port, 2), Status::Ok);
    EXPECT_EQ(send(port, 3), Status::WouldBlock);
    const uint32_t other = add_thread();
    start_call(Call::MessageSend, {port, 4, 0, forever, 40, 41, 42, 43});
    ASSERT_EQ(thread().id, other);  // the sender waits
    EXPECT_EQ(receive(port), Status::Ok);
    run(main_thread);
    EXPECT_EQ(result(), Status::Ok);
    EXPECT_EQ(send(port, 5), Status::WouldBlock);
    start_call(Call::MessageSend, {port, 6, 0, 1000, 0, 0, 0, 0});
    run(other);
    machine.advance(FakeMachine::frequency);
    machine.raise(FakeMachine::timer_interrupt);
    trap(hal::TrapKind::Interrupt);
    run(main_thread);
    EXPECT_EQ(result(), Status::TimedOut);
    EXPECT_EQ(receive(port), Status::Ok);
    EXPECT_EQ(receive(port), Status::Ok);
    expect_message(4, 40);
    EXPECT_EQ(receive(port), Status::WouldBlock);
}

TEST_F(PortsTest, ACallIsHandedOverToAWaitingServerAndBack) {
    const uint64_t port = create_port();
    const uint64_t sender = send_right(port, 9);
    const uint32_t server = add_thread();
    run(server);
    start_call(Call::MessageReceive, {port, 0, 0, forever});
    ASSERT_EQ(thread().id, main_thread);
    start_call(Call::MessageCall, {sender, 1, 0, forever, 10, 11, 12, 13});
    ASSERT_EQ(thread().id, server);
    expect_message(1, 10, 9);
    EXPECT_TRUE(abi::info_wants_reply(frame->x[2]));
    start_call(Call::MessageReplyReceive, {port, 2, 0, forever, 20, 21, 22, 23});
    ASSERT_EQ(thread().id, main_thread);
    expect_message(2, 20);
    EXPECT_EQ(frame->x[2], 0U);
    start_call(Call::MessageCall, {sender, 3, 0, forever, 30, 31, 32, 33});
    ASSERT_EQ(thread().id, server);
    expect_message(3, 30, 9);
    EXPECT_EQ(status_of(Call::MessageReply, {0, 4, 0, 0, 40, 41, 42, 43}), Status::Ok);
    EXPECT_EQ(status_of(Call::MessageReply, {0, 4, 0, 0}), Status::NotFound);  // answered once
    run(main_thread);
    expect_message(4, 40);
}

TEST_F(PortsTest, ACallThatWaitsInTheQueueIsAnsweredToo) {
    const uint64_t port = create_port(0);
    const uint32_t server = add_thread();
    start_call(Call::MessageCall, {port, 1, 0, forever, 10, 11, 12, 13});
    ASSERT_EQ(thread().id, server);
    EXPECT_EQ(send(port, 2), Status::WouldBlock);
    EXPECT_EQ(receive(port), Status::Ok);
    expect_message(1, 10);
    EXPECT_EQ(status_of(Call::MessageReplyReceive, {port, 2, 0, abi::no_wait, 20, 21, 22, 23}),
              Status::WouldBlock);
    run(main_thread);
    expect_message(2, 20);
}

TEST_F(PortsTest, ACallTimesOutInTheQueueAndAtTheServer) {
    const uint64_t port = create_port();
    const uint32_t server = add_thread();
    for (const bool taken : {false, true}) {
        start_call(Call::MessageCall, {port, 1, 0, 1000, 0, 0, 0, 0});
        run(server);
        if (taken) EXPECT_EQ(receive(port), Status::Ok);
        machine.advance(FakeMachine::frequency);
        machine.raise(FakeMachine::timer_interrupt);
        trap(hal::TrapKind::Interrupt);
        run(main_thread);
        EXPECT_EQ(result(), Status::TimedOut);
    }
    run(server);
    EXPECT_EQ(status_of(Call::MessageReply, {0, 1, 0, 0}), Status::NotFound);
    EXPECT_EQ(receive(port), Status::WouldBlock);
}

TEST_F(PortsTest, BytesAndRightsGoWithAMessage) {
    const uint64_t port = create_port();
    const uint64_t moved = create_port();
    const uint64_t copied = send_right(create_port());
    poke(out_data, "some bytes");
    put_transfer(transfers, out_data, 10, {moved});
    EXPECT_EQ(send(port, 1, 0, 0, transfers), Status::Ok);
    EXPECT_EQ(send(moved, 1), Status::NotFound);
    put_transfer(transfers, out_data, 0, {copied}, abi::RightDisposal::Copy);
    EXPECT_EQ(send(port, 2, 0, 0, transfers), Status::Ok);
    EXPECT_EQ(send(copied, 1), Status::Ok);

    put_room(in_transfer);
    EXPECT_EQ(receive(port, 0, in_transfer), Status::Ok);
    EXPECT_EQ(frame->x[1], 1U);
    EXPECT_EQ(frame->x[2], abi::message_info(10, 1, false));
    EXPECT_EQ(peek(in_data, 10), "some bytes");
    const auto first = peek<abi::MessageTransfer>(in_transfer);
    EXPECT_EQ(first.size, 10U);
    EXPECT_EQ(first.right_count, 1U);
    EXPECT_EQ(receive(first.rights[0]), Status::WouldBlock);  // it receives
    put_room(in_transfer);
    EXPECT_EQ(receive(port, 0, in_transfer), Status::Ok);
    EXPECT_EQ(send(peek<abi::MessageTransfer>(in_transfer).rights[0], 1), Status::Ok);
}

TEST_F(PortsTest, ALongMessageWaitsUntilThereIsRoomForIt) {
    const uint64_t port = create_port();
    put_transfer(transfers, out_data, 100);
    EXPECT_EQ(send(port, 1, 0, 0, transfers), Status::Ok);
    EXPECT_EQ(receive(port), Status::LimitReached);
    EXPECT_EQ(frame->x[2], abi::message_info(100, 0, false));
    put_room(in_transfer, 99);
    EXPECT_EQ(receive(port, 0, in_transfer), Status::LimitReached);
    put_room(in_transfer, 100);
    EXPECT_EQ(receive(port, 0, in_transfer), Status::Ok);
    EXPECT_EQ(receive(port), Status::WouldBlock);
}

TEST_F(PortsTest, LongCallsAndAnswersReachThoseWhoWait) {
    const uint64_t port = create_port();
    const uint32_t server = add_thread();
    run(server);
    put_room(in_transfer + 0x200);
    start_call(Call::MessageReceive, {port, 0, in_transfer + 0x200, forever});
    ASSERT_EQ(thread().id, main_thread);
    poke(out_data, std::string(500, 'q'));
    put_transfer(transfers, out_data, 500);
    put_room(in_transfer);
    start_call(Call::MessageCall, {port, 1, transfers, forever, 10, 11, 12, 13});
    ASSERT_EQ(thread().id, server);
    settle_call();
    EXPECT_EQ(result(), Status::Ok);
    EXPECT_EQ(abi::info_size(frame->x[2]), 500U);
    EXPECT_EQ(peek(in_data, 500), std::string(500, 'q'));
    poke(out_data, std::string(300, 'a'));
    put_transfer(transfers + 0x400, out_data, 300, {create_port()});
    EXPECT_EQ(status_of(Call::MessageReply, {0, 2, transfers + 0x400, 0, 20, 21, 22, 23}),
              Status::Ok);
    run(main_thread);
    EXPECT_EQ(frame->x[1], 2U);
    EXPECT_EQ(frame->x[2], abi::message_info(300, 1, false));
    EXPECT_EQ(peek(in_data, 300), std::string(300, 'a'));
    EXPECT_EQ(close(peek<abi::MessageTransfer>(in_transfer).rights[0]), Status::Ok);
}

TEST_F(PortsTest, ASendThatFailsKeepsTheSendersRights) {
    const uint64_t port = create_port(1);
    const uint64_t right = send_right(create_port());
    put_transfer(transfers, out_data, 0, {right, port + 5});
    EXPECT_EQ(send(port, 1, 0, 0, transfers), Status::NotFound);
    put_transfer(transfers, out_data, 0, {right, right});
    EXPECT_EQ(send(port, 1, 0, 0, transfers), Status::InvalidArgument);
    EXPECT_EQ(send(right, 1), Status::Ok);
    EXPECT_EQ(send(port, 1), Status::Ok);
    put_transfer(transfers, out_data, 0, {right});
    EXPECT_EQ(send(port, 1, 0, 0, transfers), Status::WouldBlock);
    EXPECT_EQ(send(right, 1), Status::Ok);
}

TEST_F(PortsTest, RightsToReceiveFormNoCircle) {
    const uint64_t first = create_port();
    const uint64_t second = create_port();
    const uint64_t to_first = send_right(first);
    const uint64_t to_second = send_right(second);
    put_transfer(transfers, out_data, 0, {first});
    EXPECT_EQ(send(to_first, 1, 0, 0, transfers), Status::InvalidArgument);
    EXPECT_EQ(send(to_second, 1, 0, 0, transfers), Status::Ok);
    put_transfer(transfers, out_data, 0, {second});
    EXPECT_EQ(send(to_first, 1, 0, 0, transfers), Status::InvalidArgument);
}

TEST_F(PortsTest, RevocationReachesMessagesInFlight) {
    const uint64_t port = create_port();
    const uint64_t target = create_port();
    const uint64_t right = send_right(target);
    put_transfer(transfers, out_data, 0, {right});
    EXPECT_EQ(send(port, 1, 0, 0, transfers), Status::Ok);
    EXPECT_EQ(call(Call::RightRevoke, {target}), 1U);
    EXPECT_EQ(port_object(target).senders, 0U);
    put_room(in_transfer);
    EXPECT_EQ(receive(port, 0, in_transfer), Status::Ok);
    const auto transfer = peek<abi::MessageTransfer>(in_transfer);
    EXPECT_EQ(transfer.right_count, 1U);
    EXPECT_EQ(transfer.rights[0], abi::null_name);
}

TEST_F(PortsTest, ASendOnceRightIsUsedUp) {
    const uint64_t port = create_port();
    const uint64_t once = send_right(port, 4, abi::RightSendOnce | abi::RightTransfer);
    EXPECT_EQ(send(once, 1, 5), Status::Ok);
    EXPECT_EQ(send(once, 1), Status::NotFound);
    EXPECT_EQ(receive(port), Status::Ok);
    expect_message(1, 5, 4);
}

TEST_F(PortsTest, TheDeathOfAPortEndsAllThatWaitsThere) {
    const uint64_t port = create_port(1);
    const uint64_t sender = send_right(port);
    put_transfer(transfers, out_data, 50, {create_port(), send_right(create_port())});
    EXPECT_EQ(send(sender, 1, 0, 0, transfers), Status::Ok);
    const uint32_t full = add_thread();
    const uint32_t asker = add_thread();
    run(full);
    start_call(Call::MessageSend, {sender, 2, 0, forever, 0, 0, 0, 0});
    run(asker);
    put_transfer(transfers, out_data, 50);
    put_room(in_transfer);
    start_call(Call::MessageCall, {sender, 3, transfers, forever, 0, 0, 0, 0});
    run(main_thread);
    EXPECT_EQ(close(port), Status::Ok);
    EXPECT_EQ(send(sender, 1), Status::PortDead);
    EXPECT_EQ(receive(sender), Status::PermissionDenied);
    run(full);
    EXPECT_EQ(result(), Status::PortDead);
    run(asker);
    EXPECT_EQ(result(), Status::PortDead);
}

TEST_F(PortsTest, AReceiverLearnsThatItsPortIsGone) {
    const uint64_t port = create_port();
    const uint32_t receiver = add_thread();
    run(receiver);
    start_call(Call::MessageReceive, {port, 0, 0, forever});
    run(main_thread);
    EXPECT_EQ(close(port), Status::Ok);
    run(receiver);
    EXPECT_EQ(result(), Status::PortDead);
}

TEST_F(PortsTest, ASetReceivesFromAllItsPortsInTurn) {
    const uint64_t set = call(Call::PortSetCreate);
    const uint64_t first = create_port();
    const uint64_t second = create_port();
    EXPECT_EQ(send(first, 1), Status::Ok);
    EXPECT_EQ(status_of(Call::PortSetChange, {set, first, 1}), Status::Ok);
    EXPECT_EQ(status_of(Call::PortSetChange, {set, first, 1}), Status::Busy);
    EXPECT_EQ(status_of(Call::PortSetChange, {set, second, 0}), Status::NotFound);
    EXPECT_EQ(status_of(Call::PortSetChange, {set, second, 1}), Status::Ok);
    EXPECT_EQ(send(first, 2), Status::Ok);
    EXPECT_EQ(send(second, 3), Status::Ok);
    for (const uint64_t label : {1U, 3U, 2U}) {
        EXPECT_EQ(receive(set), Status::Ok);
        EXPECT_EQ(frame->x[1], label);
    }
    EXPECT_EQ(receive(set), Status::WouldBlock);
    EXPECT_EQ(status_of(Call::PortSetChange, {set, second, 0}), Status::Ok);
    EXPECT_EQ(send(second, 4), Status::Ok);
    EXPECT_EQ(receive(set), Status::WouldBlock);
    const uint32_t waiter = add_thread();
    run(waiter);
    start_call(Call::MessageReceive, {set, 0, 0, forever});
    run(main_thread);
    EXPECT_EQ(status_of(Call::PortSetChange, {set, second, 1}), Status::Ok);
    run(waiter);
    EXPECT_EQ(frame->x[1], 4U);
}

TEST_F(PortsTest, AServerThatEndsInterruptsItsCaller) {
    const uint64_t port = create_port();
    const uint32_t server = add_thread();
    start_call(Call::MessageCall, {port, 1, 0, forever, 0, 0, 0, 0});
    run(server);
    EXPECT_EQ(receive(port), Status::Ok);
    EXPECT_EQ(receive(port), Status::WouldBlock);  // gives the answer up
    run(main_thread);
    EXPECT_EQ(result(), Status::Interrupted);
    start_call(Call::MessageCall, {port, 1, 0, forever, 0, 0, 0, 0});
    run(server);
    EXPECT_EQ(receive(port), Status::Ok);
    start_call(Call::ThreadExit, {0});
    run(main_thread);
    EXPECT_EQ(result(), Status::Interrupted);
    EXPECT_EQ(call(Call::ThreadJoin, {right_to_thread(server)}), 0U);
}

TEST_F(PortsTest, ASavedReplyAnswersLaterOnce) {
    const uint64_t port = create_port();
    const uint32_t server = add_thread();
    start_call(Call::MessageCall, {port, 1, 0, forever, 0, 0, 0, 0});
    run(server);
    EXPECT_EQ(receive(port), Status::Ok);
    const uint64_t reply = call(Call::ReplySave);
    EXPECT_EQ(status_of(Call::MessageReply, {0, 2, 0, 0}), Status::NotFound);
    EXPECT_EQ(receive(port), Status::WouldBlock);
    EXPECT_EQ(status_of(Call::RightCopy, {reply, UINT32_MAX}), Status::PermissionDenied);
    EXPECT_EQ(send(reply, 3, 30), Status::Ok);
    EXPECT_EQ(send(reply, 3, 30), Status::NotFound);
    run(main_thread);
    expect_message(3, 30);
    // And one that is thrown away.
    start_call(Call::MessageCall, {port, 1, 0, forever, 0, 0, 0, 0});
    run(server);
    EXPECT_EQ(receive(port), Status::Ok);
    EXPECT_EQ(close(call(Call::ReplySave)), Status::Ok);
    run(main_thread);
    EXPECT_EQ(result(), Status::Interrupted);
}

TEST_F(PortsTest, NoticesTellOfLostSendersAndDeadNames) {
    const uint64_t port = create_port();
    const uint64_t sender = send_right(port);
    const uint64_t told = create_port(0);
    EXPECT_EQ(status_of(Call::PortNotify, {told, 0, 0}), Status::NotFound);
    EXPECT_EQ(status_of(Call::PortNotify, {port, 0, 0}), Status::Ok);
    EXPECT_EQ(status_of(Call::PortNotify, {sender, 1, told}), Status::Ok);
    EXPECT_EQ(status_of(Call::PortNotify, {sender, 1, told}), Status::Busy);
    EXPECT_EQ(status_of(Call::PortNotify, {sender, 2, told}), Status::InvalidArgument);
    const uint64_t second = send_right(port);
    EXPECT_EQ(status_of(Call::PortNotify, {second, 1, told}), Status::Ok);
    EXPECT_EQ(close(second), Status::Ok);  // and nobody is told by it
    EXPECT_EQ(receive(port), Status::WouldBlock);
    const uint64_t third = send_right(port);
    EXPECT_EQ(close(sender), Status::Ok);
    EXPECT_EQ(close(third), Status::Ok);
    EXPECT_EQ(receive(port), Status::Ok);
    EXPECT_EQ(frame->x[1], abi::label_no_senders);
    const uint64_t last = send_right(port);
    EXPECT_EQ(status_of(Call::PortNotify, {last, 1, told}), Status::Ok);
    EXPECT_EQ(close(port), Status::Ok);
    EXPECT_EQ(receive(told), Status::Ok);
    EXPECT_EQ(frame->x[1], abi::label_dead_name);
    EXPECT_EQ(frame->x[4], last);
    EXPECT_EQ(status_of(Call::PortNotify, {last, 1, told}), Status::PortDead);
}

TEST_F(PortsTest, AnInterruptIsAMessageAndMaskedUntilItIsAcknowledged) {
    constexpr uint32_t line = 40;
    const uint64_t port = create_port(0);
    EXPECT_EQ(status_of(Call::InterruptCreate, {27}), Status::PermissionDenied);
    EXPECT_EQ(status_of(Call::InterruptCreate, {FakeMachine::uart_interrupt}),
              Status::PermissionDenied);
    EXPECT_EQ(status_of(Call::InterruptCreate, {100'000}), Status::InvalidArgument);
    const uint64_t interrupt = call(Call::InterruptCreate, {line});
    EXPECT_EQ(status_of(Call::InterruptCreate, {line}), Status::Busy);
    EXPECT_EQ(status_of(Call::InterruptAcknowledge, {interrupt}), Status::NotFound);
    EXPECT_EQ(status_of(Call::InterruptBind, {interrupt, port}), Status::Ok);
    EXPECT_EQ(status_of(Call::InterruptBind, {interrupt, port}), Status::Busy);
    machine.raise(line);
    trap(hal::TrapKind::Interrupt);
    EXPECT_EQ(receive(port), Status::Ok);
    EXPECT_EQ(frame->x[1], abi::label_interrupt);
    EXPECT_EQ(frame->x[4], line);
    EXPECT_EQ(frame->x[5], 1U);
    EXPECT_EQ(status_of(Call::InterruptAcknowledge, {interrupt}), Status::Ok);
    machine.raise(line);
    trap(hal::TrapKind::Interrupt);
    EXPECT_EQ(close(interrupt), Status::Ok);  // its message goes with it
    EXPECT_EQ(receive(port), Status::WouldBlock);
}

TEST_F(PortsTest, ATableOfRightsHasAnEnd) {
    const uint64_t port = create_port();
    std::vector<uint64_t> names;
    for (;;) {
        const uint64_t name = send_right(port);
        if (name == failure(Status::LimitReached)) break;
        names.push_back(name);
        ASSERT_LE(names.size(), RightTable::capacity);
    }
    EXPECT_GT(names.size(), RightTable::capacity - 8);
    EXPECT_EQ(call(Call::RightRevoke, {port}), names.size());
    EXPECT_EQ(send(names[0], 1), Status::NotFound);
}

TEST_F(PortsTest, ARightExpires) {
    const uint64_t port = create_port();
    const uint64_t right = call(Call::RightCopy, {port, UINT32_MAX, 0, 1'000'000});
    EXPECT_EQ(send(right, 1), Status::Ok);
    ASSERT_EQ(status_of(Call::RightRead, {right, buffer}), Status::Ok);
    EXPECT_GT(peek<abi::RightReport>(buffer).expires, 0U);
    machine.advance(FakeMachine::frequency / 1000);
    EXPECT_EQ(send(right, 1), Status::NotFound);
    EXPECT_EQ(close(right), Status::Ok);
}

}  // namespace
}  // namespace kernel
