// SPDX-License-Identifier: Apache-2.0
// Tests of TimelineView: keys and mouse.
#include "gui/timeline/timeline_view.hpp"

#include <QScrollBar>
#include <QSignalSpy>
#include <QWheelEvent>

#include "gui/timeline/timeline_keys.hpp"
#include "tests/gui/timeline/open_trace.hpp"

namespace inspector {
namespace {

class TimelineViewTest : public testing::OpenTrace {
  protected:
    TimelineViewTest() : view_(std::make_unique<TimelineView>(*timeline_)) {
        view_->resize(1000, 600);
        view_->show();
        settle();
    }

    void settle() {
        EXPECT_TRUE(QTest::qWaitFor([&] { return view_->settled(); }));
    }
    void press(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::keyClick(view_.get(), static_cast<Qt::Key>(key), modifiers);
        settle();
    }
    [[nodiscard]] Span seen() const { return timeline_->viewport().now(); }
    // Where a time of a track is in the widget.
    [[nodiscard]] QPoint point(TrackId track, double time) const {
        const auto place = view_->row_place(track);
        EXPECT_TRUE(place.has_value());
        return {static_cast<int>(view_->frame().x(time)), place->center().y()};
    }
    void drag(const QPoint& from, const QPoint& to, Qt::KeyboardModifiers modifiers = {}) {
        QTest::mousePress(view_->viewport(), Qt::LeftButton, modifiers, from);
        QMouseEvent move(QEvent::MouseMove, to, view_->viewport()->mapToGlobal(to), Qt::NoButton,
                         Qt::LeftButton, modifiers);
        QApplication::sendEvent(view_->viewport(), &move);
        QTest::mouseRelease(view_->viewport(), Qt::LeftButton, modifiers, to);
        settle();
    }

