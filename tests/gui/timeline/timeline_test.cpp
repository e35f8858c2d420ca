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

// A live run that goes another way than before: its trace is read anew.
TEST(TimelineOfALiveRun, TakesAnotherTrace) {
    const testing::RunFolder folder;
    folder.write_trace();
    QFile file(folder.file("trace.pftrace"));
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    const std::string bytes = file.readAll().toStdString();
    TraceLoader loader(LoadOptions{.window = 0});
    Selection selection;
    loader.append(bytes);
    Timeline timeline(loader, selection);
    TraceSearch search(loader);
    const auto find = [&](TrackKind kind, uint32_t number) {
        return timeline.rows().tree().find(kind, number);
    };
    ASSERT_TRUE(QTest::qWaitFor([&] { return find(TrackKind::Thread, 3) != no_track; }));
    const TrackId cpu = find(TrackKind::Cpu, 1);
    timeline.rows().toggle_pin(cpu);
    timeline.rows().toggle_pin(find(TrackKind::Thread, 3));
    timeline.select_event({cpu, LaneKind::Runs, 0, 0});
    ASSERT_TRUE(timeline.selected_event());
    const uint64_t age = timeline.age();

    // It has hardly begun: there is no CPU yet, and so nothing that was pinned.
    loader.restart();
    loader.append(std::string_view(bytes).substr(0, 40));
    EXPECT_EQ(timeline.progress().edition, 0U);
    EXPECT_TRUE(loader.read([&](const TraceStore& store) { return store.track_count() > cpu; }));
    search.start("map", true);
    loader.take_over();
    timeline.select_track(cpu);  // before it is known here
    timeline.step(1);
    ASSERT_TRUE(QTest::qWaitFor([&] { return timeline.progress().edition == 1; }));
    EXPECT_GT(timeline.age(), age);
    EXPECT_FALSE(timeline.selected_event());
    EXPECT_EQ(find(TrackKind::Cpu, 1), no_track);
    EXPECT_TRUE(timeline.rows().pinned().empty());
    EXPECT_FALSE(timeline.complete());

    loader.append(std::string_view(bytes).substr(40));
    loader.finish();
    ASSERT_TRUE(QTest::qWaitFor([&] { return timeline.complete(); }));
    EXPECT_NE(find(TrackKind::Cpu, 1), no_track);
}

TEST(RowsOfALiveRun, KeepWhatIsPinnedByItsPath) {
    TrackTree first;
    first.nodes.resize(3);
    first.nodes[1] = {.kind = TrackKind::Cpu, .name = "CPU 0", .parent = root_track, .runs = true};
    first.nodes[2] = {.kind = TrackKind::Cpu, .name = "CPU 1", .parent = root_track, .number = 1};
    TrackTree other = first;
    std::swap(other.nodes[1], other.nodes[2]);
    Rows rows;
    rows.set_tree(std::make_shared<const TrackTree>(first));
    rows.toggle_pin(2);
    rows.set_other_tree(std::make_shared<const TrackTree>(other));
    EXPECT_TRUE(rows.is_pinned(1));
    EXPECT_FALSE(rows.is_pinned(2));
}

TEST_F(TimelineTest, TellsOfThePresentOnce) {
    QSignalSpy told(timeline_.get(), &Timeline::present_changed);
    timeline_->set_present(5000);
    timeline_->set_present(5000);
    EXPECT_EQ(timeline_->present(), 5000U);
    EXPECT_EQ(told.count(), 1);
}

}  // namespace
}  // namespace inspector
