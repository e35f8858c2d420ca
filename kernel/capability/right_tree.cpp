// SPDX-License-Identifier: Apache-2.0
// The tree of derivation.
#include "kernel/capability/right_tree.hpp"

namespace kernel {

Status RightTree::check_derivation(const Right& parent) {
    if ((parent.mask & abi::RightDuplicate) == 0) return Status::PermissionDenied;
    unsigned depth = 1;
    for (const Right* at = &parent; at != nullptr; at = at->parent) {
        if (at->revoking) return Status::Busy;
        if (++depth > deepest) return Status::LimitReached;
    }
    return Status::Ok;
}

void RightTree::derive(Right& parent, Right& child, uint32_t mask, uint64_t expires_at) {
    if (child.type == ObjectType::None) {
        child.object = parent.object;
        child.type = parent.type;
    }
    child.mask = mask & parent.mask;
    child.badge = parent.badge;
    child.expires_at = expires_at < parent.expires_at ? expires_at : parent.expires_at;
    link(parent, child);
}

void RightTree::link(Right& parent, Right& child) {
    child.parent = &parent;
    child.previous_sibling = nullptr;
    child.next_sibling = parent.first_child;
    if (parent.first_child != nullptr) parent.first_child->previous_sibling = &child;
    parent.first_child = &child;
}

void RightTree::unlink(Right& right) {
    if (right.previous_sibling != nullptr) {
        right.previous_sibling->next_sibling = right.next_sibling;
    } else if (right.parent != nullptr) {
        right.parent->first_child = right.next_sibling;
    }
    if (right.next_sibling != nullptr)
        right.next_sibling->previous_sibling = right.previous_sibling;
    right.parent = right.previous_sibling = right.next_sibling = nullptr;
}

void RightTree::replace_by_only_child(Right& right) {
    Right& child = *right.first_child;
    child.parent = right.parent;
    child.previous_sibling = right.previous_sibling;
    child.next_sibling = right.next_sibling;
    if (child.previous_sibling != nullptr) {
        child.previous_sibling->next_sibling = &child;
    } else if (child.parent != nullptr) {
        child.parent->first_child = &child;
    }
    if (child.next_sibling != nullptr) child.next_sibling->previous_sibling = &child;
    right.parent = right.first_child = right.previous_sibling = right.next_sibling = nullptr;
}

RightTree::Removed RightTree::remove(Right& right) {
    Removed removed;
    if (right.first_child != nullptr) {
        if (right.first_child->next_sibling != nullptr) {
            right.place = RightPlace::Closed;
            return removed;
        }
        replace_by_only_child(right);
        removed.nodes[0] = &right;
        return removed;
    }
    Right* parent = right.parent;
    unlink(right);
    removed.nodes[0] = &right;
    if (parent != nullptr && parent->place == RightPlace::Closed &&
        parent->first_child->next_sibling == nullptr) {
        replace_by_only_child(*parent);
        removed.nodes[1] = parent;
    }
    return removed;
}

Right* RightTree::leaf_below(Right& right) {
    Right* at = right.first_child;
    while (at != nullptr && at->first_child != nullptr) at = at->first_child;
    return at;
}

}  // namespace kernel
