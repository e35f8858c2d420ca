// SPDX-License-Identifier: Apache-2.0
// Frames that a task holds in slots: what is refused, what is charged, what comes back, also where
// memory runs out at each single allocation.
#include "kernel/memory/held_frames.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "kernel/memory/frames/frame_buddy.hpp"
#include "tests/kernel/address_space_bench.hpp"

namespace kernel {
namespace {

struct HeldFramesTest : AddressSpaceBench {
    void TearDown() override {
        held.release();
        AddressSpaceBench::TearDown();
    }
    Status allocate(uint64_t slot, unsigned order = 0) {
        FrameBudget budget(space);
        return held.allocate(slot, order, Mobility::Movable, {}, budget).status;
    }
    Status free(uint64_t slot, unsigned order = 0) {
        FrameBudget budget(space);
        return held.free(slot, order, budget).status;
    }

    HeldFrames held{bench.frames, space, asid - 1};
};

TEST_F(HeldFramesTest, AllocatesChargesAndFrees) {
    const uint64_t before = space.frames_owned();
    EXPECT_EQ(allocate(3), Status::Ok);
    EXPECT_EQ(space.frames_owned(), before + 3);  // root, leaf, block
    EXPECT_EQ(allocate(4), Status::Ok);
    EXPECT_EQ(allocate(HeldFrames::slots - 1), Status::Ok);
    EXPECT_EQ(space.frames_owned(), before + 6);
    expect_balance();
    EXPECT_EQ(free(3), Status::Ok);
    EXPECT_EQ(free(HeldFrames::slots - 1), Status::Ok);
    EXPECT_EQ(space.frames_owned(), before + 4);
    expect_balance();
}

TEST_F(HeldFramesTest, RefusesWhatMakesNoSense) {
    EXPECT_EQ(free(0), Status::NotFound);
    EXPECT_EQ(allocate(HeldFrames::slots), Status::InvalidArgument);
    EXPECT_EQ(allocate(~uint64_t{0}), Status::InvalidArgument);
    EXPECT_EQ(free(HeldFrames::slots), Status::InvalidArgument);
    EXPECT_EQ(allocate(1, max_order + 1), Status::InvalidArgument);
    EXPECT_EQ(allocate(1, 3), Status::Unsupported);  // the freelist has single frames only
    EXPECT_EQ(allocate(1), Status::Ok);
    EXPECT_EQ(allocate(1), Status::Busy);
    EXPECT_EQ(free(1, 2), Status::InvalidArgument);
    EXPECT_EQ(free(1, max_order + 1), Status::InvalidArgument);
    EXPECT_EQ(free(1), Status::Ok);
    EXPECT_EQ(free(1), Status::NotFound);
    expect_balance();
}

TEST_F(HeldFramesTest, TheLimitHoldsWithABudgetAndWithout) {
    uint64_t slot = 0;
    while (allocate(slot) == Status::Ok) ++slot;
    EXPECT_EQ(allocate(slot), Status::LimitReached);
    EXPECT_EQ(space.frames_owned(), frame_limit);
    expect_balance();
    {
        // More than there is cannot be reserved, but what is freed can be used again at once.
        FrameBudget budget(space);
        budget.reserve(4);
        EXPECT_EQ(held.free(0, 0, budget).status, Status::Ok);
        EXPECT_EQ(held.allocate(0, 0, Mobility::Unmovable, {}, budget).status, Status::Ok);
        EXPECT_EQ(held.allocate(slot, 0, Mobility::Movable, {}, budget).status,
                  Status::LimitReached);
    }
    EXPECT_EQ(space.map(page, read_write, 0).status(), Status::LimitReached);
    EXPECT_EQ(space.frames_owned(), frame_limit);
    expect_balance();
}

TEST_F(HeldFramesTest, ReleasesEverything) {
    for (uint64_t slot = 0; slot < 100; ++slot) EXPECT_EQ(allocate(slot * 2000), Status::Ok);
    held.release();
    EXPECT_EQ(allocate(5), Status::Ok);  // and is as good as new
    expect_balance();
}

TEST_F(HeldFramesTest, MemoryThatRunsOutAtEachAllocationLosesNothing) {
    for (uint64_t refused = 1; refused <= 4; ++refused) {
        const uint64_t before = space.frames_owned();
        bench.strategy.refuse_from(refused);
        const Status status = allocate(7);
        bench.strategy.refuse_from(0);
        EXPECT_EQ(status, refused <= 3 ? Status::NoMemory : Status::Ok) << refused;
        expect_balance();
        // Only tables may have been added, once.
        EXPECT_LE(space.frames_owned(), before + (refused <= 3 ? 2 : 3));
        held.release();
    }
}

TEST_F(HeldFramesTest, OrderedBlocksOfTheBuddyComeBackWhole) {
    // A strategy with orders, over other memory, for a task of its own.
    const FrameRange range{FramesBench::begin + frame_count * page,
                           FramesBench::begin + 2 * frame_count * page};
    FrameMap map;
    ASSERT_EQ(map.initialise(&range, 1), Status::Ok);
    std::vector<uint64_t> metadata(FrameBuddy::metadata_size(map) / sizeof(uint64_t) + 1);
    FrameBuddy buddy;
    ASSERT_EQ(buddy.initialise(map, metadata.data()), Status::Ok);
    FrameAccounts accounts(map);
    Frames frames;
    frames.initialise(buddy, accounts.records, accounts.counts);
    Memory memory(frames, bench.events);
    SimpleHeap heap(frames);
    memory.use_heap(heap);
    AddressSpace own(memory, 6, frame_limit);
    HeldFrames blocks(frames, own, 5);
    {
        FrameBudget budget(own);
        for (unsigned order = 0; order <= 8; ++order) {
            EXPECT_EQ(blocks.allocate(order, order, Mobility::Movable, {}, budget).status,
                      Status::Ok);
        }
        EXPECT_EQ(blocks.free(4, 5, budget).status, Status::InvalidArgument);
        EXPECT_EQ(blocks.free(4, 4, budget).status, Status::Ok);
    }
    EXPECT_EQ(own.frames_owned(), 2 + 511 - 16U);
    EXPECT_EQ(frames.frames_of(FrameOwner::Held), own.frames_owned());
    blocks.release();
    EXPECT_EQ(own.frames_owned(), 0U);
    EXPECT_EQ(frames.free_frames(), frame_count);
    EXPECT_TRUE(buddy.consistent());
}

}  // namespace
}  // namespace kernel
