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

TEST(Frames, KeepsTheShownCountUpToDate) {
    FramesBench bench(8);
    EXPECT_EQ(bench.free_count, 8U);
    EXPECT_EQ(bench.frames.total_frames(), 8U);
    const PhysicalAddress frame = bench.frames.allocate().value();
    EXPECT_EQ(bench.free_count, 7U);
    EXPECT_EQ(bench.frames.free_frames(), 7U);
    bench.frames.free(frame);
    EXPECT_EQ(bench.free_count, 8U);
}

TEST(Frames, ClearsWhatIsAskedToBeZero) {
    FramesBench bench(2);
    const PhysicalAddress frame = bench.frames.allocate().value();
    std::fill_n(FakeMachine::memory(frame), page, 'x');
    bench.frames.free(frame);
    ASSERT_EQ(bench.frames.allocate_zeroed().value(), frame);
    const char* bytes = FakeMachine::memory(frame);
    EXPECT_TRUE(std::all_of(bytes, bytes + page, [](char byte) { return byte == 0; }));
}

// Three nodes of 8 frames; CPU 0 and 1 are at home on node 0 and 2.
struct FramesOnNodes : testing::Test {
    FramesOnNodes() {
        for (uint64_t i = 0; i < 3; ++i) {
            nodes.push_back(std::make_unique<StrategyBench>(
                "buddy", false, std::vector<FrameRange>{{begin(i), begin(i) + 8 * page}}));
        }
        frames.initialise(*nodes[0]->strategy, free_count);
        EXPECT_EQ(frames.add_node(*nodes[1]->strategy), 1U);
        EXPECT_EQ(frames.add_node(*nodes[2]->strategy), 2U);
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
            const auto frame = frames.allocate(0, Mobility::Movable, placement);
            if (!frame.ok()) return order;
            order.push_back(node_of(frame.value()));
            taken.push_back(frame.value());
        }
    }

    FakeMachine machine;
    std::vector<std::unique_ptr<StrategyBench>> nodes;
    uint64_t free_count = 0;
    std::vector<PhysicalAddress> taken;
    Frames frames;
};

std::vector<uint64_t> eight_each(std::initializer_list<uint64_t> nodes) {
    std::vector<uint64_t> order;
    for (const uint64_t node : nodes) order.insert(order.end(), 8, node);
    return order;
}

TEST_F(FramesOnNodes, LocalMemoryIsTheNearestThereIs) {
    EXPECT_EQ(free_count, 24U);
    EXPECT_EQ(take_all(), eight_each({0, 1, 2}));
    EXPECT_EQ(free_count, 0U);
    for (const PhysicalAddress frame : taken) frames.free(frame);
    EXPECT_EQ(free_count, 24U);
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
    EXPECT_EQ(frames.allocate(0, Mobility::Movable, {Policy::Bound, 0b010, 0}).status(),
              Status::NoMemory);
    hal::host::present.cpu = 1;
    EXPECT_EQ(take_all({Policy::Bound, 0b111, 0}), eight_each({2, 0}));
}

TEST_F(FramesOnNodes, InterleavedMemoryGoesInTurns) {
    using Policy = FramePlacement::Policy;
    for (uint64_t position = 0; position < 12; ++position) {
        for (const unsigned cpu : {0U, 1U}) {
            hal::host::present.cpu = cpu;
            const FramePlacement placement{Policy::Interleaved, 0b101, position};
            const PhysicalAddress frame = frames.allocate(0, Mobility::Movable, placement).value();
            EXPECT_EQ(node_of(frame), position % 2 == 0 ? 0U : 2U) << position;
            frames.free(frame);
        }
    }
    // A full node leaves its turn to the others.
    hal::host::present.cpu = 0;
    EXPECT_EQ(take_all({Policy::Interleaved, 0b110, 1}), eight_each({2, 1}));
}

TEST_F(FramesOnNodes, BulkGoesOnWhereANodeEnds) {
    std::vector<PhysicalAddress> bulk(30);
    EXPECT_EQ(frames.allocate_bulk(bulk.data(), 10), 10U);
    EXPECT_EQ(node_of(bulk[7]), 0U);
    EXPECT_EQ(node_of(bulk[8]), 1U);
    EXPECT_EQ(frames.allocate_bulk(bulk.data() + 10, 20), 14U);
    EXPECT_EQ(free_count, 0U);
    frames.free_bulk(bulk.data(), 24);
    EXPECT_EQ(free_count, 24U);
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
    (void)frames.allocate();
    EXPECT_EQ(info.nodes[0].free_blocks[3], 1U);
    frames.show_changes();
    EXPECT_EQ(info.shown_ticks, shown + 100);
    EXPECT_EQ(info.nodes[0].free_blocks[3], 0U);
    EXPECT_EQ(info.nodes[0].frames_free, 7U);
    // And by itself, after many changes.
    for (unsigned i = 0; i < 128; ++i) frames.free(frames.allocate().value());
    machine.advance(100);
    for (unsigned i = 0; i < 128; ++i) frames.free(frames.allocate().value());
    EXPECT_EQ(info.shown_ticks, shown + 200);
}

TEST_F(FramesOnNodes, OrdersThatNobodyHasAreUnsupported) {
    EXPECT_EQ(frames.allocate(11).status(), Status::Unsupported);
    EXPECT_EQ(frames.allocate(4).status(), Status::NoMemory);
    EXPECT_EQ(node_of(frames.allocate(3).value()), 0U);
}

TEST(FramesDeathTest, PanicsOnADoubleFree) {
    FramesBench bench(2);
    const PhysicalAddress frame = bench.frames.allocate().value();
    bench.frames.free(frame);
    EXPECT_EXIT(bench.frames.free(frame), testing::ExitedWithCode(FakeMachine::halted),
                "freed a frame that was not allocated");
}

}  // namespace
}  // namespace kernel
