// SPDX-License-Identifier: Apache-2.0
// aggregate() against going through the events that were written.
#include "gui/trace/aggregate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>

#include "tests/gui/trace/written_trace.hpp"

namespace {

using namespace inspector;
using inspector::testing::track_at;
using inspector::testing::WrittenTrace;

struct Interval {
    uint64_t begin;
    uint64_t end;
    std::string name;
};

struct Sum {
    uint64_t count = 0;
    uint64_t time = 0;
    uint64_t least = UINT64_MAX;
    uint64_t greatest = 0;
};

std::map<std::string, Sum> naive(const std::vector<Interval>& intervals, uint64_t begin,
                                 uint64_t end) {
    std::map<std::string, Sum> sums;
    for (const Interval& one : intervals) {
        if (one.begin >= end || (one.end <= begin && one.begin < begin)) continue;
        const uint64_t from = std::max(one.begin, begin);
        const uint64_t to = std::min(one.end, end);
        const uint64_t time = to > from ? to - from : 0;
        Sum& sum = sums[one.name];
        ++sum.count;
        sum.time += time;
        sum.least = std::min(sum.least, time);
        sum.greatest = std::max(sum.greatest, time);
    }
    return sums;
}

void compare(const std::vector<Totals>& totals, const std::map<std::string, Sum>& right,
             const std::function<std::string(uint32_t)>& name) {
    ASSERT_EQ(totals.size(), right.size());
    for (size_t i = 0; i < totals.size(); ++i) {
        const Totals& one = totals[i];
        ASSERT_TRUE(right.contains(name(one.key))) << name(one.key);
        const Sum& sum = right.at(name(one.key));
        EXPECT_EQ(one.count, sum.count);
        EXPECT_EQ(one.time, sum.time);
        EXPECT_EQ(one.least, sum.least);
        EXPECT_EQ(one.greatest, sum.greatest);
        if (i != 0) EXPECT_GE(totals[i - 1].time, one.time);
    }
}

TEST(Aggregate, RunsAndSlicesAreThoseOfGoingThroughAll) {
    WrittenTrace trace;
    std::mt19937_64 random(7);
    std::vector<Interval> runs;
    std::vector<Interval> calls;
    const auto track = trace.writer().named_track("calls");
    uint32_t running = 0;
    uint64_t since = 0;
    for (uint64_t time = 1; time < 60'000; time += random() % 20) {
        const auto next = static_cast<uint32_t>(random() % 6);
        const auto name = [](uint32_t id) { return id == 0 ? "idle" : "t" + std::to_string(id); };
        trace.writer().thread_switch(time, 0, {running, name(running)},
                                     orrery::trace::ThreadState::Runnable, {next, name(next)});
        if (running != 0) runs.push_back({since, time, name(running)});
        running = next;
        since = time;
        const std::string call = "call " + std::to_string(random() % 4);
        trace.writer().slice_begin(time, track, call);
        calls.push_back({time, time + random() % 5, call});
        trace.writer().slice_end(calls.back().end, track);
        time = calls.back().end;
    }
    trace.writer().thread_switch(60'100, 0, {running, ""}, orrery::trace::ThreadState::Runnable,
                                 {0, "idle"});
    if (running != 0) runs.push_back({since, 60'100, "t" + std::to_string(running)});
    const TraceStore& store = trace.read();
    const std::vector<TrackId> tracks{store.find_cpu(0, TrackKind::Cpu),
                                      track_at(store, {"calls"})};
    for (unsigned i = 0; i < 50; ++i) {
        uint64_t begin = i == 0 ? 0 : random() % 61'000;
        uint64_t end = i == 0 ? 70'000 : random() % 61'000;
        if (begin > end) std::swap(begin, end);
        const Aggregates sums = aggregate(store, begin, end, tracks);
        compare(sums.threads, naive(runs, begin, end), [&](uint32_t key) {
            return std::string(store.strings().view(store.threads()[key].name));
        });
        compare(sums.slices, naive(calls, begin, end),
                [&](uint32_t key) { return std::string(store.strings().view(key)); });
    }
}

TEST(Aggregate, ThreadsAreTakenFromTheirTracksWhereThereIsNoCpu) {
    WrittenTrace trace;
    trace.writer().thread_switch(10, 0, {0, "idle"}, orrery::trace::ThreadState::Runnable,
                                 {5, "a"});
    trace.writer().thread_switch(30, 0, {5, "a"}, orrery::trace::ThreadState::Sleeping,
                                 {0, "idle"});
    const TraceStore& store = trace.read();
    const ThreadIndex thread = *store.find_thread(5);
    const TrackId own = store.threads()[thread].track;
    const TrackId cpu = store.find_cpu(0, TrackKind::Cpu);
    const std::vector<Totals> right{{thread, 1, 20, 20, 20}};
    EXPECT_EQ(aggregate(store, 0, 100, std::vector{own}).threads, right);
    EXPECT_EQ(aggregate(store, 0, 100, std::vector{own, cpu}).threads, right);
    EXPECT_EQ(right.front().mean(), 20);
}

TEST(Aggregate, CountersAreThoseOfGoingThroughAll) {
    WrittenTrace trace;
    std::mt19937_64 random(8);
    const auto track = trace.writer().counter_track("power");
    std::vector<std::pair<uint64_t, int64_t>> values;
    for (uint64_t time = 1000; values.size() < 10'000; time += 1 + random() % 100) {
        values.emplace_back(time, static_cast<int64_t>(random() % 2001) - 1000);
        trace.writer().counter(time, track, values.back().second);
    }
    const uint64_t now = values.back().first;
    const TraceStore& store = trace.read();
    const std::vector<TrackId> tracks{track_at(store, {"power"})};
    for (unsigned round = 0; round < 60; ++round) {
        uint64_t begin = random() % (now + 1000);
        uint64_t end = random() % (now + 1000);
        if (begin > end) std::swap(begin, end);
        CounterTotals right;
        double time = 0;
        bool any = false;
        for (size_t i = 0; i < values.size(); ++i) {
            const uint64_t held = i + 1 < values.size() ? values[i + 1].first : now;
            const uint64_t from = std::max(begin, values[i].first);
            const uint64_t to = std::min(end, held);
            const bool inside = values[i].first >= begin && values[i].first < end;
            right.count += inside ? 1 : 0;
            if (to <= from && !inside) continue;
            right.least = any ? std::min(right.least, values[i].second) : values[i].second;
            right.greatest = any ? std::max(right.greatest, values[i].second) : values[i].second;
            any = true;
            if (to <= from) continue;
            right.integral +=
                static_cast<double>(values[i].second) * static_cast<double>(to - from);
            time += static_cast<double>(to - from);
        }
        const Aggregates sums = aggregate(store, begin, end, tracks);
        ASSERT_EQ(sums.counters.size(), any ? 1U : 0U) << begin << " " << end;
        if (!any) continue;
        EXPECT_EQ(sums.counters[0].count, right.count);
        EXPECT_EQ(sums.counters[0].least, right.least);
        EXPECT_EQ(sums.counters[0].greatest, right.greatest);
        EXPECT_NEAR(sums.counters[0].integral, right.integral / 1e9, 1e-9);
        if (time > 0) EXPECT_NEAR(sums.counters[0].mean, right.integral / time, 1e-6);
    }
}

TEST(Aggregate, MarksAreCountedByName) {
    WrittenTrace trace;
    const auto track = trace.writer().named_track("uart");
    for (uint64_t i = 0; i < 10; ++i) {
        trace.writer().instant(i * 10, track, i % 3 == 0 ? "receive" : "transmit");
    }
    const TraceStore& store = trace.read();
    const std::vector<TrackId> tracks{track_at(store, {"uart"})};
    const Aggregates sums = aggregate(store, 10, 60, tracks);
    ASSERT_EQ(sums.marks.size(), 2U);
    EXPECT_EQ(store.strings().view(sums.marks[0].key), "transmit");
    EXPECT_EQ(sums.marks[0].count, 4U);
    EXPECT_EQ(sums.marks[1].count, 1U);
}

}  // namespace
