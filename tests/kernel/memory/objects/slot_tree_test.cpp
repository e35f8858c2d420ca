// SPDX-License-Identifier: Apache-2.0
// The tree of a memory object's slots agrees with a map, and gives back every node.
#include "kernel/memory/objects/slot_tree.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/kernel/frames_bench.hpp"

namespace kernel {
namespace {

constexpr PhysicalAddress frame = 0x4020'0000;

TEST(Slot, TellsItsThreeStates) {
    EXPECT_TRUE(Slot().is_empty());
    const Slot present = Slot::present(0xffff'ffff'f000);
    EXPECT_TRUE(present.is_present() && !present.is_swapped() && !present.is_empty());
    EXPECT_EQ(present.frame(), 0xffff'ffff'f000U);
    constexpr uint64_t entry = (uint64_t{1} << 62) - 1;
    const Slot swapped = Slot::swapped(entry);
    EXPECT_TRUE(swapped.is_swapped() && !swapped.is_present() && !swapped.is_empty());
    EXPECT_EQ(swapped.swap_entry(), entry);
    EXPECT_TRUE(Slot::swapped(0).is_swapped() && !Slot::swapped(0).is_empty());
}

struct SlotTreeTest : testing::Test {
    FramesBench bench{512};
};

TEST_F(SlotTreeTest, ASinglePageNeedsNoNode) {
    SlotTree tree(bench.heap, 1);
    *tree.make(0).value() = Slot::present(frame);
    EXPECT_EQ(tree.get(0).frame(), frame);
    EXPECT_EQ(tree.node_count(), 0U);
    tree.clear(0);
    EXPECT_TRUE(tree.get(0).is_empty());
}

TEST_F(SlotTreeTest, NodesComeAndGoWithTheirSlots) {
    for (const uint64_t pages : {2U, 64U, 65U, 4096U, 4097U, 1U << 24}) {
        SlotTree tree(bench.heap, pages);
        EXPECT_EQ(tree.find(pages - 1), nullptr);
        *tree.make(pages - 1).value() = Slot::present(frame);
        *tree.make(0).value() = Slot::swapped(3);
        EXPECT_EQ(tree.get(pages - 1).frame(), frame);
        EXPECT_EQ(tree.get(0).swap_entry(), 3U);
        uint64_t index = 1;
        EXPECT_EQ(tree.next(index, pages), tree.find(pages - 1));
        EXPECT_EQ(index, pages - 1);
        tree.clear(0);
        tree.clear(pages - 1);
        EXPECT_EQ(tree.node_count(), 0U) << pages;
    }
    EXPECT_EQ(bench.heap.frames_used(), 0U);
}

TEST_F(SlotTreeTest, AgreesWithAMapOverRandomUse) {
    std::mt19937_64 random(11);
    for (const uint64_t pages : {1U, 60U, 64U, 700U, 5000U}) {
        SlotTree tree(bench.heap, pages);
        std::map<uint64_t, uint64_t> model;
        for (unsigned step = 0; step < 20'000; ++step) {
            const uint64_t index = random() % pages;
            if (random() % 5 < 2) {
                *tree.make(index).value() = Slot::present(frame + step * hal::page_size);
                model[index] = frame + step * hal::page_size;
            } else if (random() % 3 != 0) {
                tree.clear(index);
                model.erase(index);
            } else {
                const uint64_t end = index + 1 + random() % (pages - index);
                uint64_t at = index;
                const Slot* slot = tree.next(at, end);
                const auto expected = model.lower_bound(index);
                const bool there = expected != model.end() && expected->first < end;
                ASSERT_EQ(slot != nullptr, there);
                ASSERT_EQ(at, there ? expected->first : end);
                if (there) {
                    ASSERT_EQ(slot->frame(), expected->second);
                }
            }
            const auto known = model.find(index);
            ASSERT_EQ(tree.get(index).is_empty(), known == model.end());
        }
        for (const auto& [index, address] : model) tree.clear(index);
        ASSERT_EQ(tree.node_count(), 0U);
    }
    EXPECT_EQ(bench.heap.frames_used(), 0U);
}

TEST_F(SlotTreeTest, LosesNothingWhenANodeCannotBeHad) {
    for (uint64_t refused = 1;; ++refused) {
        bool met = false;
        {
            // Fills the slabs that there are, so that each node needs a frame.
            SlotTree tree(bench.heap, 1U << 24);
            bench.strategy.refuse_from(refused);
            uint64_t made = 0;
            for (; made < 64; ++made) {
                const Result<Slot*> slot = tree.make(made << 18);
                if (!slot.ok()) {
                    EXPECT_EQ(slot.status(), Status::NoMemory);
                    break;
                }
                *slot.value() = Slot::present(frame);
            }
            met = bench.strategy.has_refused();
            bench.strategy.refuse_from(0);
            EXPECT_EQ(met, made < 64);
            for (uint64_t i = 0; i < made; ++i) tree.clear(i << 18);
        }
        ASSERT_EQ(bench.heap.frames_used(), 0U) << refused;
        if (!met) break;
    }
}

}  // namespace
}  // namespace kernel
