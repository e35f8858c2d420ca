// SPDX-License-Identifier: Apache-2.0
// What is done with rights, over tables, messages and the tree: pure steps of bounded length that
// know no object and allocate nothing. All are locked: the caller holds the Objects lock.
#pragma once

#include "kernel/capability/right_table.hpp"
#include "kernel/capability/right_tree.hpp"

namespace kernel {

// What is left of a right that is gone: its reference to the object, for whoever counts rights to
// it and then releases it, and nodes to be freed.
struct DroppedRight {
    void* object = nullptr;
    ObjectType type = ObjectType::None;
    uint32_t mask = 0;
    uint64_t badge = 0;
    uint32_t holding = 0;
    DeadNameWatch* watch = nullptr;
    RightTable* table = nullptr;  // it lay in, or null
    RightTree::Removed removed;
};

// The right of that name, if it has not expired. NotFound.
template <class Time>
[[nodiscard]] Result<Right*> find_right(const RightTable& table, uint64_t name, const Time& now) {
    Right* right = table.find(name);
    if (right == nullptr || right->has_expired(now)) return Status::NotFound;
    return right;
}

// The same, if it is of that type and allows all of `mask`. InvalidArgument, PermissionDenied.
template <class Time>
[[nodiscard]] Result<Right*> find_right(const RightTable& table, uint64_t name, ObjectType type,
                                        uint32_t mask, const Time& now) {
    Right* right = TRY(find_right(table, name, now));
    if (right->type != type) return Status::InvalidArgument;
    if ((right->mask & mask) != mask) return Status::PermissionDenied;
    return right;
}

// The right is in no table and no message, and not in the tree.
[[nodiscard]] DroppedRight drop_right(Right& right);

// From a table into a message, where `slot` refers to it, and back. A right that is taken away
// while it is in a message leaves a null pointer there.
void move_to_message(Right& right, Right*& slot);
// Precondition: the table is not full. Its new name.
uint32_t move_to_table(Right*& slot, RightTable& table);
// A new right, right into a message.
void put_in_message(Right& right, Right*& slot);

// Takes back all rights derived from this one: after begin_revocation(), revoke_step() as often as
// it says true, with the lock given up between; then end_revocation(). PermissionDenied without
// Revoke, Busy when that is on already.
[[nodiscard]] Status begin_revocation(Right& right);
[[nodiscard]] bool revoke_step(Right& right, DroppedRight& dropped);
inline void end_revocation(Right& right) {
    right.revoking = false;
}

}  // namespace kernel
