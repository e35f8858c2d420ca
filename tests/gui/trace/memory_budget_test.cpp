// SPDX-License-Identifier: Apache-2.0
// An endless live run stays within its budget, and says from when on there is something.
#include <gtest/gtest.h>

#include "gui/trace/lookup.hpp"
#include "gui/trace/visible.hpp"
#include "tests/gui/trace/written_trace.hpp"

namespace {

using namespace inspector;
using inspector::testing::track_at;
using inspector::testing::WrittenTrace;
using orrery::trace::ThreadState;

// Many events of each kind, the same all along.
std::string long_run(uint64_t rounds) {
    WrittenTrace trace;
    auto& writer = trace.writer();
    const auto calls = writer.named_track("calls");
    const auto marks = writer.named_track("marks");
    const auto values = writer.counter_track("values");
    for (uint64_t i = 0; i < rounds; ++i) {
        const uint64_t time = i * 100;
        writer.thread_waking(time, 0, 0, {7, "worker"}, 0);
        writer.thread_switch(time + 10, 0, {0, "idle"}, ThreadState::Runnable, {7, "worker"});
        writer.slice_begin(time + 20, calls, "call", {{"argument", i}});
        writer.slice_end(time + 30, calls, {{"result", i}});
        writer.instant(time + 40, marks, "mark", {{"value", i}});
        writer.counter(time + 50, values, static_cast<int64_t>(i));
        writer.thread_switch(time + 60, 0, {7, "worker"}, ThreadState::Sleeping, {0, "idle"});
    }
    return trace.bytes();
}

TEST(MemoryBudget, TheOldestGoAndTheRestIsWhole) {
    constexpr size_t budget = size_t{6} << 20;
    constexpr uint64_t rounds = 60'000;
    const std::string bytes = long_run(rounds);
    TraceLoader loader({.memory_budget = budget, .window = 0});
    for (size_t at = 0; at < bytes.size(); at += 50'000) {
        loader.append(std::string_view(bytes).substr(at, 50'000));
        // Between two looks at memory some more may come.
        EXPECT_LE(loader.read([](const TraceStore& store) { return store.bytes(); }),
                  budget + (size_t{4} << 20));
    }
    loader.finish();
    loader.read([&](const TraceStore& store) {
        EXPECT_LE(store.bytes(), budget);
        EXPECT_TRUE(store.complete_from());
        if (!store.complete_from()) return;
        const uint64_t from = *store.complete_from();
        EXPECT_LT(from, rounds * 100 - 100'000);
        // From there on everything is there, with its arguments.
        const uint64_t first = (from + 99) / 100;
        const TrackId calls = track_at(store, {"calls"});
        for (uint64_t i = first; i < rounds; i += 997) {
            const auto call = slice_at(store, calls, i * 100 + 25);
            ASSERT_TRUE(call);
            const EventDetails about = details(store, *call);
            ASSERT_EQ(about.arguments.size(), 2U);
            EXPECT_EQ(about.arguments[0].bits, i);
            EXPECT_FALSE(about.arguments_dropped);
            EXPECT_EQ(value_at(store, track_at(store, {"values"}), i * 100 + 55),
                      static_cast<int64_t>(i));
            EXPECT_TRUE(run_at(store, store.find_cpu(0, TrackKind::Cpu), i * 100 + 15));
        }
        const View view{0, rounds * 100, 10};
        const auto pixels = visible(store, store.find_cpu(0, TrackKind::Cpu), view).runs;
        EXPECT_EQ(pixels.front().count, 0U);
        EXPECT_EQ(pixels.back().count, rounds / 10);
    });
}

TEST(MemoryBudget, NothingGoesWithinIt) {
    const std::string bytes = long_run(10'000);
    TraceLoader loader({.window = 0});
    loader.append(bytes);
    loader.finish();
    loader.read([](const TraceStore& store) { EXPECT_FALSE(store.complete_from()); });
}

// What is open is not dropped, however old, and ends as usual.
TEST(MemoryBudget, WhatIsOpenStays) {
    WrittenTrace trace;
    const auto track = trace.writer().named_track("long");
    trace.writer().slice_begin(1, track, "endless");
    const auto marks = trace.writer().named_track("marks");
    for (uint64_t i = 2; i < 200'000; ++i) trace.writer().instant(i, marks, "mark");
    const TraceStore& store = trace.read({.memory_budget = size_t{1} << 20});
    ASSERT_TRUE(store.complete_from());
    const IntervalLane& lane = *store.track(track_at(store, {"long"})).slices[0];
    ASSERT_EQ(lane.end_row(), 1U);
    EXPECT_EQ(lane.end(0), 199'999U);
}

}  // namespace
