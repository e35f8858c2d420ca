// SPDX-License-Identifier: Apache-2.0
// The children of ipc: each does one part, and knows of its parent only the right it was given.
#include "user/programs/ipc_parts.hpp"

namespace user {

namespace {

constexpr uint32_t parent = abi::given_name(0);
constexpr uint64_t last_label = 1000;

alignas(16) char out_bytes[abi::message_bytes];
alignas(16) char in_bytes[abi::message_bytes];

// Makes a port of this task's own and sends a right to it.
uint32_t introduce(uint64_t badge) {
    const auto port = system::create_port(0);
    const auto sender = port ? system::copy_send_right(*port, badge) : port.status();
    if (!sender) {
        check(false, "no port for a child");
        system::exit_task(1);
    }
    abi::MessageTransfer transfer{};
    transfer.right_count = 1;
    transfer.rights[0] = *sender;
    check(system::send_message(parent, {}, abi::wait_forever, &transfer) == Status::Ok,
          "a child's first message");
    return *port;
}

void flood() {
    for (uint64_t i = 0; i < flood_messages; ++i) {
        check(system::send_message(parent, {.label = i}) == Status::Ok, "a child's flood");
    }
}

// Sends bytes back in reverse, and a message by each right that it gets.
void reverse() {
    const uint32_t port = introduce(0);
    LongBuffer buffer;
    system::Message message;
    buffer.transfers.received.right_count = abi::message_rights;
    Status status =
        system::receive_message(port, message, abi::wait_forever, &buffer.transfers.received);
    while (status == Status::Ok && message.label != last_label) {
        const uint32_t size = abi::info_size(message.info);
        for (uint32_t i = 0; i < size; ++i) buffer.out[i] = buffer.in[size - 1 - i];
        for (uint32_t i = 0; i < abi::info_rights(message.info); ++i) {
            const uint32_t right = buffer.transfers.received.rights[i];
            check(system::send_message(right, {}, abi::no_wait) == Status::Ok,
                  "a right sent along");
            system::close_right(right);
        }
        buffer.prepare(size);
        buffer.transfers.received.right_count = abi::message_rights;
        status = system::reply_and_receive(port, message, abi::wait_forever, &buffer.transfers);
    }
    check(status == Status::Ok && system::reply_message({}) == Status::Ok, "the end of reversing");
}

// Inverts every 512th word of the memory that it gets.
void invert_memory() {
    constexpr uint64_t words = (1 << 20) / 8;
    const uint32_t port = introduce(0);
    system::Transfers transfers;
    transfers.received.right_count = 1;
    system::Message message;
    Status status = system::receive_message(port, message, abi::wait_forever, &transfers.received);
    while (status == Status::Ok && message.label != last_label) {
        const uint32_t object = transfers.received.rights[0];
        const auto address = system::map_object(object, read_write);
        check(address, "memory out of a message");
        message.words[0] = 1;
        if (address) {
            auto* at = reinterpret_cast<uint64_t*>(*address);
            uint64_t wrong = 0;
            for (uint64_t i = 0; i < words; i += 512) {
                if (at[i] != i) ++wrong;
                at[i] = ~at[i];
            }
            message.words[0] = wrong;
            system::unmap_memory(*address, words * 8);
        }
        system::close_right(object);
        transfers.received.right_count = 1;
        status = system::reply_and_receive(port, message, abi::wait_forever, &transfers);
    }
    check(status == Status::Ok && system::reply_message({}) == Status::Ok, "the end of memory");
}

void call_parent(bool is_long) {
    LongBuffer buffer;
    buffer.prepare(is_long ? abi::message_bytes : 0);
    system::Message message{.label = 1};
    (void)system::call_port(parent, message, abi::wait_forever, &buffer.transfers);
    check(false, "a call that nobody answers has returned");
}

}  // namespace

Child::Child(std::string_view part, uint32_t port) {
    uint32_t given = port;
    if (port == 0) {
        const auto own = system::create_port(0);
        check(own, "no port for a child to send to");
        given = own_port_ = own ? *own : 0;
    }
    const auto sender = system::copy_send_right(given);
    check(sender, "no right for a child");
    const uint32_t names[] = {sender ? *sender : 0};
    const auto task = system::spawn_task("bin/ipc", part, 0, names);
    check(task, "no child");
    if (task) name_ = *task;
    // The child's right was derived from it, and goes on without it.
    system::close_right(names[0]);
}

Child::~Child() {
    if (own_port_ != 0) system::close_right(own_port_);
}

uint32_t Child::first_right() const {
    system::Message message;
    abi::MessageTransfer transfer{};
    transfer.right_count = 1;
    const Status status = system::receive_message(own_port_, message, 1'000'000'000, &transfer);
    check(status == Status::Ok && transfer.rights[0] != abi::null_name, "a child's port");
    return transfer.rights[0];
}

int Child::wait() const {
    const auto result = system::wait_task(name_);
    return result && result->reason == abi::EndReason::Exited ? result->exit_code : -1;
}

LongBuffer::LongBuffer() : out(out_bytes), in(in_bytes) {
    prepare(0);
}

void LongBuffer::prepare(uint32_t size) {
    transfers = {};
    transfers.sent.data = system::address_of(out);
    transfers.sent.size = size;
    transfers.received.data = system::address_of(in);
    transfers.received.size = abi::message_bytes;
}

int run_child(std::string_view part, uint64_t (*echo_server)(void*)) {
    if (part == "echo") {
        uint32_t port = introduce(9);
        check(echo_server(&port) != 0, "the server");
    } else if (part == "flood") {
        flood();
    } else if (part == "reverse") {
        reverse();
    } else if (part == "memory") {
        invert_memory();
    } else if (part == "receive_and_exit") {
        system::Message message;
        check(system::receive_message(introduce(0), message) == Status::Ok, "a call");
    } else if (part == "never_receive") {
        (void)introduce(0);
        system::sleep(uint64_t{1} << 62);
    } else if (part == "call" || part == "call_long") {
        call_parent(part == "call_long");
    } else if (part != "exit") {
        check(false, "an unknown part");
    }
    return finish_child();
}

}  // namespace user
