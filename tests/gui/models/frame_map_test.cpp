// SPDX-License-Identifier: Apache-2.0
// The map of page frames: what is known of each, where it is in the picture, in which colour.
#include "gui/models/frame_map.hpp"

#include <gtest/gtest.h>

#include "gui/models/frame_colours.hpp"
#include "gui/models/frame_layout.hpp"
#include "tests/gui/models/json_text.hpp"

namespace inspector {
namespace {

using test::json;

// Two blocks of memory; in the first one a gap of two frames.
FrameMap fixture() {
    FrameMap map;
    map.add(json(R"([[1000000, 4, "kernel", 0, false, -1]])").array());
    map.add(json(R"([[16, 4, "anonymous", 7, true, -1], [22, 2, "free", 0, false, 1],
                     [24, 8, "free", 0, false, 3]])")
                .array());
    map.sort();
    return map;
}

TEST(FrameMap, FindsFrames) {
    const FrameMap map = fixture();
    EXPECT_EQ(map.frames(), 18U);
    EXPECT_EQ(map.frames_of(FrameOwner::Free), 10U);
    EXPECT_EQ(map.find(15), nullptr);
    EXPECT_EQ(map.find(20), nullptr);
    ASSERT_NE(map.find(19), nullptr);
    EXPECT_EQ(map.find(19)->task, 7U);
    EXPECT_EQ(map.find(31)->order, 3);
    EXPECT_EQ(map.find(32), nullptr);
    EXPECT_EQ(frame_text(map, 17), "0x11000: anonymous, task 7, movable");
    EXPECT_EQ(frame_text(map, 25), "0x19000: free, in blocks of order 3");
    EXPECT_EQ(frame_text(map, 1), "0x1000: not managed by the kernel");
}

TEST(FrameMap, CountsInARange) {
    uint64_t sum = 0;
    fixture().for_each(18, 26, [&](const FrameMap::Run&, uint64_t count) { sum += count; });
    EXPECT_EQ(sum, 2U + 2U + 2U);
}

TEST(FrameMap, LeavesOutWhatMakesNoSense) {
    FrameMap map;
    map.add(json(R"([[1, 0, "free", 0, false, 0], [1], 7, null, [-5, 1e30, "x", 0, false, 0],
                     [5, 4, "new owner", 0, false, -1], [7, 4, "free", 0, false, 0]])")
                .array());
    map.sort();
    ASSERT_EQ(map.runs().size(), 2U);
    EXPECT_EQ(map.runs()[0].owner, FrameOwner::Unknown);
    EXPECT_EQ(map.runs()[0].count, 2U);  // what overlaps counts once
}

TEST(FrameLayout, BeginsBlocksBehindHeadings) {
    const FrameMap map = fixture();
    const FrameLayout layout(map, 4, 1);  // rows of 8 frames
    ASSERT_EQ(layout.blocks().size(), 2U);
    EXPECT_EQ(layout.blocks()[0].row, 2U);
    EXPECT_EQ(layout.blocks()[0].rows, 2U);
    EXPECT_EQ(layout.blocks()[1].row, 6U);
    EXPECT_EQ(layout.rows(), 7U);
    EXPECT_EQ(layout.frame_at(0, 2), 16U);
    EXPECT_EQ(layout.frame_at(1, 3), 26U);
    EXPECT_FALSE(layout.frame_at(0, 1));
    EXPECT_FALSE(layout.frame_at(4, 2));
    EXPECT_FALSE(layout.frame_at(3, 6));
}

TEST(FrameLayout, FindsTheCellOfEachFrame) {
    const FrameMap map = fixture();
    for (unsigned zoom = 0; zoom < 6; ++zoom) {
        const FrameLayout layout(map, 5, zoom);
        for (const FrameMap::Run& run : map.runs()) {
            for (uint64_t frame = run.first; frame < run.end(); ++frame) {
                const auto cell = layout.cell_of(frame);
                ASSERT_TRUE(cell);
                const uint64_t first = *layout.frame_at(cell->column, cell->row);
                ASSERT_LE(first, frame);
                ASSERT_LT(frame, first + layout.frames_per_cell());
            }
        }
        EXPECT_FALSE(layout.cell_of(100));
    }
}

TEST(FrameLayout, FitsIntoAView) {
    const FrameMap map = fixture();
    const unsigned zoom = FrameLayout::fitting_zoom(map, 4, 7);
    EXPECT_LE(FrameLayout(map, 4, zoom).rows(), 7U);
    EXPECT_GT(FrameLayout(map, 4, zoom - 1).rows(), 7U);
    EXPECT_EQ(FrameLayout::fitting_zoom({}, 4, 7), 0U);
}

TEST(FramePicture, HasAPixelForEachCell) {
    const FrameMap map = fixture();
    const FrameColours colours;
    const FrameLayout layout(map, 4, 0);
    const QImage image = frame_picture(map, layout, colours, 0, layout.rows());
    EXPECT_EQ(image.pixelColor(0, 0).alpha(), 0);
    EXPECT_EQ(image.pixelColor(0, 2), colours.of(*map.find(16)));
    EXPECT_EQ(image.pixelColor(0, 3).alpha(), 0);  // the gap
    EXPECT_EQ(image.pixelColor(2, 3), colours.of(*map.find(22)));
}

TEST(FramePicture, ShowsFewFramesAmongMany) {
    FrameMap map;
    map.add(json(R"([[0, 1, "kernel", 0, false, -1], [1, 1023, "free", 0, false, 0]])").array());
    map.sort();
    const FrameColours colours;
    const QImage image = frame_picture(map, FrameLayout(map, 1, 10), colours, 2, 1);
    const QColor free = colours.of(*map.find(1));
    EXPECT_GT(free.blue() - image.pixelColor(0, 0).blue(), 50);
}

TEST(FrameColours, ExplainThemselves) {
    const FrameMap map = fixture();
    for (const auto by : {FrameColouring::Owner, FrameColouring::Order, FrameColouring::Mobility,
                          FrameColouring::Task}) {
        for (const bool is_dark : {false, true}) {
            const FrameColours colours{by, 7, is_dark};
            for (const FrameMap::Run& run : map.runs()) {
                const auto legend = colours.legend();
                const bool is_listed =
                    std::any_of(legend.begin(), legend.end(),
                                [&](const auto& entry) { return entry.second == colours.of(run); });
                EXPECT_TRUE(is_listed) << static_cast<int>(by);
            }
        }
    }
}

}  // namespace
}  // namespace inspector
