// SPDX-License-Identifier: Apache-2.0
// The ordered tree with least values.
#include "kernel/schedule/policies/ordered_tree.hpp"

namespace kernel {

void OrderedTree::refresh(TreeNode& node) {
    node.least = node.value;
    if (node.left != nullptr && is_before(node.left->least, node.least)) {
        node.least = node.left->least;
    }
    if (node.right != nullptr && is_before(node.right->least, node.least)) {
        node.least = node.right->least;
    }
}

// Puts `with` where `node` hangs.
void OrderedTree::replace(const TreeNode& node, TreeNode* with) {
    TreeNode* const parent = node.parent;
    if (parent == nullptr) {
        root_ = with;
    } else if (parent->left == &node) {
        parent->left = with;
    } else {
        parent->right = with;
    }
    if (with != nullptr) with->parent = parent;
}

// By itself: the host's code of its callers has no register to spare for it.
[[gnu::noinline]] void OrderedTree::lift(TreeNode& node) {
    TreeNode& above = *node.parent;
    const bool from_left = above.left == &node;
    TreeNode* const between = from_left ? node.right : node.left;
    replace(above, &node);
    (from_left ? above.left : above.right) = between;
    if (between != nullptr) between->parent = &above;
    (from_left ? node.right : node.left) = &above;
    above.parent = &node;
    refresh(above);
    refresh(node);
}

void OrderedTree::insert(TreeNode& node, uint64_t key, uint64_t value) {
    // xorshift32 (Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8, 2003).
    generator_ ^= generator_ << 13;
    generator_ ^= generator_ >> 17;
    generator_ ^= generator_ << 5;
    node.key = key;
    node.value = node.least = value;
    node.rank = generator_;
    node.left = node.right = node.parent = nullptr;

    TreeNode** place = &root_;
    while (*place != nullptr) {
        TreeNode& above = **place;
        node.parent = &above;
        if (is_before(value, above.least)) above.least = value;
        place = is_before(key, above.key) ? &above.left : &above.right;
    }
    *place = &node;
    ++size_;
    while (node.parent != nullptr && node.parent->rank < node.rank) lift(node);
}

void OrderedTree::remove(TreeNode& node) {
    while (node.left != nullptr && node.right != nullptr) {
        lift(node.left->rank > node.right->rank ? *node.left : *node.right);
    }
    replace(node, node.left != nullptr ? node.left : node.right);
    for (TreeNode* above = node.parent; above != nullptr; above = above->parent) refresh(*above);
    node.parent = node.left = node.right = nullptr;
    --size_;
}

TreeNode* OrderedTree::first() const {
    TreeNode* node = root_;
    while (node != nullptr && node->left != nullptr) node = node->left;
    return node;
}

TreeNode* OrderedTree::next(const TreeNode& node) {
    if (node.right != nullptr) {
        TreeNode* below = node.right;
        while (below->left != nullptr) below = below->left;
        return below;
    }
    const TreeNode* at = &node;
    while (at->parent != nullptr && at->parent->right == at) at = at->parent;
    return at->parent;
}

TreeNode* OrderedTree::first_up_to(uint64_t limit) const {
    TreeNode* node = root_;
    if (node == nullptr || is_before(limit, node->least)) return nullptr;
    // Invariant: somewhere from here down there is one.
    for (;;) {
        if (node->left != nullptr && !is_before(limit, node->left->least)) {
            node = node->left;
        } else if (!is_before(limit, node->value)) {
            return node;
        } else {
            node = node->right;
        }
    }
}

bool OrderedTree::check() const {
    size_t count = 0;
    const TreeNode* before = nullptr;
    for (const TreeNode* node = first(); node != nullptr; node = next(*node)) {
        ++count;
        if (before != nullptr && is_before(node->key, before->key)) return false;
        TreeNode copy = *node;
        refresh(copy);
        if (copy.least != node->least) return false;
        if (node->parent != nullptr && node->parent->rank < node->rank) return false;
        before = node;
    }
    return count == size_;
}

}  // namespace kernel
