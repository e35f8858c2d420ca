// SPDX-License-Identifier: Apache-2.0
// Ports and messages, typed: kernel/abi/message.hpp tells what they are.
#pragma once

#include "kernel/abi/message.hpp"
#include "user/lib/right.hpp"

namespace user::system {

// A short message, as it is sent and as it is received.
struct Message {
    uint64_t label = 0;
    uint64_t words[abi::message_words] = {};
    uint64_t badge = 0;  // received: of the right that it was sent by
    uint64_t info = 0;   // received: what came beside the words
};

// A transfer to send and one to receive with, as calls and answers want them.
struct Transfers {
    abi::MessageTransfer sent{};
    abi::MessageTransfer received{};
};

// Any of the calls that pass messages. `message` is what is sent, and then what is received.
inline Status pass_message(abi::SystemCall number, uint32_t name, Message& message,
                           const void* transfers, uint64_t timeout) {
    register uint64_t x0 asm("x0") = name;
    register uint64_t x1 asm("x1") = message.label;
    register uint64_t x2 asm("x2") = address_of(transfers);
    register uint64_t x3 asm("x3") = timeout;
    register uint64_t x4 asm("x4") = message.words[0];
    register uint64_t x5 asm("x5") = message.words[1];
    register uint64_t x6 asm("x6") = message.words[2];
    register uint64_t x7 asm("x7") = message.words[3];
    register uint64_t x8 asm("x8") = static_cast<uint64_t>(number);
    asm volatile("svc #0"
                 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7)
                 : "r"(x8)
                 : "memory");
    message.label = x1;
    message.info = x2;
    message.badge = x3;
    message.words[0] = x4;
    message.words[1] = x5;
    message.words[2] = x6;
    message.words[3] = x7;
    return static_cast<Status>(static_cast<int64_t>(x0));
}

// The right to receive, from which rights to send are copied.
[[nodiscard]] inline Result<uint32_t> create_port(uint32_t limit = 16) {
    return to_result<uint32_t>(call(abi::SystemCall::PortCreate, limit));
}

[[nodiscard]] inline Result<uint32_t> copy_send_right(uint32_t name, uint64_t badge = 0) {
    return copy_right(name, abi::RightSend | abi::right_common, badge);
}

// Queues a message; a full queue is waited for until `timeout` (nanoseconds) has passed.
[[nodiscard]] inline Status send_message(uint32_t name, Message message,
                                         uint64_t timeout = abi::wait_forever,
                                         const abi::MessageTransfer* transfer = nullptr) {
    return pass_message(abi::SystemCall::MessageSend, name, message, transfer, timeout);
}

// Sends a message and waits for the answer, which takes its place.
[[nodiscard]] inline Status call_port(uint32_t name, Message& message,
                                      uint64_t timeout = abi::wait_forever,
                                      Transfers* transfers = nullptr) {
    return pass_message(abi::SystemCall::MessageCall, name, message, transfers, timeout);
}

[[nodiscard]] inline Status receive_message(uint32_t name, Message& message,
                                            uint64_t timeout = abi::wait_forever,
                                            abi::MessageTransfer* transfer = nullptr) {
    return pass_message(abi::SystemCall::MessageReceive, name, message, transfer, timeout);
}

// Answers the call that was received last.
[[nodiscard]] inline Status reply_message(Message message,
                                          const abi::MessageTransfer* transfer = nullptr) {
    return pass_message(abi::SystemCall::MessageReply, 0, message, transfer, 0);
}

// The same, and waits for the next message.
[[nodiscard]] inline Status reply_and_receive(uint32_t name, Message& message,
                                              uint64_t timeout = abi::wait_forever,
                                              Transfers* transfers = nullptr) {
    return pass_message(abi::SystemCall::MessageReplyReceive, name, message, transfers, timeout);
}

// A right to answer the call that was received last, once, by send_message().
[[nodiscard]] inline Result<uint32_t> save_reply() {
    return to_result<uint32_t>(call(abi::SystemCall::ReplySave));
}

[[nodiscard]] inline Result<uint32_t> create_port_set() {
    return to_result<uint32_t>(call(abi::SystemCall::PortSetCreate));
}

[[nodiscard]] inline Status join_port_set(uint32_t set, uint32_t port) {
    return call(abi::SystemCall::PortSetChange, set, port, 1).status();
}

[[nodiscard]] inline Status leave_port_set(uint32_t set, uint32_t port) {
    return call(abi::SystemCall::PortSetChange, set, port, 0).status();
}

// The port itself is told when nobody can send to it any more.
[[nodiscard]] inline Status notify_no_senders(uint32_t port) {
    return call(abi::SystemCall::PortNotify, port, static_cast<uint64_t>(abi::PortEvent::NoSenders))
        .status();
}

// `to` is told when nobody will ever receive what is sent to `name`.
[[nodiscard]] inline Status notify_dead_name(uint32_t name, uint32_t to) {
    return call(abi::SystemCall::PortNotify, name, static_cast<uint64_t>(abi::PortEvent::DeadName),
                to)
        .status();
}

[[nodiscard]] inline Result<abi::PortReport> read_port(uint32_t port) {
    abi::PortReport report{};
    const RawResult raw = call(abi::SystemCall::PortRead, port, address_of(&report));
    if (raw.value < 0) return raw.status();
    return report;
}

// An interrupt line of a device, which sends messages once it is bound to a port.
[[nodiscard]] inline Result<uint32_t> create_interrupt(uint32_t line) {
    return to_result<uint32_t>(call(abi::SystemCall::InterruptCreate, line));
}

// `flags`: abi::interrupt_is_input, or 0.
[[nodiscard]] inline Status bind_interrupt(uint32_t interrupt, uint32_t port, uint64_t flags = 0) {
    return call(abi::SystemCall::InterruptBind, interrupt, port, flags).status();
}

[[nodiscard]] inline Status acknowledge_interrupt(uint32_t interrupt) {
    return call(abi::SystemCall::InterruptAcknowledge, interrupt).status();
}

}  // namespace user::system
