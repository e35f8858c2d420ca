// SPDX-License-Identifier: Apache-2.0
// The freelist keeps the contract of page-frame strategies.
#include "kernel/memory/frame_freelist.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "tests/kernel/frames_bench.hpp"

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;

// Ranges whose frames are never touched, so that no machine is needed.
struct FrameFreelistTest : testing::Test {
    void initialise(const std::vector<FrameRange>& ranges) {
        uint64_t frames = 0;
        for (const FrameRange& range : ranges) frames += range.frames();
        // Exactly as much as asked for, so that a write beyond it is seen.
        metadata = std::vector<uint32_t>(frames);
        metadata.shrink_to_fit();
        ASSERT_EQ(FrameFreelist::metadata_size(frames), frames * 4);
        ASSERT_EQ(
            list.initialise(ranges.data(), static_cast<unsigned>(ranges.size()), metadata.data()),
            Status::Ok);
    }

    std::vector<uint32_t> metadata;
    FrameFreelist list;
};

TEST_F(FrameFreelistTest, GivesEveryFrameOnceFromTheLowestOn) {
    initialise({{0x10'0000, 0x10'0000 + 8 * page}});
    for (uint64_t i = 0; i < 8; ++i) {
        EXPECT_EQ(list.free_frames(), 8 - i);
        EXPECT_EQ(list.allocate(0).value(), 0x10'0000 + i * page);
        EXPECT_TRUE(list.consistent());
    }
    EXPECT_EQ(list.free_frames(), 0U);
    EXPECT_EQ(list.allocate(0).status(), Status::NoMemory);
    EXPECT_EQ(list.total_frames(), 8U);
    EXPECT_EQ(list.metadata_bytes(), 32U);
    EXPECT_STREQ(list.name(), "freelist");
}

TEST_F(FrameFreelistTest, GivesTheLastFreedFirst) {
    initialise({{0x10'0000, 0x10'0000 + 4 * page}});
    const PhysicalAddress first = list.allocate(0).value();
    const PhysicalAddress second = list.allocate(0).value();
    EXPECT_EQ(list.free(first, 0), Status::Ok);
    EXPECT_EQ(list.free(second, 0), Status::Ok);
    EXPECT_EQ(list.allocate(0).value(), second);
    EXPECT_EQ(list.allocate(0).value(), first);
}

TEST_F(FrameFreelistTest, RefusesADoubleFree) {
    initialise({{0x10'0000, 0x10'0000 + 4 * page}});
    const PhysicalAddress frame = list.allocate(0).value();
    EXPECT_EQ(list.free(frame, 0), Status::Ok);
    EXPECT_EQ(list.free(frame, 0), Status::NotFound);
    EXPECT_EQ(list.free(frame + page, 0), Status::NotFound);  // never allocated
    EXPECT_EQ(list.free_frames(), 4U);
    EXPECT_TRUE(list.consistent());
}

TEST_F(FrameFreelistTest, RefusesWhatIsNoFrameOfIts) {
    initialise({{0x10'0000, 0x10'0000 + 4 * page}, {0x20'0000, 0x20'0000 + page}});
    const PhysicalAddress frame = list.allocate(0).value();
    for (const PhysicalAddress bad :
         {frame + 1, frame + 2048, PhysicalAddress{0}, 0x10'0000 - page, 0x10'0000 + 4 * page,
          0x20'0000 + page, ~uint64_t{0} & ~(page - 1)}) {
        EXPECT_EQ(list.free(bad, 0), Status::InvalidArgument) << std::hex << bad;
    }
    EXPECT_EQ(list.free_frames(), 4U);
    EXPECT_EQ(list.free(frame, 0), Status::Ok);
}

TEST_F(FrameFreelistTest, HasNoLargerBlocks) {
    initialise({{0x10'0000, 0x10'0000 + 4 * page}});
    EXPECT_EQ(list.allocate(1).status(), Status::Unsupported);
    EXPECT_EQ(list.allocate(63).status(), Status::Unsupported);
    const PhysicalAddress frame = list.allocate(0).value();
    EXPECT_EQ(list.free(frame, 1), Status::InvalidArgument);
    EXPECT_EQ(list.free_frames(), 3U);
}

TEST_F(FrameFreelistTest, ManagesSeveralRanges) {
    initialise({{0x80'0000, 0x80'0000 + 3 * page},
                {0x10'0000, 0x10'0000 + page},
                {0x1'0000'0000, 0x1'0000'0000 + 2 * page}});
    std::set<PhysicalAddress> given;
    for (unsigned i = 0; i < 6; ++i) given.insert(list.allocate(0).value());
    const std::set<PhysicalAddress> expected{0x80'0000, 0x80'1000,     0x80'2000,
                                             0x10'0000, 0x1'0000'0000, 0x1'0000'1000};
    EXPECT_EQ(given, expected);
    EXPECT_EQ(list.allocate(0).status(), Status::NoMemory);
    for (const PhysicalAddress frame : given) EXPECT_EQ(list.free(frame, 0), Status::Ok);
    EXPECT_EQ(list.free_frames(), 6U);
    EXPECT_TRUE(list.consistent());
}

TEST_F(FrameFreelistTest, RefusesNoRangesTooManyAndEmptyOnes) {
    const std::vector<FrameRange> ranges(FrameFreelist::max_ranges + 1, FrameRange{0, page});
    std::vector<uint32_t> room(ranges.size());
    EXPECT_EQ(list.initialise(ranges.data(), 0, room.data()), Status::InvalidArgument);
    EXPECT_EQ(list.initialise(ranges.data(), FrameFreelist::max_ranges + 1, room.data()),
              Status::InvalidArgument);
    const FrameRange empty{page, page};
    EXPECT_EQ(list.initialise(&empty, 1, room.data()), Status::InvalidArgument);
}

TEST_F(FrameFreelistTest, SeesItsOwnDamage) {
    initialise({{0x10'0000, 0x10'0000 + 4 * page}});
    (void)list.allocate(0);
    ASSERT_TRUE(list.consistent());
    const uint32_t good = metadata[1];
    metadata[1] = 1;  // a circle
    EXPECT_FALSE(list.consistent());
    metadata[1] = 3;  // one frame lost
    EXPECT_FALSE(list.consistent());
    metadata[1] = 0;  // leads to an allocated frame
    EXPECT_FALSE(list.consistent());
    metadata[1] = good;
    EXPECT_TRUE(list.consistent());
}

TEST_F(FrameFreelistTest, AgreesWithASetOverAMillionOperations) {
    const FrameRange low{0x10'0000, 0x10'0000 + 300 * page};
    const FrameRange high{0x4000'0000, 0x4000'0000 + 200 * page};
    initialise({low, high});
    std::set<PhysicalAddress> free;
    for (const FrameRange& range : {low, high}) {
        for (PhysicalAddress at = range.begin; at < range.end; at += page) free.insert(at);
    }
    std::vector<PhysicalAddress> used;
    std::mt19937_64 random(1);
    for (unsigned step = 0; step < 1'000'000; ++step) {
        // The share of allocations drifts, so that both ends are met.
        const bool allocates = random() % 1000 < 350 + (step / 50'000 % 2) * 300;
        if (allocates) {
            const Result<PhysicalAddress> frame = list.allocate(0);
            ASSERT_EQ(frame.ok(), !free.empty());
            if (!frame.ok()) continue;
            ASSERT_EQ(free.erase(frame.value()), 1U);
            used.push_back(frame.value());
        } else if (!used.empty()) {
            std::swap(used[random() % used.size()], used.back());
            const PhysicalAddress frame = used.back();
            used.pop_back();
            ASSERT_EQ(list.free(frame, 0), Status::Ok);
            free.insert(frame);
            if (step % 16 == 0) {
                ASSERT_EQ(list.free(frame, 0), Status::NotFound);
            }
        }
        ASSERT_EQ(list.free_frames(), free.size());
        if (step % 10'000 == 0) {
            ASSERT_TRUE(list.consistent());
        }
    }
}

// Frames, the kernel's door to the strategy.

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
