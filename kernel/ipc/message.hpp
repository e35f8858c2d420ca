// SPDX-License-Identifier: Apache-2.0
// Messages on their way.
#pragma once

#include "kernel/abi/message.hpp"
#include "kernel/base/list.hpp"
#include "kernel/capability/right.hpp"

namespace kernel {

struct Thread;
struct Port;

// What does not fit registers; `size` bytes follow it.
struct LongMessage {
    uint32_t size = 0;
    uint32_t right_count = 0;
    Right* rights[abi::message_rights] = {};  // null: taken back on the way

    [[nodiscard]] char* data() { return reinterpret_cast<char*>(this + 1); }
};

// Four words, by value nowhere.
struct MessageWords {
    uint64_t word[abi::message_words] = {};
};

// A message in a port's queue. That of a call lies in the thread that waits for its answer, that of
// the kernel in the object that it tells of; what was sent, and notices of death, come from the
// heap.
struct Message {
    enum class Kind : uint8_t { Sent, Call, Notice, Kernel };

    ListNode node;
    uint64_t label = 0;
    uint64_t badge = 0;
    MessageWords words;
    Thread* caller = nullptr;  // Kind::Call
    LongMessage* long_part = nullptr;
    Port* port = nullptr;        // in whose queue it is
    uint64_t boosted_until = 0;  // who takes it serves input until then
    Kind kind = Kind::Sent;
};

// What a thread has been given and not yet seen: it copies it to its own memory itself.
struct Delivery {
    uint64_t label = 0;
    uint64_t badge = 0;
    MessageWords words;
    LongMessage* long_part = nullptr;
    bool wants_reply = false;
    bool pending = false;
};

// How much a thread that waits for a message has room for, beside the words.
struct MessageRoom {
    uint32_t size = 0;
    uint32_t rights = 0;

    [[nodiscard]] bool fits(const LongMessage* part) const {
        return part == nullptr || (part->size <= size && part->right_count <= rights);
    }
};

}  // namespace kernel
