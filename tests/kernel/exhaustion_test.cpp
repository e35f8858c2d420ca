// SPDX-License-Identifier: Apache-2.0
// Memory that runs out at each single allocation of each operation: the operation says so, nothing
// of it remains, and nothing is lost.
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "tests/kernel/address_space_bench.hpp"

namespace kernel {
namespace {

constexpr VirtualAddress base = 0x40'0000;

struct ExhaustionTest : AddressSpaceBench {
    // Runs `action` on a fresh space made by `prepare`, with the first allocation refused, then the
    // second, and so on until none is. Returns how many there were.
    template <class Action, class Check>
    uint64_t refuse_each(const std::function<void(AddressSpace&)>& prepare, Action action,
                         Check after_failure) {
        for (uint64_t refused = 1;; ++refused) {
            const uint64_t before = bench.free_count;
            AddressSpace fresh(bench.memory, 7, frame_limit);
            EXPECT_EQ(fresh.create(), Status::Ok);
            prepare(fresh);
            bench.strategy.refuse_from(refused);
            const Status status = action(fresh);
            const bool met = bench.strategy.has_refused();
            bench.strategy.refuse_from(0);
            EXPECT_EQ(status, met ? Status::NoMemory : Status::Ok) << "allocation " << refused;
            if (met) after_failure(fresh);
            EXPECT_EQ(bench.free_count + space.frames_owned() + fresh.frames_owned() +
                          bench.heap.frames_used(),
                      frame_count);
            fresh.destroy();
            while (!fillers.empty()) free_filler();
            EXPECT_EQ(bench.free_count, before) << "allocation " << refused;
            if (!met || testing::Test::HasFailure()) return refused - 1;
        }
    }
    static Status map_populated(AddressSpace& space, uint64_t size, uint32_t protection,
                                VirtualAddress at) {
        return space
            .map(MapRequest{
                .size = size, .protection = protection, .flags = abi::MapPopulate, .address = at})
            .status();
    }
    void free_filler() {
        bench.heap.free(fillers.back());
        fillers.pop_back();
    }
    std::vector<void*> fillers;  // of the heap
    static bool mapped(AddressSpace& space, VirtualAddress at) {
        char byte = 0;
        return space.read(&byte, at, 1) == Status::Ok;
    }
};

TEST_F(ExhaustionTest, Create) {
    bench.strategy.refuse_from(1);
    AddressSpace fresh(bench.memory, 7, frame_limit);
    EXPECT_EQ(fresh.create(), Status::NoMemory);
    fresh.destroy();
}

TEST_F(ExhaustionTest, MapAcrossTables) {
    // Region, 40 pages, and tables: three and one more behind the border.
    constexpr VirtualAddress at = 0x4000'0000 - 20 * page;
    const uint64_t allocations = refuse_each(
        [](AddressSpace&) {},
        [](AddressSpace& fresh) { return map_populated(fresh, 40 * page, read_execute, at); },
        [](AddressSpace& fresh) {
            for (unsigned i = 0; i < 40; ++i) EXPECT_FALSE(mapped(fresh, at + i * page));
            // The space is as good as new.
            EXPECT_TRUE(fresh.map(40 * page, read_write, at).ok());
        });
    EXPECT_GE(allocations, 1U + 40 + 5);
}

TEST_F(ExhaustionTest, MapAnywhere) {
    const uint64_t allocations = refuse_each(
        [](AddressSpace& fresh) { EXPECT_TRUE(fresh.map(page, read_write, base).ok()); },
        [](AddressSpace& fresh) { return map_populated(fresh, 5 * page, read_write, 0); },
        [](AddressSpace& fresh) { EXPECT_TRUE(mapped(fresh, base)); });
    EXPECT_GE(allocations, 5U);
}

TEST_F(ExhaustionTest, MapBorrowed) {
    const uint64_t allocations =
        refuse_each([](AddressSpace&) {},
                    [](AddressSpace& fresh) {
                        return fresh.map_borrowed(foreign, 30 * page, read_only).status();
                    },
                    [](AddressSpace& fresh) { EXPECT_FALSE(mapped(fresh, 0x1000'0000)); });
    EXPECT_EQ(allocations, 1U);
}

// Regions come from the heap: so full that the next split needs more memory, or the one after.
struct SplitExhaustionTest : ExhaustionTest {
    static constexpr VirtualAddress region = base + 0x100'0000;

    void fill_heap(AddressSpace& fresh, unsigned room) {
        EXPECT_EQ(map_populated(fresh, 6 * page, read_write, region), Status::Ok);
        const uint64_t before = bench.heap.frames_used();
        while (bench.heap.frames_used() == before) {
            fillers.push_back(bench.heap.allocate(sizeof(Region)).value());
        }
        for (unsigned i = 0; i <= room; ++i) free_filler();
        EXPECT_EQ(bench.heap.frames_used(), before);
    }
    static void expect_whole(AddressSpace& fresh) {
        for (unsigned i = 0; i < 6; ++i) EXPECT_TRUE(mapped(fresh, region + i * page));
        EXPECT_EQ(fresh.unmap(region + 2 * page, 2 * page), Status::Ok);
        EXPECT_FALSE(mapped(fresh, region + 2 * page));
        EXPECT_TRUE(mapped(fresh, region + 4 * page));
    }
};

TEST_F(SplitExhaustionTest, UnmapOfTheMiddle) {
    for (const unsigned room : {0U, 1U}) {
        const uint64_t allocations = refuse_each(
            [this, room](AddressSpace& fresh) { fill_heap(fresh, room); },
            [](AddressSpace& fresh) { return fresh.unmap(region + 2 * page, 2 * page); },
            expect_whole);
        EXPECT_EQ(allocations, 1U);
    }
}

TEST_F(SplitExhaustionTest, ProtectOfTheMiddle) {
    for (const unsigned room : {0U, 1U}) {
        const uint64_t allocations =
            refuse_each([this, room](AddressSpace& fresh) { fill_heap(fresh, room); },
                        [](AddressSpace& fresh) {
                            return fresh.protect(region + 2 * page, 2 * page, read_only);
                        },
                        [](AddressSpace& fresh) {
                            char byte = 1;
                            EXPECT_EQ(fresh.write(region + 2 * page, &byte, 1), Status::Ok);
                            expect_whole(fresh);
                        });
        EXPECT_EQ(allocations, 1U);
    }
}

TEST_F(ExhaustionTest, AllMemoryIsUsableAndComesBack) {
    AddressSpace rich(bench.memory, 7, frame_count);
    ASSERT_EQ(rich.create(), Status::Ok);
    uint64_t pages = 0;
    VirtualAddress at = base;
    while (rich.map(page, read_write, at).ok() && pages < AddressSpace::max_regions) {
        ++pages;
        at += page;
    }
    EXPECT_EQ(pages, AddressSpace::max_regions);
    EXPECT_EQ(rich.map(frame_count * page, read_write, 0).status(), Status::LimitReached);
    rich.destroy();
}

}  // namespace
}  // namespace kernel
