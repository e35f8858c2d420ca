// SPDX-License-Identifier: Apache-2.0
// Tests of Viewport.
#include "gui/timeline/viewport.hpp"

#include <gtest/gtest.h>

namespace inspector {
namespace {

Viewport seen(uint64_t begin, uint64_t end) {
    Viewport view;
    view.set_limits(begin, end);
    return view;
}

TEST(Viewport, BeginsWithEverythingAndGrowsWithIt) {
    Viewport view = seen(1000, 5000);
    EXPECT_EQ(view.now(), (Span{1000, 5000}));
    view.set_limits(1000, 9000);
    EXPECT_EQ(view.now(), (Span{1000, 9000}));
    view.show(2000, 3000);
    view.jump();
    view.set_limits(1000, 20'000);
    EXPECT_EQ(view.now(), (Span{2000, 3000}));
}

TEST(Viewport, ZoomKeepsWhatIsUnderTheMouse) {
    Viewport view = seen(0, 1'000'000);
    view.zoom(0.5, 0.25);
    EXPECT_EQ(view.target(), (Span{125'000, 625'000}));
    view.zoom(4, 0.5);
    EXPECT_EQ(view.target(), (Span{0, 1'000'000}));
}

TEST(Viewport, StaysWithinTheTrace) {
    Viewport view = seen(1000, 2000);
    view.zoom(0.5, 0.5);
    view.pan(10);
    EXPECT_EQ(view.target(), (Span{1500, 2000}));
    view.pan(-10);
    EXPECT_EQ(view.target(), (Span{1000, 1500}));
    view.zoom(1e-9, 0.5);
    EXPECT_DOUBLE_EQ(view.target().length(), Viewport::shortest);
    view.show(-500, 99'999);
    EXPECT_EQ(view.target(), (Span{1000, 2000}));
}

TEST(Viewport, GlidesToItsTargetAndArrives) {
    Viewport view = seen(0, 1'000'000);
    view.zoom(0.5, 0);
    EXPECT_TRUE(view.moving());
    double last = view.now().length();
    int frames = 0;
    while (view.glide(0.016)) {
        EXPECT_LT(view.now().length(), last);
        last = view.now().length();
        ASSERT_LT(++frames, 100);
    }
    EXPECT_EQ(view.now(), view.target());
    EXPECT_LT(frames, 30);
}

TEST(Viewport, RevealsATimeOnlyIfItIsOutside) {
    Viewport view = seen(0, 1000);
    view.show(100, 300);
    view.reveal(200);
    EXPECT_EQ(view.target(), (Span{100, 300}));
    view.reveal(700);
    EXPECT_EQ(view.target(), (Span{600, 800}));
}

TEST(Viewport, BearsATraceOfOneMoment) {
    Viewport view = seen(5, 5);
    view.zoom(0.1, 0.5);
    view.pan(1);
    EXPECT_DOUBLE_EQ(view.target().length(), Viewport::shortest);
    EXPECT_DOUBLE_EQ(view.target().begin, 5);
}

}  // namespace
}  // namespace inspector
