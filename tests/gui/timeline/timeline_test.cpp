// SPDX-License-Identifier: Apache-2.0
// Tests of Timeline and TraceSearch: selecting, stepping, flows, sums, search.
#include "gui/timeline/timeline.hpp"

#include <QSignalSpy>

#include "gui/timeline/trace_search.hpp"
#include "tests/gui/timeline/open_trace.hpp"

namespace inspector {
namespace {

class TimelineTest : public testing::OpenTrace {};

TEST_F(TimelineTest, CpusStandNextToEachOther) {
    const TrackTree& tree = timeline_->rows().tree();
    const TrackId cpus = tree.node(track(TrackKind::Cpu, 0)).parent;
    const auto& children = tree.node(cpus).children;
    ASSERT_GE(children.size(), 2U);
    EXPECT_EQ(tree.node(children[0]).name, "CPU 0");
    EXPECT_EQ(tree.node(children[1]).name, "CPU 1");
}

TEST_F(TimelineTest, SelectingAnEventSelectsItEverywhere) {
    timeline_->select_event(run(TrackKind::Cpu, 0));
    const Selected& selected = selection_.selected();
    EXPECT_EQ(selected.time, 1000U);
    EXPECT_EQ(selected.end, 5000U);
    EXPECT_EQ(selected.cpu, 0U);
    EXPECT_EQ(selected.thread, 2U);
    EXPECT_EQ(selected.task, 1U);
    EXPECT_EQ(fact("duration"), "4 us");
    EXPECT_EQ(fact("begin"), "0.000 001 000 s");
    EXPECT_FALSE(fact("how it ended").isEmpty());
}

TEST_F(TimelineTest, WhatOthersSelectIsFollowed) {
    QSignalSpy wanted(timeline_.get(), &Timeline::row_wanted);
    Selected selected;
    selected.thread = 3;
    selection_.select(selected);
    EXPECT_EQ(timeline_->track(), track(TrackKind::Thread, 3));
    EXPECT_EQ(wanted.count(), 1);
    EXPECT_NE(Rows::of(timeline_->rows().scrolled(), timeline_->track()), nullptr);
    selection_.select({});
    EXPECT_EQ(timeline_->track(), no_track);
}

TEST_F(TimelineTest, StepsAlongTheLane) {
    timeline_->select_event(run(TrackKind::Cpu, 0));
    EXPECT_FALSE(timeline_->step(-1));
    EXPECT_TRUE(timeline_->step(1));
    EXPECT_EQ(selection_.selected().time, 7000U);
    EXPECT_FALSE(timeline_->step(1));
    EXPECT_TRUE(timeline_->step(-1));
    timeline_->clear();
    EXPECT_FALSE(timeline_->step(1));
}

TEST_F(TimelineTest, FollowsAFlowThereAndBack) {
    // Thread 3 runs on CPU 1 because thread 2, in a system call on CPU 0, woke it.
    timeline_->select_event(run(TrackKind::Cpu, 1));
    ASSERT_FALSE(timeline_->flow_lines().empty());
    EXPECT_TRUE(timeline_->follow_flow(-1));
    EXPECT_EQ(selection_.selected().time, 2500U);
    EXPECT_EQ(fact("woken by").right(2), " 2");
    EXPECT_TRUE(timeline_->follow_flow(-1));
    EXPECT_EQ(selection_.selected().time, 2000U);
    EXPECT_TRUE(timeline_->follow_flow(1));
    EXPECT_TRUE(timeline_->follow_flow(1));
    EXPECT_EQ(selection_.selected().time, 4000U);
}

TEST_F(TimelineTest, AWakeUpIsDrawnOnItsCpu) {
    timeline_->select_event(run(TrackKind::Cpu, 1));
    bool drawn = false;
    for (const FlowLine& line : timeline_->flow_lines()) {
        drawn = drawn || line.from.track == track(TrackKind::Cpu, 0);
    }
    EXPECT_TRUE(drawn);
}

TEST_F(TimelineTest, SumsUpAnArea) {
    QSignalSpy ready(timeline_.get(), &Timeline::sums_ready);
    const TrackId cpu = track(TrackKind::Cpu, 0);
    timeline_->select_area({4000, 8000, {cpu, cpu}});
    EXPECT_EQ(timeline_->area()->tracks.size(), 1U);
    ASSERT_TRUE(QTest::qWaitFor([&] { return !ready.isEmpty(); }));
    const auto sums = ready.front().front().value<Aggregates>();
    ASSERT_EQ(sums.threads.size(), 1U);
    EXPECT_EQ(sums.threads[0].time, 2000U);
    EXPECT_EQ(selection_.selected().end, 8000U);
}

TEST_F(TimelineTest, FitsWhatIsSelected) {
    timeline_->select_event(run(TrackKind::Cpu, 0));
    timeline_->fit_selection();
    EXPECT_LE(timeline_->viewport().target().begin, 1000);
    EXPECT_GE(timeline_->viewport().target().end, 5000);
    EXPECT_LT(timeline_->viewport().target().end, 7000);
    timeline_->clear();
    timeline_->fit_selection();
    EXPECT_EQ(timeline_->viewport().target(), timeline_->viewport().limits());
}

TEST_F(TimelineTest, AStaleReferenceSelectsNothing) {
    timeline_->select_event({track(TrackKind::Cpu, 0), LaneKind::Runs, 0, 999});
    timeline_->select_event({9999, LaneKind::Runs, 0, 0});
    EXPECT_FALSE(timeline_->selected_event().has_value());
}

TEST_F(TimelineTest, SearchGoesAroundItsHits) {
    TraceSearch search(loader_);
    search.start("cpu online", false);
    ASSERT_TRUE(QTest::qWaitFor([&] { return search.done(); }));
    ASSERT_EQ(search.hits().size(), 2U);
    EXPECT_EQ(search.state_text(), "2 found");
    const auto first = search.next(1);
    EXPECT_EQ(search.state_text(), "1 of 2");
    EXPECT_NE(search.next(1), first);
    EXPECT_EQ(search.next(1), first);
    EXPECT_NE(search.next(-1), first);
    search.start("no such thing", true);
    ASSERT_TRUE(QTest::qWaitFor([&] { return search.done(); }));
    EXPECT_FALSE(search.next(1).has_value());
    EXPECT_EQ(search.state_text(), "nothing found");
    search.start("", true);
    EXPECT_TRUE(search.done());
    EXPECT_EQ(search.state_text(), "");
}

}  // namespace
}  // namespace inspector
