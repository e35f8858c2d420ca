// SPDX-License-Identifier: Apache-2.0
// Frames, the kernel's door to the strategies.
#include "kernel/memory/frame_allocator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "tests/kernel/frames_bench.hpp"
#include "tests/kernel/memory/frames/strategy_bench.hpp"

namespace kernel {
namespace {

constexpr FrameUse use{FrameOwner::Anonymous, 3};

TEST(Frames, KeepsTheShownCountUpToDate) {
    FramesBench bench(8);
    EXPECT_EQ(bench.free_count, 8U);
    EXPECT_EQ(bench.frames.total_frames(), 8U);
    const PhysicalAddress frame = bench.frames.allocate(0, use).value();
    EXPECT_EQ(bench.free_count, 7U);
    EXPECT_EQ(bench.frames.free_frames(), 7U);
    bench.frames.free(frame, use);
    EXPECT_EQ(bench.free_count, 8U);
}

TEST(Frames, ClearsWhatIsAskedToBeZero) {
    FramesBench bench(2);
    const PhysicalAddress frame = bench.frames.allocate(0, use).value();
    std::fill_n(FakeMachine::memory(frame), page, 'x');
    bench.frames.free(frame, use);
    ASSERT_EQ(bench.frames.allocate_zeroed(0, use).value(), frame);
    const char* bytes = FakeMachine::memory(frame);
    EXPECT_TRUE(std::all_of(bytes, bytes + page, [](char byte) { return byte == 0; }));
}

// Three nodes of 8 frames; CPU 0 and 1 are at home on node 0 and 2.
struct FramesOnNodes : testing::Test {
    FramesOnNodes() {
        for (uint64_t i = 0; i < 3; ++i) {
            nodes.push_back(std::make_unique<StrategyBench>(
                "buddy", false, std::vector<FrameRange>{{begin(i), begin(i) + 8 * page}}));
            memory[i] = aligned_bytes(FrameRecords::size(nodes[i]->map));
            records[i].initialise(nodes[i]->map, memory[i].get());
        }
        frames.initialise(*nodes[0]->strategy, records[0], counts);
        EXPECT_EQ(frames.add_node(*nodes[1]->strategy, records[1]), 1U);
        EXPECT_EQ(frames.add_node(*nodes[2]->strategy, records[2]), 2U);
        // From node 2, node 0 is nearer than node 1.
        frames.set_distance(2, 1, 40);
        frames.set_cpu_node(1, 2);
    }
    static PhysicalAddress begin(uint64_t node) { return (node + 1) << 32; }
    static uint64_t node_of(PhysicalAddress frame) { return (frame >> 32) - 1; }

    // The node of each frame that can still be had, in the order in which they come.
    std::vector<uint64_t> take_all(const FramePlacement& placement = {}) {
        std::vector<uint64_t> order;
        for (;;) {
            const auto frame = frames.allocate(0, use, Mobility::Movable, placement);
            if (!frame.ok()) return order;
            order.push_back(node_of(frame.value()));
            taken.push_back(frame.value());
        }
    }

