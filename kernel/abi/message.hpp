// SPDX-License-Identifier: Apache-2.0
// Messages: what goes through a port.
//
// A short message is a label and four words, in x1 and x4 to x7, both ways. What is longer is told
// by a MessageTransfer in the program's memory.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace kernel::abi {

constexpr uint32_t message_words = 4;
constexpr uint32_t message_bytes = 8192;  // inline, beside the words
constexpr uint32_t message_rights = 16;
constexpr uint32_t queue_limit = 256;  // messages that a port can be asked to keep for later

// How a right goes with a message.
enum class RightDisposal : uint8_t {
    Move = 0,         // the sender has it no more
    Copy = 1,         // the receiver's is derived from it
    CopyOnWrite = 2,  // of memory: the receiver gets a copy on write of the object
};

// Sending: bytes at `data`, and rights. Receiving: `size` and `right_count` say what there is room
// for, and then what has come; a right that was taken back on the way has the name 0.
struct MessageTransfer {
    uint64_t data;
    uint32_t size;
    uint32_t right_count;
    uint32_t rights[message_rights];
    RightDisposal disposals[message_rights];
};
static_assert(sizeof(MessageTransfer) == 96);

// Timeouts in nanoseconds.
constexpr uint64_t no_wait = 0;
constexpr uint64_t wait_forever = UINT64_MAX;

// What a receiver finds in x2: how much comes beside the words.
constexpr uint64_t message_info(uint64_t size, uint64_t rights, bool wants_reply) {
    return size | rights << 32 | uint64_t{wants_reply} << 63;
}
constexpr uint32_t info_size(uint64_t info) {
    return static_cast<uint32_t>(info);
}
constexpr uint32_t info_rights(uint64_t info) {
    return static_cast<uint32_t>(info >> 32) & 0xff;
}
constexpr bool info_wants_reply(uint64_t info) {
    return info >> 63 != 0;
}

// Labels from here on are the kernel's: it alone sends them.
constexpr uint64_t kernel_label = uint64_t{1} << 63;
constexpr uint64_t label_no_senders = kernel_label | 1;  // words: none
constexpr uint64_t label_dead_name = kernel_label | 2;   // words: the name that is dead
constexpr uint64_t label_interrupt = kernel_label | 3;   // words: interrupt, how often it came
// Flag of InterruptBind: the device brings input, so who takes its messages is to answer soon.
constexpr uint64_t interrupt_is_input = 1;

// Words: ids of task and thread (exception_source()), ESR_EL1, FAR_EL1 or 0, pc.
constexpr uint64_t label_exception = kernel_label | 4;

// Words: kind and number (container_event()), nanoseconds since boot, value, how many of the
// container's events before this one there was no room for.
constexpr uint64_t label_container = kernel_label | 5;

constexpr uint64_t exception_source(uint32_t task, uint32_t thread) {
    return uint64_t{task} << 32 | thread;
}

// What PortNotify asks for.
enum class PortEvent : uint32_t {
    NoSenders = 0,  // of a port that one receives from: to the port itself
    DeadName = 1,   // of a port that one sends to: nobody will ever receive
};

// What a port's owner can see of it.
struct PortReport {
    uint32_t queued;   // messages, calls included
    uint32_t limit;    // of those that nobody waits for
    uint32_t senders;  // rights to send, messages in flight included
    uint32_t waiting;  // threads that wait for a message
};
static_assert(sizeof(PortReport) == 16);

}  // namespace kernel::abi
