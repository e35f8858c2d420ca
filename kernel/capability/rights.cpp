// SPDX-License-Identifier: Apache-2.0
// What is done with rights.
#include "kernel/capability/rights.hpp"

namespace kernel {
namespace {

void leave_place(Right& right) {
    if (right.place == RightPlace::Table) {
        right.table->remove(right);
    } else if (right.place == RightPlace::Message) {
        *right.slot = nullptr;
        right.slot = nullptr;
        right.place = RightPlace::Nowhere;
    }
}

}  // namespace

DroppedRight drop_right(Right& right) {
    DroppedRight dropped;
    dropped.object = right.object;
    dropped.type = right.type;
    dropped.mask = right.mask;
    dropped.badge = right.badge;
    dropped.holding = right.holding;
    dropped.watch = right.watch;
    right.watch = nullptr;
    if (right.place == RightPlace::Table) dropped.table = right.table;
    leave_place(right);
    right.object = nullptr;
    dropped.removed = RightTree::remove(right);
    return dropped;
}

void put_in_message(Right& right, Right*& slot) {
    slot = &right;
    right.slot = &slot;
    right.place = RightPlace::Message;
}

void move_to_message(Right& right, Right*& slot) {
    leave_place(right);
    put_in_message(right, slot);
}

uint32_t move_to_table(Right*& slot, RightTable& table) {
    Right& right = *slot;
    leave_place(right);
    return table.add(right);
}

Status begin_revocation(Right& right) {
    if ((right.mask & abi::RightRevoke) == 0) return Status::PermissionDenied;
    if (right.revoking) return Status::Busy;
    right.revoking = true;
    return Status::Ok;
}

bool revoke_step(Right& right, DroppedRight& dropped) {
    Right* leaf = RightTree::leaf_below(right);
    if (leaf == nullptr) return false;
    dropped = drop_right(*leaf);
    return true;
}

}  // namespace kernel