    FakeMachine machine;
    std::vector<std::unique_ptr<StrategyBench>> nodes;
    AlignedBytes memory[3];
    FrameRecords records[3];
    abi::FrameCounts counts[hal::max_cpus];
    std::vector<PhysicalAddress> taken;
    Frames frames;
};

std::vector<uint64_t> eight_each(std::initializer_list<uint64_t> nodes) {
    std::vector<uint64_t> order;
    for (const uint64_t node : nodes) order.insert(order.end(), 8, node);
    return order;
}

TEST_F(FramesOnNodes, LocalMemoryIsTheNearestThereIs) {
    EXPECT_EQ(frames.free_frames(), 24U);
    EXPECT_EQ(take_all(), eight_each({0, 1, 2}));
    EXPECT_EQ(frames.free_frames(), 0U);
    for (const PhysicalAddress frame : taken) frames.free(frame, use);
    EXPECT_EQ(frames.free_frames(), 24U);
    hal::host::present.cpu = 1;
    EXPECT_EQ(take_all(), eight_each({2, 0, 1}));
    EXPECT_TRUE(frames.consistent());
}

TEST_F(FramesOnNodes, BoundMemoryStaysOnItsNodes) {
    using Policy = FramePlacement::Policy;
    EXPECT_EQ(take_all({Policy::Bound, 0b010, 0}), eight_each({1}));
    EXPECT_EQ(take_all({Policy::Bound, 0b010, 0}), eight_each({}));
    EXPECT_EQ(take_all({Policy::Bound, 0b000, 0}), eight_each({}));
    EXPECT_EQ(take_all({Policy::Bound, 0b1000, 0}), eight_each({}));
    EXPECT_EQ(frames.allocate(0, use, Mobility::Movable, {Policy::Bound, 0b010, 0}).status(),
              Status::NoMemory);
    hal::host::present.cpu = 1;
    EXPECT_EQ(take_all({Policy::Bound, 0b111, 0}), eight_each({2, 0}));
}

// Programs go below `low` where no other node will do, and never below `min`.
TEST_F(FramesOnNodes, ProgramsLeaveEachNodeItsReserve) {
    using Policy = FramePlacement::Policy;
    for (unsigned node = 0; node < 3; ++node) frames.set_watermarks(node, {2, 4, 6});
    EXPECT_EQ(take_all({Policy::Bound, 0b010, 0}).size(), 7U);
    EXPECT_EQ(frames.lacking_nodes(), 0b010U);
    EXPECT_EQ(frames.free_frames(1), 1U);
    EXPECT_EQ(take_all(), (std::vector<uint64_t>{0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 0, 0, 2, 2}));
    EXPECT_EQ(frames.lacking_nodes(), 0b111U);
    // A block counts as a whole.
    frames.free(taken.back(), use);
    taken.pop_back();
    EXPECT_EQ(frames.free_frames(2), 2U);
    EXPECT_EQ(frames.allocate(1, use).status(), Status::NoMemory);
    EXPECT_TRUE(frames.allocate(0, use).ok());
    // The kernel gets what is left.
    for (unsigned i = 0; i < 3; ++i) EXPECT_TRUE(frames.allocate(0, kernel_use).ok());
    EXPECT_EQ(frames.allocate(0, kernel_use).status(), Status::NoMemory);
}

TEST_F(FramesOnNodes, CountsWhatIsFreeOnEachNode) {
    std::vector<PhysicalAddress> bulk(10);
    ASSERT_EQ(frames.allocate_bulk(bulk.data(), 10, use), 10U);
    const PhysicalAddress block = frames.allocate(2, use).value();
    EXPECT_EQ(frames.free_frames(0), 0U);
    EXPECT_EQ(frames.free_frames(1), 2U);
    EXPECT_EQ(frames.free_frames(2), 8U);
    frames.free(block, use, 2);
    frames.free_bulk(bulk.data(), 10, use);
    for (unsigned node = 0; node < 3; ++node) EXPECT_EQ(frames.free_frames(node), 8U);
}

TEST_F(FramesOnNodes, InterleavedMemoryGoesInTurns) {
    using Policy = FramePlacement::Policy;
    for (uint64_t position = 0; position < 12; ++position) {
        for (const unsigned cpu : {0U, 1U}) {
            hal::host::present.cpu = cpu;
            const FramePlacement placement{Policy::Interleaved, 0b101, position};
            const PhysicalAddress frame =
                frames.allocate(0, use, Mobility::Movable, placement).value();
            EXPECT_EQ(node_of(frame), position % 2 == 0 ? 0U : 2U) << position;
            frames.free(frame, use);
        }
    }
    // A full node leaves its turn to the others.
    hal::host::present.cpu = 0;
    EXPECT_EQ(take_all({Policy::Interleaved, 0b110, 1}), eight_each({2, 1}));
}

TEST_F(FramesOnNodes, BulkGoesOnWhereANodeEnds) {
    std::vector<PhysicalAddress> bulk(30);
    EXPECT_EQ(frames.allocate_bulk(bulk.data(), 10, use), 10U);
    EXPECT_EQ(node_of(bulk[7]), 0U);
    EXPECT_EQ(node_of(bulk[8]), 1U);
    EXPECT_EQ(frames.allocate_bulk(bulk.data() + 10, 20, use), 14U);
    EXPECT_EQ(frames.free_frames(), 0U);
    frames.free_bulk(bulk.data(), 24, use);
    EXPECT_EQ(frames.free_frames(), 24U);
}

TEST_F(FramesOnNodes, ShowsBlocksWhenAskedTo) {
    abi::FrameInfo info{};
    frames.show_in(info);
    EXPECT_STREQ(info.allocator, "buddy");
    EXPECT_EQ(info.nodes_present, 3U);
    EXPECT_EQ(info.nodes[2].frames_total, 8U);
    EXPECT_EQ(info.nodes[2].free_blocks[3], 1U);
    EXPECT_GT(info.nodes[2].metadata_bytes, 0U);
    const uint64_t shown = info.shown_ticks;
    machine.advance(100);
    frames.show_changes();  // there are none
    EXPECT_EQ(info.shown_ticks, shown);
    (void)frames.allocate(0, use);
    EXPECT_EQ(info.nodes[0].free_blocks[3], 1U);
    frames.show_changes();
    EXPECT_EQ(info.shown_ticks, shown + 100);
    EXPECT_EQ(info.nodes[0].free_blocks[3], 0U);
    EXPECT_EQ(info.nodes[0].frames_free, 7U);
    // And by itself, after many changes.
    for (unsigned i = 0; i < 128; ++i) frames.free(frames.allocate(0, use).value(), use);
    machine.advance(100);
    for (unsigned i = 0; i < 128; ++i) frames.free(frames.allocate(0, use).value(), use);
    EXPECT_EQ(info.shown_ticks, shown + 200);
}

TEST_F(FramesOnNodes, RecordsSayWhoHasAFrame) {
    const FrameUse tables{FrameOwner::Tables, 200};
    const PhysicalAddress block = frames.allocate(2, use).value();
    hal::host::present.cpu = 1;
    const PhysicalAddress frame = frames.allocate(0, tables).value();
    EXPECT_EQ(node_of(frame), 2U);
    for (uint64_t i = 0; i < 4; ++i) EXPECT_EQ(frames.record(block + i * page).use(), use);
    EXPECT_EQ(frames.record(frame).use(), tables);
    EXPECT_EQ(frames.find_record(begin(5)), nullptr);
    EXPECT_EQ(frames.frames_of(FrameOwner::Anonymous), 4U);
    EXPECT_EQ(frames.frames_of(FrameOwner::Tables), 1U);
    EXPECT_EQ(frames.free_frames(), 19U);

    // Shared by somebody from now on.
    frames.split(block, 2);
    frames.change_use(block + page, use, {FrameOwner::Shared, 0});
    EXPECT_EQ(frames.frames_of(FrameOwner::Anonymous), 3U);
    EXPECT_EQ(frames.frames_of(FrameOwner::Shared), 1U);
    // Each is freed on another CPU than it came from.
    frames.free(block + page, {FrameOwner::Shared, 0});
    const PhysicalAddress rest[] = {block, block + 2 * page, block + 3 * page};
    frames.free_bulk(rest, 3, use);
    hal::host::present.cpu = 0;
    frames.free(frame, tables);
    EXPECT_EQ(frames.record(block).use().owner, FrameOwner::Free);
    EXPECT_EQ(frames.free_frames(), 24U);
    for (uint32_t owner = 1; owner < abi::frame_owner_count; ++owner) {
        EXPECT_EQ(frames.frames_of(static_cast<FrameOwner>(owner)), 0U) << owner;
    }
}

TEST_F(FramesOnNodes, BulkFreesGoToTheNodesOfTheirFrames) {
    std::vector<PhysicalAddress> bulk(24);
    ASSERT_EQ(frames.allocate_bulk(bulk.data(), 24, use), 24U);
    std::swap(bulk[3], bulk[12]);
    std::swap(bulk[7], bulk[23]);
    frames.free_bulk(bulk.data(), 24, use);
    EXPECT_EQ(frames.free_frames(), 24U);
    EXPECT_TRUE(frames.consistent());
    for (unsigned node = 0; node < 3; ++node) EXPECT_EQ(frames.node(node).free_frames(), 8U);
}

TEST_F(FramesOnNodes, OrdersThatNobodyHasAreUnsupported) {
    EXPECT_EQ(frames.allocate(11, use).status(), Status::Unsupported);
    EXPECT_EQ(frames.allocate(4, use).status(), Status::NoMemory);
    EXPECT_EQ(node_of(frames.allocate(3, use).value()), 0U);
}

TEST(FramesDeathTest, PanicsOnADoubleFree) {
    FramesBench bench(2);
    const PhysicalAddress frame = bench.frames.allocate(0, use).value();
    bench.frames.free(frame, use);
    EXPECT_EXIT(bench.frames.free(frame, use), testing::ExitedWithCode(FakeMachine::halted),
                "freed a frame that was not allocated");
}

TEST(FramesDeathTest, PanicsWhenAnotherOwnerFreesOrTakesOver) {
    FramesBench bench(4);
    const PhysicalAddress frame = bench.frames.allocate(0, use).value();
    EXPECT_EXIT(bench.frames.free(frame, {FrameOwner::Anonymous, 4}),
                testing::ExitedWithCode(FakeMachine::halted), "freed a frame of somebody else");
    EXPECT_EXIT(bench.frames.free_bulk(&frame, 1, {FrameOwner::Tables, 3}),
                testing::ExitedWithCode(FakeMachine::halted), "freed a frame of somebody else");
    EXPECT_EXIT(bench.frames.change_use(frame, {FrameOwner::Kernel, 0}, use),
                testing::ExitedWithCode(FakeMachine::halted), "took over a frame of somebody else");
    EXPECT_EXIT(bench.frames.free(0x1000, use), testing::ExitedWithCode(FakeMachine::halted),
                "freed a frame that was not allocated");
    EXPECT_EXIT(bench.frames.split(frame, 1), testing::ExitedWithCode(FakeMachine::halted),
                "split what is no allocated block");
}

}  // namespace
}  // namespace kernel
