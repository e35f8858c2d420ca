// SPDX-License-Identifier: Apache-2.0
// An intrusive ordered tree in which each node also knows the least value below it: a treap (Seidel
// and Aragon, "Randomized search trees", Algorithmica 16, 1996).
//
// Keys and values are points on a circle of 2^64, no two of them further apart than half of it, so
// that clocks may wrap. Equal keys stay in the order of their insertion. Every operation takes
// O(log n) steps, expected over ranks that come from a generator of the tree's own: the same
// operations give the same tree in every run.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace kernel {

constexpr bool is_before(uint64_t a, uint64_t b) {
    return static_cast<int64_t>(a - b) < 0;
}

struct TreeNode {
    TreeNode* parent = nullptr;
    TreeNode* left = nullptr;
    TreeNode* right = nullptr;
    uint64_t key = 0;
    uint64_t value = 0;
    uint64_t least = 0;  // of the values of this node and all below it
    uint32_t rank = 0;   // no child has a greater one
};

class OrderedTree final {
  public:
    [[nodiscard]] bool empty() const { return root_ == nullptr; }
    [[nodiscard]] size_t size() const { return size_; }

    // Precondition: the node is in no tree.
    void insert(TreeNode& node, uint64_t key, uint64_t value);
    // Precondition: the node is in this tree.
    void remove(TreeNode& node);

    // The least key.
    [[nodiscard]] TreeNode* first() const;
    // The next greater one.
    [[nodiscard]] static TreeNode* next(const TreeNode& node);
    // The least key among those whose value is not behind `limit`.
    [[nodiscard]] TreeNode* first_up_to(uint64_t limit) const;
    // Whether order, ranks and least values are as they should be. Slow.
    [[nodiscard]] bool check() const;

  private:
    static void refresh(TreeNode& node);
    void replace(const TreeNode& node, TreeNode* with);
    // Makes a node change places with its parent.
    void lift(TreeNode& node);

    TreeNode* root_ = nullptr;
    size_t size_ = 0;
    uint32_t generator_ = 0x9e37'79b9;
};

}  // namespace kernel
