// SPDX-License-Identifier: Apache-2.0
// Tests of pictures: what stands at which pixel.
#include "gui/timeline/picture.hpp"

#include "gui/timeline/picture_source.hpp"
#include "tests/gui/timeline/open_trace.hpp"

namespace inspector {
namespace {

class PictureTest : public testing::OpenTrace {
  protected:
    // All rows over [0, 10000), a pixel for 10 ns.
    PictureRequest request(double scale = 1) {
        timeline_->rows().fold_all(false);
        PictureRequest request;
        request.begin = 0;
        request.end = 10'000;
        request.width = 1000;
        request.scale = scale;
        request.rows = timeline_->rows().scrolled();
        request.bottom = timeline_->rows().scrolled_height();
        request.colours = colours_;
        return request;
    }
    Picture make(const PictureRequest& request) {
        const std::atomic<bool> cancelled = false;
        return make_picture(loader_, request, cancelled);
    }
    // The colour in the middle of a lane.
    QRgb at(const Picture& picture, TrackKind kind, uint32_t number, size_t lane, int x) const {
        const Row* row = Rows::of(picture.made_for.rows, track(kind, number));
        const LanePlace& place = row->lanes.at(lane);
        const double y = (row->top + place.top + place.height / 2.0) * picture.made_for.scale;
        return picture.image.pixel(x, static_cast<int>(y));
    }

    Colours colours_ = Colours::of(QPalette(Qt::gray, Qt::white));
};

TEST_F(PictureTest, RunsHaveTheColourOfTheirThread) {
    const Picture picture = make(request());
    EXPECT_EQ(at(picture, TrackKind::Cpu, 0, 0, 300), colours_.thread(2));
    EXPECT_EQ(at(picture, TrackKind::Cpu, 0, 0, 600), colours_.background);
    EXPECT_EQ(at(picture, TrackKind::Cpu, 0, 0, 750), colours_.thread(2));
    EXPECT_EQ(at(picture, TrackKind::Cpu, 1, 0, 900), colours_.thread(3));
    EXPECT_EQ(at(picture, TrackKind::Task, 1, 0, 300), colours_.thread(2));
    EXPECT_EQ(at(picture, TrackKind::Thread, 2, 0, 300), colours_.cpu(0));
}

TEST_F(PictureTest, AMarkIsSeenAtItsTime) {
    const Picture picture = make(request());
    EXPECT_EQ(at(picture, TrackKind::Kernel, 0, 0, 20), colours_.mark);
    EXPECT_EQ(at(picture, TrackKind::Kernel, 0, 0, 21), colours_.background);
}

TEST_F(PictureTest, ACounterIsAnAreaBelowItsValue) {
    const Picture picture = make(request());
    const TrackId counter = [&] {
        for (const Row& row : picture.made_for.rows) {
            if (row.kind == TrackKind::Counter) return row.track;
        }
        return no_track;
    }();
    const Row* row = Rows::of(picture.made_for.rows, counter);
    ASSERT_NE(row, nullptr);
    const LanePlace& place = row->lanes.front();
    const int top = row->top + place.top;
    EXPECT_EQ(picture.image.pixel(500, top + place.height - 1), colours_.background);  // before it
    EXPECT_EQ(picture.image.pixel(800, top), colours_.counter_edge);  // 1000, the greatest
    EXPECT_EQ(picture.image.pixel(800, top + place.height / 2), colours_.counter);
}

TEST_F(PictureTest, TextsNameWhatIsWide) {
    const Picture picture = make(request());
    bool found = false;
    for (const PictureText& text : picture.texts) {
        found = found || (text.text.endsWith(" 2") && text.begin <= 1000 && text.end >= 5000);
    }
    EXPECT_TRUE(found);
}

TEST_F(PictureTest, ScalesForFineScreens) {
    const Picture picture = make(request(1.5));
    EXPECT_EQ(picture.image.height(), static_cast<int>(std::ceil(picture.made_for.height() * 1.5)));
    EXPECT_EQ(at(picture, TrackKind::Cpu, 0, 0, 300), colours_.thread(2));
}

TEST_F(PictureTest, GivesUpWhenCancelled) {
    const std::atomic<bool> cancelled = true;
    EXPECT_TRUE(make_picture(loader_, request(), cancelled).image.isNull());
}

TEST_F(PictureTest, TheSourceMakesTheNewestWish) {
    PictureSource source(loader_);
    PictureRequest near = request();
    for (int i = 1; i <= 20; ++i) {
        near.end = static_cast<uint64_t>(10'000 + i);
        source.want(near, request(), 1);
    }
    ASSERT_TRUE(QTest::qWaitFor([&] { return source.settled(); }));
    ASSERT_NE(source.near(), nullptr);
    EXPECT_EQ(source.near()->made_for.end, 10'020U);
    PictureRequest impossible = request();
    impossible.width = 0;
    source.want(impossible, impossible, 1);
    EXPECT_TRUE(source.settled());
}

}  // namespace
}  // namespace inspector
