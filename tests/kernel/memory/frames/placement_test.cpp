// SPDX-License-Identifier: Apache-2.0
// Where strategies place blocks: what each of them promises beyond the contract.
#include <algorithm>

#include "kernel/memory/frames/frame_bitset.hpp"
#include "kernel/memory/frames/frame_buddy.hpp"
#include "kernel/memory/frames/frame_hybrid.hpp"
#include "kernel/memory/frames/frame_segregated.hpp"
#include "kernel/memory/frames/frame_tree.hpp"
#include "tests/kernel/fake_machine.hpp"
#include "tests/kernel/memory/frames/strategy_bench.hpp"

namespace kernel {
namespace {

constexpr PhysicalAddress base = 0x1'0000'0000;
constexpr uint64_t gibi = uint64_t{1} << 30;

template <class Strategy>
struct Placed {
    explicit Placed(uint64_t bytes) {
        const FrameRange range{base, base + bytes};
        if (map.initialise(&range, 1) != Status::Ok) std::abort();
        metadata = aligned_bytes(Strategy::metadata_size(map));
        if (strategy.initialise(map, metadata.get()) != Status::Ok) std::abort();
    }
    PhysicalAddress take(unsigned order = 0, unsigned cpu = 0,
                         Mobility mobility = Mobility::Movable) {
        return strategy.allocate({order, mobility, cpu}).value();
    }

    FakeMachine machine;
    FrameMap map;
    AlignedBytes metadata;
    Strategy strategy;
};

TEST(Metadata, IsWhatTheDocumentationSaysForAGibibyte) {
    const FrameRange range{base, base + gibi};
    FrameMap map;
    ASSERT_EQ(map.initialise(&range, 1), Status::Ok);
    EXPECT_LE(FrameTree::metadata_size(map), 40U << 10);
    EXPECT_LE(FrameBitset::metadata_size(map), 68U << 10);
    EXPECT_LE(FrameBuddy::metadata_size(map), 2100U << 10);
    EXPECT_LE(FrameSegregated::metadata_size(map), 2100U << 10);
    EXPECT_LE(FrameHybrid::metadata_size(map), 2140U << 10);
}

TEST(Buddy, SplitsTheSmallestBlockThatWillDo) {
    Placed<FrameBuddy> buddy(2 * section);
    const PhysicalAddress first = buddy.take();
    EXPECT_EQ(first, base);
    // Its neighbour, and not another section.
    EXPECT_EQ(buddy.take(), base + page);
    EXPECT_EQ(buddy.take(3), base + 8 * page);
    EXPECT_EQ(buddy.take(max_order), base + section);
}

TEST(Bitset, FillsFromTheLowestAddressOn) {
    Placed<FrameBitset> bitset(3 * section);
    EXPECT_EQ(bitset.take(), base);
    EXPECT_EQ(bitset.take(huge_order), base + section / 2);
    EXPECT_EQ(bitset.take(max_order), base + section);
    EXPECT_EQ(bitset.take(4), base + 16 * page);
    EXPECT_EQ(bitset.take(1), base + 2 * page);
    EXPECT_EQ(bitset.take(8), base + 256 * page);
    EXPECT_EQ(bitset.take(), base + page);
}

TEST(Hybrid, TheReserveGrowsWithDemandAndShrinksWithNeed) {
    Placed<FrameHybrid> hybrid(64 * section);  // 128 areas: a reserve of 16 at most
    EXPECT_EQ(hybrid.strategy.reserve_target(), 0U);
    std::vector<PhysicalAddress> huge;
    for (unsigned i = 0; i < 40; ++i) huge.push_back(hybrid.take(huge_order));
    EXPECT_EQ(hybrid.strategy.reserve_target(), 16U);
    for (const PhysicalAddress block : huge) {
        ASSERT_EQ(hybrid.strategy.free(block, huge_order, 0), Status::Ok);
    }
    EXPECT_EQ(hybrid.strategy.reserved(), 16U);
    EXPECT_TRUE(hybrid.strategy.consistent());
    // General blocks take what there is, and then the reserve.
    std::vector<PhysicalAddress> general;
    while (hybrid.strategy.free_frames() >= 256) general.push_back(hybrid.take(8));
    EXPECT_EQ(general.size(), 256U);
    EXPECT_EQ(hybrid.strategy.reserved(), 0U);
    EXPECT_LT(hybrid.strategy.reserve_target(), 16U);
    EXPECT_TRUE(hybrid.strategy.consistent());
}

TEST(Hybrid, SingleFramesDoNotCutUpMoreThanTheirArea) {
    Placed<FrameHybrid> hybrid(16 * section);
    std::vector<PhysicalAddress> general;
    // Singles and blocks of 16 frames in turn.
    for (unsigned i = 0; i < 200; ++i) {
        (void)hybrid.take();
        general.push_back(hybrid.take(4));
    }
    for (const PhysicalAddress block : general) {
        ASSERT_EQ(hybrid.strategy.free(block, 4, 0), Status::Ok);
    }
    // Only the area of the singles is not free as a whole.
    const FreeHistogram histogram = hybrid.strategy.free_histogram();
    EXPECT_EQ(2 * histogram.blocks[max_order] + histogram.blocks[huge_order], 31U);
}

TEST(Segregated, TheBorderFollowsDemand) {
    Placed<FrameSegregated> segregated(32 * section);
    FrameSegregated& strategy = segregated.strategy;
    EXPECT_EQ(strategy.border(), 2U);
    // Movable memory lies at the top, unmovable below the border.
    EXPECT_GE(segregated.take(), base + 31 * section);
    std::vector<PhysicalAddress> fixed;
    for (unsigned i = 0; i < 5 * FrameMap::section_frames; ++i) {
        fixed.push_back(segregated.take(0, 0, Mobility::Unmovable));
        ASSERT_LT(fixed.back(), base + 5 * section);
    }
    EXPECT_EQ(strategy.border(), 5U);
    for (const PhysicalAddress frame : fixed) ASSERT_EQ(strategy.free(frame, 0, 0), Status::Ok);
    // Movable memory takes back what is free.
    while (strategy.free_frames() != 0) (void)segregated.take();
    EXPECT_EQ(strategy.border(), 0U);
    EXPECT_EQ(strategy.strays(), 0U);
    EXPECT_TRUE(strategy.consistent());
}

TEST(Segregated, WhereTheBorderIsStuckABlockStrays) {
    Placed<FrameSegregated> segregated(32 * section);
    FrameSegregated& strategy = segregated.strategy;
    // Movable memory up to the border; one frame of each section stays.
    std::vector<PhysicalAddress> movable;
    for (unsigned i = 0; i < 30 * FrameMap::section_frames; ++i) {
        movable.push_back(segregated.take());
    }
    for (const PhysicalAddress frame : movable) {
        if (frame % section == 0) continue;
        ASSERT_EQ(strategy.free(frame, 0, 0), Status::Ok);
    }
    for (unsigned i = 0; i < 3 * FrameMap::section_frames; ++i) {
        (void)segregated.take(0, 0, Mobility::Unmovable);
    }
    EXPECT_EQ(strategy.border(), 2U);
    EXPECT_EQ(strategy.strays(), FrameMap::section_frames);
    EXPECT_TRUE(strategy.consistent());
}

TEST(Tree, CpusStayApart) {
    Placed<FrameTree> tree(gibi);
    constexpr uint64_t tree_bytes = 64 << 20;
    std::vector<std::vector<PhysicalAddress>> of_cpu(hal::max_cpus);
    for (unsigned i = 0; i < 1000; ++i) {
        for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) {
            of_cpu[cpu].push_back(tree.take(0, cpu));
        }
    }
    for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) {
        for (const PhysicalAddress frame : of_cpu[cpu]) {
            ASSERT_EQ(frame / tree_bytes, of_cpu[cpu][0] / tree_bytes);
        }
        for (unsigned other = 0; other < cpu; ++other) {
            EXPECT_NE(of_cpu[cpu][0] / tree_bytes, of_cpu[other][0] / tree_bytes);
        }
    }
    // A CPU takes areas one after the other, so that the others stay whole.
    EXPECT_EQ(tree.strategy.free_histogram().blocks[huge_order] +
                  2 * tree.strategy.free_histogram().blocks[max_order],
              512U - 2 * hal::max_cpus);
}