    std::unique_ptr<TimelineView> view_;
};

TEST_F(TimelineViewTest, KeysZoomAndPan) {
    const Span all = seen();
    press(Qt::Key_W);
    EXPECT_LT(seen().length(), all.length());
    const Span closer = seen();
    press(Qt::Key_D);
    EXPECT_GT(seen().begin, closer.begin);
    press(Qt::Key_A);
    EXPECT_NEAR(seen().begin, closer.begin, all.length() / 50);
    press(Qt::Key_S);
    EXPECT_GT(seen().length(), closer.length());
    press(Qt::Key_W);
    press(Qt::Key_0);
    EXPECT_EQ(seen(), all);
}

TEST_F(TimelineViewTest, AHeldKeyGoesOnUntilItIsLetGo) {
    QTest::keyPress(view_.get(), Qt::Key_W);
    QTest::qWait(200);
    const double length = seen().length();
    QTest::qWait(200);
    EXPECT_LT(seen().length(), length);
    QTest::keyRelease(view_.get(), Qt::Key_W);
    settle();
    const Span still = seen();
    QTest::qWait(50);
    EXPECT_EQ(seen(), still);
}

TEST_F(TimelineViewTest, AClickSelectsAndKeysStep) {
    QTest::mouseClick(view_->viewport(), Qt::LeftButton, {}, point(track(TrackKind::Cpu, 0), 3000));
    ASSERT_TRUE(timeline_->selected_event().has_value());
    EXPECT_EQ(selection_.selected().thread, 2U);
    press(Qt::Key_Period);
    EXPECT_EQ(selection_.selected().time, 7000U);
    press(Qt::Key_Comma);
    EXPECT_EQ(selection_.selected().time, 1000U);
    press(Qt::Key_F);
    EXPECT_LT(seen().end, 7000);
    press(Qt::Key_Escape);
    EXPECT_FALSE(timeline_->selected_event().has_value());
}

TEST_F(TimelineViewTest, AClickBesideEventsSelectsTheTrack) {
    QTest::mouseClick(view_->viewport(), Qt::LeftButton, {}, point(track(TrackKind::Cpu, 0), 6000));
    EXPECT_FALSE(timeline_->selected_event().has_value());
    EXPECT_EQ(timeline_->track(), track(TrackKind::Cpu, 0));
    EXPECT_EQ(selection_.selected().cpu, 0U);
}

TEST_F(TimelineViewTest, ShiftDragSelectsAnAreaOfTheTracksDraggedOver) {
    const TrackId cpu = track(TrackKind::Cpu, 1);
    drag(point(cpu, 4500), point(cpu, 9500), Qt::ShiftModifier);
    ASSERT_TRUE(timeline_->area().has_value());
    EXPECT_EQ(timeline_->area()->tracks, std::vector<TrackId>{cpu});
    EXPECT_NEAR(static_cast<double>(timeline_->area()->begin), 4500, 30);
    EXPECT_NEAR(static_cast<double>(timeline_->area()->end), 9500, 30);
}

TEST_F(TimelineViewTest, ADragOnTheRulerSelectsAnAreaOfAll) {
    const TimelineFrame frame = view_->frame();
    drag({static_cast<int>(frame.x(2000)), 10}, {static_cast<int>(frame.x(3000)), 10});
    ASSERT_TRUE(timeline_->area().has_value());
    EXPECT_EQ(timeline_->area()->tracks.size(), timeline_->rows().tree().nodes.size());
}

TEST_F(TimelineViewTest, ADragMovesTheTime) {
    press(Qt::Key_W);
    press(Qt::Key_W);
    const Span before = seen();
    const QPoint from = point(track(TrackKind::Cpu, 0), before.at(0.7));
    drag(from, from - QPoint(200, 0));
    EXPECT_GT(seen().begin, before.begin);
    EXPECT_DOUBLE_EQ(seen().length(), before.length());
}

TEST_F(TimelineViewTest, TheWheelZoomsAroundTheMouse) {
    const QPointF at = point(track(TrackKind::Cpu, 0), 3000);
    const double time = view_->frame().time(at.x());
    QWheelEvent wheel(at, view_->viewport()->mapToGlobal(at), {}, {0, 240}, Qt::NoButton,
                      Qt::ControlModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(view_->viewport(), &wheel);
    settle();
    EXPECT_LT(seen().length(), timeline_->viewport().limits().length());
    EXPECT_NEAR(view_->frame().time(at.x()), time, 20);
}

TEST_F(TimelineViewTest, NamesFoldAndPin) {
    const TrackId task = track(TrackKind::Task, 1);
    const auto rows = [&] { return timeline_->rows().scrolled().size(); };
    const size_t folded = rows();
    const QPoint name = view_->row_place(task)->topLeft() + QPoint(60, 8);
    QTest::mouseClick(view_->viewport(), Qt::LeftButton, {}, name);
    EXPECT_GT(rows(), folded);
    const TrackId cpu = track(TrackKind::Cpu, 1);
    QRect place = *view_->row_place(cpu);
    place.setWidth(view_->frame().names - 1);
    QTest::mouseClick(view_->viewport(), Qt::LeftButton, {},
                      TimelinePaint::pin_button(place).center());
    EXPECT_TRUE(timeline_->rows().is_pinned(cpu));
    EXPECT_EQ(view_->row_place(cpu)->top(), TimelineFrame::ruler);
    press(Qt::Key_Minus);
    EXPECT_LT(rows(), folded);
}

TEST_F(TimelineViewTest, TheThreadsColourIsOnTheScreen) {
    const QPoint at = point(track(TrackKind::Cpu, 0), 4000);
    const QImage image = view_->viewport()->grab().toImage();
    EXPECT_EQ(image.pixel(at), Colours::of(view_->palette()).thread(2));
}

TEST_F(TimelineViewTest, EveryKeyIsExplained) {
    QString all;
    for (const KeyHelp& help : timeline_keys()) {
        EXPECT_FALSE(help.what.isEmpty());
        all += help.keys + u' ';
    }
    for (const char* key : {"W", "A", "S", "D", "F", "Q", ".", ",", "P", "/"}) {
        EXPECT_TRUE(all.contains(QLatin1String(key))) << key;
    }
}

TEST(TimelineViewOfNothing, SaysThatThereIsNoTrace) {
    TraceLoader loader;
    Selection selection;
    Timeline timeline(loader, selection);
    TimelineView view(timeline);
    view.resize(600, 300);
    view.show();
    QTest::keyClick(&view, Qt::Key_W);
    QTest::keyClick(&view, Qt::Key_F);
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, {300, 150});
    QTest::qWait(50);
    EXPECT_FALSE(view.grab().isNull());
}

}  // namespace
}  // namespace inspector
