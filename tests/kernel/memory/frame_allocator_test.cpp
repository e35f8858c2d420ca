// SPDX-License-Identifier: Apache-2.0
// Frames, the kernel's door to the strategies.
#include "kernel/memory/frame_allocator.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/kernel/frames_bench.hpp"

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;

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

TEST(FramesDeathTest, PanicsOnADoubleFree) {
    FramesBench bench(2);
    const PhysicalAddress frame = bench.frames.allocate().value();
    bench.frames.free(frame);
    EXPECT_EXIT(bench.frames.free(frame), testing::ExitedWithCode(FakeMachine::halted),
                "freed a frame that was not allocated");
}

}  // namespace
}  // namespace kernel