TEST(Tree, FreesWhatIsAllocatedWhateverTheOrderWas) {
    Placed<FrameTree> tree(section);
    const PhysicalAddress block = tree.take(3);
    for (uint64_t i = 0; i < 8; ++i) {
        EXPECT_EQ(tree.strategy.free(block + i * page, 0, 0), Status::Ok);
        EXPECT_EQ(tree.strategy.free(block + i * page, 0, 0), Status::NotFound);
    }
    const PhysicalAddress again = tree.take(2);
    EXPECT_EQ(tree.strategy.free(again, 3, 0), Status::NotFound);  // four of them are free
    EXPECT_EQ(tree.strategy.free(again, 2, 0), Status::Ok);
    EXPECT_TRUE(tree.strategy.consistent());
    EXPECT_EQ(tree.strategy.free_frames(), FrameMap::section_frames);
}

TEST(Damage, IsSeen) {
    // One bit of the bitmap at a time, in an area with free and taken frames.
    Placed<FrameTree> tree(section);
    for (unsigned i = 0; i < 100; ++i) (void)tree.take();
    for (unsigned bit = 0; bit < 8 * 64; ++bit) {
        tree.metadata[bit / 8] ^= static_cast<char>(1 << bit % 8);
        EXPECT_FALSE(tree.strategy.consistent()) << bit;
        tree.metadata[bit / 8] ^= static_cast<char>(1 << bit % 8);
    }
    EXPECT_TRUE(tree.strategy.consistent());
}

TEST(Damage, IsSeenByTheBuddy) {
    Placed<FrameBuddy> buddy(section);
    for (unsigned i = 0; i < 5; ++i) (void)buddy.take();
    ASSERT_TRUE(buddy.strategy.consistent());
    auto* records = reinterpret_cast<uint32_t*>(buddy.metadata.get());
    // Heads of free blocks: 5, 6, 8, 16, 32 and so on.
    for (const unsigned head : {5U, 6U, 8U, 16U, 32U, 64U, 128U, 256U, 512U}) {
        for (unsigned word = 2 * head; word < 2 * head + 2; ++word) {
            const uint32_t good = records[word];
            for (const uint32_t bad : {good ^ 1, good ^ 0x1000'0000, 3U}) {
                if (bad == good) continue;
                records[word] = bad;
                EXPECT_FALSE(buddy.strategy.consistent()) << head << " " << bad;
            }
            records[word] = good;
        }
    }
    EXPECT_TRUE(buddy.strategy.consistent());
}

}  // namespace
}  // namespace kernel
