// SPDX-License-Identifier: Apache-2.0
// The ordered tree against a sorted list.
#include "kernel/schedule/policies/ordered_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace kernel {
namespace {

TEST(OrderedTree, AgreesWithASortedList) {
    std::mt19937 random(7);
    OrderedTree tree;
    std::vector<TreeNode> nodes(200);
    std::vector<TreeNode*> sorted;
    std::vector<TreeNode*> outside;
    for (TreeNode& node : nodes) outside.push_back(&node);
    const uint64_t base = UINT64_MAX - 50;  // keys wrap
    for (int step = 0; step < 20'000; ++step) {
        if (sorted.empty() || (!outside.empty() && random() % 2 == 0)) {
            TreeNode* node = outside.back();
            outside.pop_back();
            tree.insert(*node, base + random() % 100, base + random() % 100);
            const auto behind = [](const TreeNode* a, const TreeNode* b) {
                return is_before(a->key, b->key);
            };
            sorted.insert(std::upper_bound(sorted.begin(), sorted.end(), node, behind), node);
        } else {
            const size_t index = random() % sorted.size();
            tree.remove(*sorted[index]);
            outside.push_back(sorted[index]);
            sorted.erase(sorted.begin() + static_cast<std::ptrdiff_t>(index));
        }
        ASSERT_EQ(tree.size(), sorted.size());
        const uint64_t limit = base + random() % 100;
        const auto found = std::find_if(sorted.begin(), sorted.end(), [&](const TreeNode* node) {
            return !is_before(limit, node->value);
        });
        ASSERT_EQ(tree.first_up_to(limit), found == sorted.end() ? nullptr : *found);
        if (step % 100 != 0) continue;
        ASSERT_TRUE(tree.check());
        const TreeNode* node = tree.first();
        for (const TreeNode* expected : sorted) {
            ASSERT_EQ(node, expected);
            node = OrderedTree::next(*node);
        }
        ASSERT_EQ(node, nullptr);
    }
}

TEST(OrderedTree, StaysShallow) {
    OrderedTree tree;
    std::vector<TreeNode> nodes(4096);
    for (size_t i = 0; i < nodes.size(); ++i) tree.insert(nodes[i], i, 0);
    size_t deepest = 0;
    for (const TreeNode& node : nodes) {
        size_t depth = 0;
        for (const TreeNode* at = &node; at != nullptr; at = at->parent) ++depth;
        deepest = std::max(deepest, depth);
    }
    EXPECT_LE(deepest, 48U);  // four times the least possible
}

}  // namespace
}  // namespace kernel
