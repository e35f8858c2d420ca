// SPDX-License-Identifier: Apache-2.0
// Right: one node of the tree of derivation. It says which object its holder may use and how, from
// which right it was derived, and where it is: under a name of a task's table, or in a message.
//
// Nodes do not move: a right that is sent or given away keeps its place in the tree.
#pragma once

#include "kernel/abi/right.hpp"
#include "kernel/memory/kernel_heap.hpp"

namespace kernel {

using abi::ObjectType;

class RightTable;
struct DeadNameWatch;

enum class RightPlace : uint8_t {
    Nowhere,  // new
    Table,
    Message,
    Closed,  // nobody has it any more, but several rights come from it
};

// Invariant: guarded by the Objects lock.
struct Right {
    static constexpr HeapType heap_type = HeapType::Right;
    static constexpr uint64_t never = UINT64_MAX;

    // One of its references is the right's; null for System; a number for what ends by itself, as
    // tasks do (named_objects.hpp, Reply).
    void* object = nullptr;
    ObjectType type = ObjectType::None;
    uint32_t mask = 0;            // abi::RightMask
    uint64_t badge = 0;           // of a port: told to the receiver with each message
    uint64_t expires_at = never;  // ticks
    Right* parent = nullptr;
    Right* first_child = nullptr;
    Right* next_sibling = nullptr;
    Right* previous_sibling = nullptr;
    union {
        RightTable* table = nullptr;  // in a table
        Right** slot;                 // in a message: what refers to it there
    };
    uint32_t name = 0;  // in a table
    RightPlace place = RightPlace::Nowhere;
    bool revoking = false;           // all below it is being taken back
    uint32_t holding = 0;            // of memory in a table: the address space's own number for it
    DeadNameWatch* watch = nullptr;  // who is told when its port dies

    // The time is looked at only where it counts: `now` may be something that converts to it.
    template <class Time>
    [[nodiscard]] bool has_expired(const Time& now) const {
        return expires_at != never && static_cast<uint64_t>(now) >= expires_at;
    }
};
static_assert(sizeof(Right) <= 96);

}  // namespace kernel
