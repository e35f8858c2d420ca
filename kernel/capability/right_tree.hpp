// SPDX-License-Identifier: Apache-2.0
// The tree of derivation: who got a right from whom, so that it can be taken back.
//
// A right that is closed leaves its place to its only child; with several children it stays as a
// closed node that nobody can name, until one child is left. So closed nodes are always fewer than
// rights, and each operation touches a bounded number of nodes: a chain of derivations is at most
// `deepest` long.
//
// Invariants: siblings and parents refer to each other; a closed node has at least two children; a
// child allows no more and expires no later than the right it was derived from; nothing is derived
// below a right that is being revoked.
#pragma once

#include "kernel/base/result.hpp"
#include "kernel/capability/right.hpp"

namespace kernel {

class RightTree final {
  public:
    static constexpr unsigned deepest = 128;  // rights from a root to a leaf

    // Nodes that are in no tree any more: the one that was removed, and its closed parent.
    struct Removed {
        Right* nodes[2] = {};
    };

    // Whether a right may be derived from this one now: PermissionDenied without Duplicate, Busy
    // while it or one above it is being revoked, LimitReached at the end of the longest chain.
    [[nodiscard]] static Status check_derivation(const Right& parent);
    // Makes `child`, which is new, a right to the same object, or to the part of it that `child`
    // names already. Precondition: check_derivation().
    static void derive(Right& parent, Right& child, uint32_t mask, uint64_t expires_at);
    // Takes a right out of the tree. Precondition: it has left its table or message.
    [[nodiscard]] static Removed remove(Right& right);
    // A right without children below this one, or null: what revocation takes next.
    [[nodiscard]] static Right* leaf_below(Right& right);

  private:
    static void link(Right& parent, Right& child);
    static void unlink(Right& right);
    static void replace_by_only_child(Right& right);
};

}  // namespace kernel
