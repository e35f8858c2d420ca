// SPDX-License-Identifier: Apache-2.0
// Lookups of single events.
#include "gui/trace/lookup.hpp"

#include <gtest/gtest.h>

#include "tests/gui/trace/written_trace.hpp"

namespace {

using namespace inspector;
using inspector::testing::track_at;
using inspector::testing::WrittenTrace;
using orrery::trace::ThreadState;

void three_runs(WrittenTrace& trace) {
    for (uint64_t i = 0; i < 3; ++i) {
        trace.writer().thread_waking(100 * i + 5, 1, 0, {7, "worker"}, 0);
        trace.writer().thread_switch(100 * i + 10, 0, {0, "idle"}, ThreadState::Runnable,
                                     {7, "worker"});
        trace.writer().thread_switch(100 * i + 50, 0, {7, "worker"}, ThreadState::Sleeping,
                                     {0, "idle"});
    }
}

TEST(Lookup, FindsTheRunAtATimeAndItsNeighbours) {
    WrittenTrace trace;
    three_runs(trace);
    const TraceStore& store = trace.read();
    const TrackId cpu = store.find_cpu(0, TrackKind::Cpu);
    EXPECT_EQ(run_at(store, cpu, 60), std::nullopt);
    const auto run = run_at(store, cpu, 110);
    ASSERT_TRUE(run);
    const EventDetails about = details(store, *run);
    EXPECT_EQ(about.begin, 110U);
    EXPECT_EQ(about.end, 150U);
    EXPECT_EQ(about.name, "worker");
    EXPECT_EQ(about.cpu, 0U);
    EXPECT_EQ(about.run_end, RunEnd::Sleeping);
    EXPECT_EQ(details(store, *next(store, *run)).begin, 210U);
    EXPECT_EQ(details(store, *previous(store, *run)).begin, 10U);
    EXPECT_EQ(next(store, *next(store, *run)), std::nullopt);
    EXPECT_EQ(previous(store, *previous(store, *run)), std::nullopt);
    const EventRef lane{cpu, LaneKind::Runs};
    EXPECT_EQ(next_after(store, lane, 10)->row, 1U);
    EXPECT_EQ(next_after(store, lane, 9)->row, 0U);
    EXPECT_EQ(previous_before(store, lane, 10), std::nullopt);
    EXPECT_EQ(previous_before(store, lane, 11)->row, 0U);
}

TEST(Lookup, FindsTheWakeUpsAroundATime) {
    WrittenTrace trace;
    three_runs(trace);
    const TraceStore& store = trace.read();
    const ThreadIndex worker = *store.find_thread(7);
    const auto wake = next_wake(store, worker, 5);
    ASSERT_TRUE(wake);
    const Wake right{.time = 105, .waker = idle_thread, .woken = worker, .cpu = 1, .target = 0};
    EXPECT_EQ(details(store, *wake).wake, right);
    EXPECT_EQ(details(store, *previous_wake(store, worker, 105)).begin, 5U);
    EXPECT_EQ(next_wake(store, worker, 205), std::nullopt);
    const EventRef on_cpu{store.find_cpu(1, TrackKind::Cpu), LaneKind::Wakes, 0, 1};
    EXPECT_EQ(details(store, on_cpu).wake, right);
}

TEST(Lookup, ReferencesToNothingAreTold) {
    WrittenTrace trace;
    three_runs(trace);
    const TraceStore& store = trace.read();
    const TrackId cpu = store.find_cpu(0, TrackKind::Cpu);
    EXPECT_TRUE(exists(store, {cpu, LaneKind::Runs, 0, 2}));
    EXPECT_FALSE(exists(store, {cpu, LaneKind::Runs, 0, 3}));
    EXPECT_FALSE(exists(store, {cpu, LaneKind::Slices, 5, 0}));
    EXPECT_FALSE(exists(store, {cpu, LaneKind::Counter, 0, 0}));
    EXPECT_FALSE(exists(store, {}));
    EXPECT_EQ(slice_at(store, cpu, 20), std::nullopt);
    EXPECT_EQ(value_at(store, cpu, 20), std::nullopt);
}

}  // namespace
