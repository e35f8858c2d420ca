// SPDX-License-Identifier: Apache-2.0
// Names, derivation, revocation and expiry of rights.
#include "kernel/capability/rights.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/kernel/capability/right_rig.hpp"

namespace kernel {
namespace {

struct RightsTest : testing::Test, RightRig {
    RightTable table;
    RightTable other;
};

TEST_F(RightsTest, TheFirstNamesAreKnownBeforehand) {
    for (uint32_t i = 0; i < 100; ++i) EXPECT_EQ(add(table, *make()), abi::first_name(i));
}

TEST_F(RightsTest, ANameThatWasGivenUpIsNotFoundAgain) {
    Right* first = make();
    const uint32_t stale = add(table, *first);
    EXPECT_EQ(table.find(stale), first);
    drop(*first);
    EXPECT_EQ(table.find(stale), nullptr);
    Right* second = make();
    const uint32_t fresh = add(table, *second);
    EXPECT_EQ(fresh & 0xffff, stale & 0xffff);  // the same entry
    EXPECT_NE(fresh, stale);
    EXPECT_EQ(table.find(stale), nullptr);
    EXPECT_EQ(table.find(fresh), second);
}

TEST_F(RightsTest, ForgedNamesAreNotFound) {
    const uint32_t name = add(table, *make());
    const uint64_t forged[] = {0,
                               name + 1,
                               name & 0xffff,
                               name ^ 1U << 16,
                               name ^ 1U << 31,
                               uint64_t{1} << 32 | name,
                               UINT32_MAX,
                               UINT64_MAX,
                               name | 0x7fff};
    for (const uint64_t one : forged) EXPECT_EQ(table.find(one), nullptr) << one;
}

TEST_F(RightsTest, GenerationsNeverBecomeZero) {
    uint32_t name = 0;
    for (uint32_t i = 0; i < 70'000; ++i) {
        Right* right = make();
        name = add(table, *right);
        ASSERT_NE(name >> 16, 0U);
        drop(*right);
        ASSERT_EQ(table.find(name), nullptr);
    }
}

TEST_F(RightsTest, ATableGrowsToItsCapacityAndGivesItsChunksBack) {
    std::vector<Right*> rights;
    while (!table.is_full() || table.can_grow()) {
        rights.push_back(make());
        const uint32_t name = add(table, *rights.back());
        ASSERT_EQ(table.find(name), rights.back());
    }
    EXPECT_EQ(table.size(), RightTable::capacity);
    uint32_t position = 0;
    for (uint32_t left = RightTable::capacity; left > 0; --left) {
        ASSERT_EQ(table.size(), left);
        Right* right = table.next(position, UINT32_MAX);
        ASSERT_NE(right, nullptr);
        drop(*right);
    }
    EXPECT_EQ(table.next(position, UINT32_MAX), nullptr);
    for (uint32_t i = 0; i < RightTable::max_chunks; ++i) EXPECT_NE(table.take_chunk(), nullptr);
    EXPECT_EQ(table.take_chunk(), nullptr);
    EXPECT_TRUE(nodes.empty());
}

TEST_F(RightsTest, FindingChecksTypeMaskAndTime) {
    Right* right = make(abi::RightSend, 1000);
    const uint32_t name = add(table, *right);
    EXPECT_EQ(find_right(table, name, ObjectType::Port, abi::RightSend, 999).value(), right);
    EXPECT_EQ(find_right(table, name, ObjectType::Port, abi::RightReceive, 999).status(),
              Status::PermissionDenied);
    EXPECT_EQ(find_right(table, name, ObjectType::Memory, 0, 999).status(),
              Status::InvalidArgument);
    EXPECT_EQ(find_right(table, name, ObjectType::Port, abi::RightSend, 1000).status(),
              Status::NotFound);
    EXPECT_EQ(find_right(table, name + 1, 0).status(), Status::NotFound);
}

TEST_F(RightsTest, ADerivedRightAllowsNoMoreAndLastsNoLonger) {
    Right* parent = make(abi::RightSend | abi::RightDuplicate, 50);
    add(table, *parent);
    ASSERT_EQ(RightTree::check_derivation(*parent), Status::Ok);
    Right* child = derive(*parent, abi::RightSend | abi::RightReceive, 70);
    EXPECT_EQ(child->mask, abi::RightSend);
    EXPECT_EQ(child->expires_at, 50U);
    add(other, *child);
    EXPECT_EQ(RightTree::check_derivation(*child), Status::PermissionDenied);
    EXPECT_EQ(derive(*parent, 0, 20)->expires_at, 20U);
}

TEST_F(RightsTest, RevocationTakesAllDescendantsAndNothingElse) {
    Right* root = make();
    Right* sibling = make();
    add(table, *root);
    add(table, *sibling);
    Right* child = derive(*root);
    Right* grandchild = derive(*child);
    Right* second = derive(*root);
    const uint32_t names[] = {add(other, *child), add(table, *grandchild), add(other, *second)};
    add(other, *derive(*sibling));
    ASSERT_EQ(begin_revocation(*root), Status::Ok);
    EXPECT_EQ(begin_revocation(*root), Status::Busy);
    EXPECT_EQ(RightTree::check_derivation(*grandchild), Status::Busy);
    DroppedRight dropped;
    unsigned steps = 0;
    for (; revoke_step(*root, dropped); ++steps) {
        EXPECT_EQ(dropped.object, static_cast<RightRig*>(this));
        release(dropped);
    }
    end_revocation(*root);
    EXPECT_EQ(steps, 3U);
    EXPECT_EQ(other.find(names[0]), nullptr);
    EXPECT_EQ(table.find(names[1]), nullptr);
    EXPECT_EQ(other.find(names[2]), nullptr);
    EXPECT_EQ(nodes.size(), 3U);
    EXPECT_EQ(RightTree::check_derivation(*root), Status::Ok);
}

TEST_F(RightsTest, RevocationWantsItsOwnRight) {
    Right* root = make(~uint32_t{abi::RightRevoke});
    EXPECT_EQ(begin_revocation(*root), Status::PermissionDenied);
}

TEST_F(RightsTest, ARightInAMessageVanishesThere) {
    Right* root = make();
    add(table, *root);
    Right* child = derive(*root);
    add(table, *child);
    Right* slots[2] = {};
    move_to_message(*child, slots[1]);
    EXPECT_EQ(table.size(), 1U);
    ASSERT_EQ(slots[1], child);
    ASSERT_EQ(begin_revocation(*root), Status::Ok);
    DroppedRight dropped;
    ASSERT_TRUE(revoke_step(*root, dropped));
    release(dropped);
    EXPECT_EQ(slots[1], nullptr);
    EXPECT_FALSE(revoke_step(*root, dropped));
}

TEST_F(RightsTest, AMovedRightKeepsItsPlaceInTheTree) {
    Right* root = make();
    add(table, *root);
    Right* child = derive(*root);
    const uint32_t before = add(table, *child);
    Right* slot = nullptr;
    move_to_message(*child, slot);
    const uint32_t after = move_to_table(slot, other);
    EXPECT_EQ(slot, nullptr);
    EXPECT_EQ(table.find(before), nullptr);
    EXPECT_EQ(other.find(after), child);
    EXPECT_EQ(child->parent, root);
}

TEST_F(RightsTest, TheChildrenOfAClosedRightCanStillBeRevoked) {
    Right* root = make();
    add(table, *root);
    Right* middle = derive(*root);
    add(table, *middle);
    Right* leaves[3];
    for (Right*& leaf : leaves) add(other, *(leaf = derive(*middle)));
    drop(*middle);
    EXPECT_EQ(nodes.size(), 5U);  // the closed one stays for its children
    drop(*leaves[0]);
    EXPECT_EQ(nodes.size(), 4U);
    drop(*leaves[1]);
    EXPECT_EQ(nodes.size(), 2U);  // and goes with the last but one
    EXPECT_EQ(leaves[2]->parent, root);
    ASSERT_EQ(begin_revocation(*root), Status::Ok);
    DroppedRight dropped;
    ASSERT_TRUE(revoke_step(*root, dropped));
    release(dropped);
    EXPECT_FALSE(revoke_step(*root, dropped));
    EXPECT_EQ(nodes.size(), 1U);
}

TEST_F(RightsTest, ClosingWhileCopyingLeavesNoChainBehind) {
    Right* at = make();
    add(table, *at);
    for (unsigned i = 0; i < 1000; ++i) {
        ASSERT_EQ(RightTree::check_derivation(*at), Status::Ok);
        Right* next = derive(*at);
        add(table, *next);
        drop(*at);
        at = next;
    }
    EXPECT_EQ(nodes.size(), 1U);
}

TEST_F(RightsTest, AChainOfDerivationsHasAnEnd) {
    Right* at = make();
    unsigned length = 1;
    for (; RightTree::check_derivation(*at) == Status::Ok; ++length) at = derive(*at);
    EXPECT_EQ(length, RightTree::deepest);
    EXPECT_EQ(RightTree::check_derivation(*at), Status::LimitReached);
    EXPECT_EQ(RightTree::check_derivation(*at->parent), Status::Ok);
}

}  // namespace
}  // namespace kernel
