// SPDX-License-Identifier: Apache-2.0
// Random calls of several threads on ports, against a reference that knows no kernel.
//
// The test is the processor and does not choose who runs: it takes whichever thread the kernel
// returns to, which must be one that the model lets run, looks whether it got what the model says,
// and makes its next call.
#include <gtest/gtest.h>

#include <random>

#include "tests/kernel/ipc/port_model.hpp"
#include "tests/kernel/ipc/port_rig.hpp"

namespace kernel {
namespace {

constexpr unsigned thread_count = 6;
constexpr unsigned port_count = 4;
constexpr unsigned set_count = 2;
constexpr unsigned steps = 300'000;
constexpr uint32_t longest = 48;

struct PortsModelTest : PortRig, testing::WithParamInterface<uint64_t> {
    PortModel model;
    std::mt19937_64 generator{GetParam()};
    std::vector<uint32_t> ids;
    std::vector<uint64_t> receivers;  // names of rights
    std::vector<uint64_t> senders;
    std::vector<uint64_t> sets;
    uint64_t next_label = 1;

    unsigned random(unsigned below) { return static_cast<unsigned>(generator() % below); }
    int current() const {
        for (size_t i = 0; i < ids.size(); ++i) {
            if (ids[i] == thread().id) return static_cast<int>(i);
        }
        ADD_FAILURE() << "a thread that nobody knows runs";
        return 0;
    }
    PortModel::ModelThread& known(int index) { return model.threads[static_cast<size_t>(index)]; }

    // Each thread has transfers and room of its own.
    static uint64_t transfer_of(int index) {
        return transfers + static_cast<uint64_t>(index) * 192;
    }
    static uint64_t room_of(int index) { return in_data + static_cast<uint64_t>(index) * 64; }
    static std::string bytes_of(const ModelMessage& message) {
        std::string bytes(message.size, '\0');
        for (uint32_t i = 0; i < message.size; ++i) {
            bytes[i] = static_cast<char>(message.label * 3 + i);
        }
        return bytes;
    }

    void set_up() {
        for (unsigned i = 0; i < thread_count; ++i) {
            ids.push_back(i == 0 ? main_thread : add_thread());
        }
        model.threads.resize(thread_count);
        model.ports.resize(port_count);
        model.sets.resize(set_count);
        receivers.resize(port_count);
        senders.resize(port_count);
        for (unsigned i = 0; i < port_count; ++i) make_port(i);
        for (unsigned i = 0; i < set_count; ++i) sets.push_back(call(Call::PortSetCreate));
    }
    void make_port(unsigned index) {
        const unsigned limit = random(4);
        receivers[index] = create_port(limit);
        senders[index] = send_right(receivers[index], index + 1);
        model.ports[index] = {};
        model.ports[index].alive = true;
        model.ports[index].limit = limit;
    }
    ModelMessage make_message(unsigned port) {
        ModelMessage message;
        message.label = next_label++;
        message.word = generator();
        message.badge = port + 1;
        message.size = random(3) == 0 ? 1 + random(longest) : 0;
        return message;
    }
    // Puts what is sent beside words into memory; where the transfers are.
    uint64_t put(int index, const ModelMessage* message) {
        const uint64_t at = transfer_of(index);
        abi::MessageTransfer room{};
        room.data = room_of(index);
        room.size = longest;
        if (message == nullptr) {
            poke_value(at, room);
            return at;
        }
        // Of a call that waits, the bytes have been read by then.
        poke(out_data, bytes_of(*message));
        put_transfer(at, out_data, message->size);
        poke_value(at + sizeof room, room);
        return at;
    }

    void expect_result(int index) {
        PortModel::ModelThread& it = known(index);
        ASSERT_TRUE(it.has_result);
        it.has_result = false;
        const bool name_is_gone = it.was_late && result() == Status::NotFound;
        it.was_late = false;
        if (name_is_gone) return;
        ASSERT_EQ(result(), it.result.status);
        if (!it.result.has_message) return;
        const ModelMessage& message = it.result.message;
        ASSERT_EQ(frame->x[1], message.label);
        ASSERT_EQ(frame->x[2],
                  abi::message_info(message.size, 0, message.caller != PortModel::none));
        ASSERT_EQ(frame->x[3], message.badge);
        for (unsigned i = 0; i < 4; ++i) ASSERT_EQ(frame->x[4 + i], message.word + i);
        if (message.size != 0) ASSERT_EQ(peek(room_of(index), message.size), bytes_of(message));
    }

    // A call of the thread that runs, which the model has made already.
    void make(int index, Call number, uint64_t name, uint64_t timeout, const ModelMessage* message,
              bool receives) {
        const ModelMessage empty;
        const ModelMessage& sent = message != nullptr ? *message : empty;
        uint64_t at = 0;
        if (receives || sent.size != 0) at = put(index, message);
        start_call(number, {name, sent.label, at, timeout, sent.word, sent.word + 1, sent.word + 2,
                            sent.word + 3});
    }

