// SPDX-License-Identifier: Apache-2.0
// Frame numbers: dense, aligned as addresses are, and back again.
#include "kernel/memory/frames/frame_map.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;
constexpr uint64_t section = FrameMap::section_frames * page;

Status made(FrameMap& map, const std::vector<FrameRange>& ranges) {
    return map.initialise(ranges.data(), static_cast<unsigned>(ranges.size()));
}

TEST(FrameMap, NumbersSectionsThatHoldFrames) {
    FrameMap map;
    // The end of one section with the start of the next, far away a piece, given first.
    ASSERT_EQ(made(map, {{0x9'0000'0000 + 7 * page, 0x9'0000'0000 + 9 * page},
                         {10 * section - page, 10 * section + 2 * page},
                         {10 * section + 8 * page, 10 * section + 9 * page}}),
              Status::Ok);
    EXPECT_EQ(map.sections(), 3U);
    EXPECT_EQ(map.span(), 3U * 1024);
    EXPECT_EQ(map.frames(), 6U);
    EXPECT_EQ(map.run_count(), 3U);
    EXPECT_EQ(map.index_of(10 * section - page).value(), 1023U);
    EXPECT_EQ(map.index_of(10 * section).value(), 1024U);
    EXPECT_EQ(map.index_of(10 * section + 8 * page).value(), 1032U);
    EXPECT_EQ(map.index_of(0x9'0000'0000 + 8 * page).value(), 2056U);
    EXPECT_EQ(map.address_of(2056), 0x9'0000'0000 + 8 * page);
    EXPECT_EQ(map.address_of(1023), 10 * section - page);
}

TEST(FrameMap, NumbersAndAddressesAreInverse) {
    FrameMap map;
    const std::vector<FrameRange> ranges{{section + 3 * page, 3 * section + 100 * page},
                                         {5 * section, 5 * section + 2 * page}};
    ASSERT_EQ(made(map, ranges), Status::Ok);
    for (const FrameRange& range : ranges) {
        for (PhysicalAddress at = range.begin; at < range.end; at += page) {
            const uint32_t index = map.index_of(at).value();
            ASSERT_LT(index, map.span());
            ASSERT_EQ(map.address_of(index), at);
            ASSERT_EQ(index % FrameMap::section_frames, at / page % FrameMap::section_frames);
        }
    }
}

TEST(FrameMap, RefusesRangesThatCannotBe) {
    FrameMap map;
    EXPECT_EQ(made(map, {}), Status::InvalidArgument);
    EXPECT_EQ(made(map, {{page, page}}), Status::InvalidArgument);
    EXPECT_EQ(made(map, {{2 * page, page}}), Status::InvalidArgument);
    EXPECT_EQ(made(map, {{1, page}}), Status::InvalidArgument);
    EXPECT_EQ(made(map, {{0, page + 1}}), Status::InvalidArgument);
    EXPECT_EQ(made(map, {{0, 3 * page}, {2 * page, 4 * page}}), Status::InvalidArgument);
    EXPECT_EQ(made(map, {{0, (FrameMap::max_span + 1) * page}}), Status::InvalidArgument);
    std::vector<FrameRange> many;
    for (uint64_t i = 0; i <= FrameMap::max_ranges; ++i) {
        many.push_back({2 * i * page, (2 * i + 1) * page});
    }
    EXPECT_EQ(made(map, many), Status::InvalidArgument);
    many.pop_back();
    EXPECT_EQ(made(map, many), Status::Ok);
}

TEST(FrameMap, ABlockLiesInAdjacentMemory) {
    FrameMap map;
    ASSERT_EQ(made(map, {{0, 4 * page}, {4 * page, 8 * page}, {9 * page, 16 * page}}), Status::Ok);
    EXPECT_EQ(map.run_count(), 2U);
    EXPECT_EQ(map.block_of(0, 3).value(), 0U);
    EXPECT_EQ(map.block_of(0, 4).status(), Status::InvalidArgument);
    EXPECT_EQ(map.block_of(8 * page, 0).status(), Status::InvalidArgument);
    EXPECT_EQ(map.block_of(8 * page, 3).status(), Status::InvalidArgument);
    EXPECT_EQ(map.block_of(9 * page, 1).status(), Status::InvalidArgument);
    EXPECT_EQ(map.block_of(12 * page, 2).value(), 12U);
    EXPECT_EQ(map.block_of(0, 11).status(), Status::InvalidArgument);
    EXPECT_EQ(map.block_of(page / 2, 0).status(), Status::InvalidArgument);
}

}  // namespace
}  // namespace kernel