    void step();
    void operate(int index);
    void make_again(int index);
    void close_port(unsigned port);
    void change_set(unsigned port, unsigned set);
    void replace_thread(int index);
    void check();
};

void PortsModelTest::make_again(int index) {
    PortModel::ModelThread& it = known(index);
    if (it.retries) {
        // What it sends is still in its registers, and its bytes where they were.
        if (it.sending.size != 0) (void)put(index, &it.sending);
        model.send_again(index);
    }
    frame->pc += 4;
    trap(hal::TrapKind::Synchronous, 0x15U << 26 | 1U << 25);
}

void PortsModelTest::close_port(unsigned port) {
    model.close(static_cast<int>(port));
    ASSERT_EQ(close(receivers[port]), Status::Ok);
    ASSERT_EQ(send(senders[port], 1), Status::PortDead);
    ASSERT_EQ(close(senders[port]), Status::Ok);
    make_port(port);
}

void PortsModelTest::change_set(unsigned port, unsigned set) {
    if (random(2) == 0) {
        const Status expected = model.join(static_cast<int>(port), static_cast<int>(set));
        ASSERT_EQ(status_of(Call::PortSetChange, {sets[set], receivers[port], 1}), expected);
        return;
    }
    const bool is_in = model.ports[port].set == static_cast<int>(set);
    if (is_in) model.leave(static_cast<int>(port));
    ASSERT_EQ(status_of(Call::PortSetChange, {sets[set], receivers[port], 0}),
              is_in ? Status::Ok : Status::NotFound);
}

// A thread ends, and another one comes in its place.
void PortsModelTest::replace_thread(int index) {
    const uint32_t id = thread().id;
    model.exit(index);
    start_call(Call::ThreadExit, {0});
    for (unsigned i = 0; i < 100 && thread().repeats; ++i) make_again(current());
    const int next = current();
    if (known(next).has_result) ASSERT_NO_FATAL_FAILURE(expect_result(next));
    ASSERT_EQ(call(Call::ThreadJoin, {right_to_thread(id)}), 0U);
    ids[static_cast<size_t>(index)] = add_thread();
    known(index) = {};
}

void PortsModelTest::operate(int index) {
    const unsigned port = random(port_count);
    const int number = static_cast<int>(port);
    const bool may_wait = model.runnable() > 1;
    const bool waits = may_wait && random(3) != 0;
    const uint64_t timeout = waits ? forever : abi::no_wait;
    const bool by_set = random(3) == 0;
    const int set = by_set ? static_cast<int>(random(set_count)) : PortModel::none;
    const uint64_t source = by_set ? sets[static_cast<size_t>(set)] : receivers[port];
    const ModelMessage message = make_message(port);
    ModelMessage answer = message;
    answer.badge = 0;
    switch (random(16)) {
        case 0:
        case 1:
        case 2:
            model.send(index, number, message, waits);
            return make(index, Call::MessageSend, senders[port], timeout, &message, false);
        case 3:
        case 4:
        case 5:
        case 6:
            if (!may_wait) return;
            model.call(index, number, message);
            return make(index, Call::MessageCall, senders[port], forever, &message, true);
        case 7:
        case 8:
        case 9:
            model.receive(index, number, set, waits);
            return make(index, Call::MessageReceive, source, timeout, nullptr, true);
        case 10:
        case 11:
            model.reply(index, answer);
            return make(index, Call::MessageReply, 0, 0, &answer, false);
        case 12:
        case 13:
            model.reply_receive(index, answer, number, set, waits);
            return make(index, Call::MessageReplyReceive, source, timeout, &answer, true);
        case 14:
            if (random(8) == 0) return close_port(port);
            return change_set(port, random(set_count));
        default:
            if (may_wait && index != 0 && random(8) == 0) return replace_thread(index);
            return start_call(Call::ThreadYield);
    }
}

void PortsModelTest::step() {
    const int index = current();
    PortModel::ModelThread& it = known(index);
    ASSERT_EQ(it.wait, PortModel::Wait::None) << "a thread runs that waits in the model";
    if (thread().repeats) return make_again(index);
    if (it.has_result) ASSERT_NO_FATAL_FAILURE(expect_result(index));
    operate(index);
}

void PortsModelTest::check() {
    for (unsigned i = 0; i < port_count; ++i) {
        const Port& port = port_object(receivers[i]);
        const PortModel::ModelPort& expected = model.ports[i];
        ASSERT_EQ(port.queue.size(), expected.queue.size());
        ASSERT_EQ(port.queued_sends, expected.sends());
        ASSERT_LE(port.queued_sends, port.limit);
        ASSERT_EQ(port.receivers.size(), expected.receivers.size());
        ASSERT_EQ(port.blocked_senders.size(), expected.blocked.size());
        ASSERT_TRUE(port.queue.empty() || port.receivers.empty());
        ASSERT_EQ(port.senders, 1U);
        // The right to receive, the one to send, and senders that were told of room.
        uint32_t offers = 0;
        for (Thread* one = task().threads.front(); one != nullptr;) {
            offers += one->messages.offered == &port ? 1 : 0;
            one = task().threads.next(*one);
        }
        ASSERT_EQ(port.references, 2 + offers);
        ASSERT_EQ(port.set != nullptr, expected.set != PortModel::none);
    }
}

TEST_P(PortsModelTest, RandomCallsAgreeWithTheModel) {
    set_up();
    for (unsigned i = 0; i < steps && !HasFatalFailure() && !HasNonfatalFailure(); ++i) {
        step();
        if (i % 64 == 0) check();
    }
    EXPECT_FALSE(kernel().dead_ports.any());
}

INSTANTIATE_TEST_SUITE_P(Seeds, PortsModelTest, testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace kernel
