// SPDX-License-Identifier: Apache-2.0
// visible() against going through everything, over random lanes and views.
#include "gui/trace/visible.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace {

using namespace inspector;

using Random = std::mt19937_64;

// Intervals with gaps, some of no length, some that follow at once, of few or many keys.
IntervalLane random_intervals(Random& random, uint64_t rows, uint32_t keys, bool open) {
    IntervalLane lane;
    uint64_t time = random() % 1000;
    for (uint64_t i = 0; i < rows; ++i) {
        if (random() % 3 != 0) time += random() % 50;
        const auto key = static_cast<uint32_t>(random() % keys);
        EXPECT_TRUE(lane.open(time, key, i));
        if (open && i + 1 == rows) break;
        if (random() % 8 != 0) time += random() % (1 + key * 10);
        EXPECT_TRUE(lane.close(time, i));
    }
    return lane;
}

struct NaivePixel {
    IntervalPixel pixel;
    std::map<uint32_t, uint64_t> shares;
};

NaivePixel naive(const IntervalLane& lane, uint64_t begin, uint64_t end, uint64_t now) {
    NaivePixel result;
    for (uint64_t row = lane.begin_row(); row < lane.end_row(); ++row) {
        const uint64_t from = lane.begin(row);
        const uint64_t to = lane.end(row);
        if (from >= end || (to <= begin && from < begin)) continue;
        if (result.pixel.count++ == 0) result.pixel.first = row;
        const uint64_t last = std::min(to == still_open ? now : to, end);
        const uint64_t first = std::max(from, begin);
        const uint64_t time = last > first ? last - first : 0;
        result.pixel.busy += time;
        result.shares[lane.key(row)] += time;
    }
    return result;
}

void compare(const IntervalLane& lane, const View& view, uint64_t now) {
    const auto pixels = visible(lane, view, now);
    ASSERT_EQ(pixels.size(), view.pixels);
    for (uint32_t i = 0; i < view.pixels; ++i) {
        const NaivePixel right = naive(lane, view.pixel_begin(i), view.pixel_end(i), now);
        ASSERT_EQ(pixels[i].count, right.pixel.count) << i;
        ASSERT_EQ(pixels[i].first, right.pixel.first) << i;
        ASSERT_EQ(pixels[i].busy, right.pixel.busy) << i;
        if (right.pixel.count == 0) {
            ASSERT_EQ(pixels[i].dominant, no_key);
            continue;
        }
        uint64_t most = 0;
        for (const auto& [key, time] : right.shares) most = std::max(most, time);
        ASSERT_TRUE(right.shares.contains(pixels[i].dominant)) << i;
        const uint64_t said = right.shares.at(pixels[i].dominant);
        const uint64_t slack = right.pixel.count <= 16 ? 0 : right.pixel.busy / 5;
        ASSERT_GE(said + slack, most) << i << " of " << right.pixel.count;
    }
}

View random_view(Random& random, uint64_t end) {
    uint64_t from = random() % (end + 100);
    uint64_t to = random() % (end + 100);
    if (from > to) std::swap(from, to);
    if (random() % 4 == 0) to = from + random() % 200;
    return {from, to, static_cast<uint32_t>(1 + random() % 60)};
}

TEST(Visible, IntervalsAreThoseOfGoingThroughAll) {
    Random random(2);
    for (unsigned round = 0; round < 60; ++round) {
        const uint64_t rows = round % 3 == 0 ? 9000 : random() % 300;
        const uint32_t keys = round % 2 == 0 ? 4 : 40;
        const IntervalLane lane = random_intervals(random, rows, keys, round % 5 == 0);
        const uint64_t now =
            rows == 0 ? 100 : lane.begin(rows - 1) + random() % 500 + (round % 5 == 0 ? 0 : 500);
        compare(lane, {0, now, 37}, now);
        for (unsigned i = 0; i < 6; ++i) compare(lane, random_view(random, now), now);
    }
}

// What the summaries of blocks say, over four keys and a lane of many chunks, is exact.
TEST(Visible, FourKeysAreExactHoweverMany) {
    Random random(3);
    const IntervalLane lane = random_intervals(random, 40'000, 4, false);
    const uint64_t now = lane.end(lane.end_row() - 1);
    for (const uint32_t pixels : {1U, 3U, 10U}) {
        const View view{0, now, pixels};
        const auto seen = visible(lane, view, now);
        for (uint32_t i = 0; i < pixels; ++i) {
            const NaivePixel right = naive(lane, view.pixel_begin(i), view.pixel_end(i), now);
            uint64_t most = 0;
            for (const auto& [key, time] : right.shares) most = std::max(most, time);
            EXPECT_EQ(right.shares.at(seen[i].dominant), most);
        }
    }
}

// Dropped chunks leave the rest as it was.
TEST(Visible, WhatIsLeftAfterChunksWentIsTheSame) {
    Random random(4);
    IntervalLane lane = random_intervals(random, 15'000, 7, false);
    const uint64_t now = lane.end(lane.end_row() - 1);
    lane.drop_oldest();
    lane.drop_oldest();
    ASSERT_EQ(lane.begin_row(), 2 * chunk_rows);
    for (unsigned i = 0; i < 10; ++i) compare(lane, random_view(random, now), now);
    compare(lane, {0, now, 50}, now);
}

// A lane all of which went, in the middle of a chunk, is filled again.
TEST(Visible, ALaneThatWasEmptiedGoesOn) {
    IntervalLane lane;
    uint64_t time = 0;
    const auto add = [&](uint64_t count) {
        for (uint64_t i = 0; i < count; ++i) {
            ASSERT_TRUE(lane.open(time, static_cast<uint32_t>(i % 5), 0));
            ASSERT_TRUE(lane.close(time + 3, 0));
            time += 5;
        }
    };
    add(100);
    lane.drop_oldest();
    ASSERT_TRUE(lane.empty());
    EXPECT_FALSE(lane.oldest_chunk_end());
    add(2 * chunk_rows);
    for (const uint32_t pixels : {1U, 7U, 100U}) compare(lane, {0, time, pixels}, time);
}

TEST(Visible, CountersAreThoseOfGoingThroughAll) {
    Random random(5);
    for (unsigned round = 0; round < 40; ++round) {
        CounterLane lane;
        uint64_t time = 500;
        const uint64_t rows = round % 3 == 0 ? 9000 : random() % 200;
        for (uint64_t i = 0; i < rows; ++i) {
            time += random() % 4 * (random() % 20);
            ASSERT_TRUE(lane.append(time, static_cast<int64_t>(random() % 2000) - 1000));
        }
        if (round % 6 == 0 && rows > chunk_rows) lane.drop_oldest();
        for (unsigned i = 0; i < 6; ++i) {
            const View view = i == 0 ? View{0, time + 100, 41} : random_view(random, time);
            const auto pixels = visible(lane, view);
            for (uint32_t p = 0; p < view.pixels; ++p) {
                CounterPixel right;
                for (uint64_t row = lane.begin_row(); row < lane.end_row(); ++row) {
                    const uint64_t at = lane.time(row);
                    if (at >= view.pixel_end(p)) break;
                    const uint64_t until =
                        row + 1 == lane.end_row() ? UINT64_MAX : lane.time(row + 1);
                    if (until <= view.pixel_begin(p) && at < view.pixel_begin(p)) continue;
                    const int64_t value = lane.value(row);
                    right.least = right.known ? std::min(right.least, value) : value;
                    right.greatest = right.known ? std::max(right.greatest, value) : value;
                    right.known = true;
                    right.last = value;
                    right.count += at >= view.pixel_begin(p) ? 1 : 0;
                }
                ASSERT_EQ(pixels[p].count, right.count);
                ASSERT_EQ(pixels[p].known, right.known);
                ASSERT_EQ(pixels[p].least, right.least) << p;
                ASSERT_EQ(pixels[p].greatest, right.greatest);
                ASSERT_EQ(pixels[p].last, right.last);
            }
        }
    }
}

TEST(Visible, MarksAreCounted) {
    Random random(6);
    PointLane lane;
    uint64_t time = 10;
    for (unsigned i = 0; i < 6000; ++i) {
        time += random() % 9;
        ASSERT_TRUE(lane.append(time, i % 3, 0));
    }
    for (unsigned i = 0; i < 30; ++i) {
        const View view = random_view(random, time);
        const auto pixels = visible(lane, view);
        for (uint32_t p = 0; p < view.pixels; ++p) {
            PointPixel right;
            for (uint64_t row = 0; row < lane.end_row(); ++row) {
                const bool inside =
                    lane.time(row) >= view.pixel_begin(p) && lane.time(row) < view.pixel_end(p);
                if (inside && right.count++ == 0) right.first = row;
            }
            ASSERT_EQ(pixels[p], right);
        }
    }
}

TEST(Visible, PixelsOfALongSpanDoNotOverflow) {
    const View view{0, UINT64_MAX / 2, 1'000'000};
    EXPECT_EQ(view.pixel_begin(0), 0U);
    EXPECT_EQ(view.pixel_end(999'999), UINT64_MAX / 2);
    EXPECT_LT(view.pixel_begin(500'000), view.pixel_end(500'000));
}

TEST(Visible, NothingIsSeenOfAnEmptyLane) {
    EXPECT_EQ(visible(IntervalLane(), {0, 10, 3}, 10), std::vector<IntervalPixel>(3));
    EXPECT_EQ(visible(CounterLane(), {0, 10, 3}), std::vector<CounterPixel>(3));
    EXPECT_EQ(visible(PointLane(), {5, 5, 2}), std::vector<PointPixel>(2));
}

TEST(IntervalLane, RefusesWhatComesTooLate) {
    IntervalLane lane;
    EXPECT_FALSE(lane.close(5, 0));
    EXPECT_TRUE(lane.open(10, 1, 0));
    EXPECT_FALSE(lane.open(20, 2, 0));
    EXPECT_FALSE(lane.close(9, 0));
    EXPECT_TRUE(lane.close(30, 0));
    EXPECT_FALSE(lane.open(29, 1, 0));
    EXPECT_TRUE(lane.open(30, 1, 0));
    EXPECT_EQ(lane.at(30), 1U);
    EXPECT_EQ(lane.at(15), 0U);
    EXPECT_EQ(lane.at(5), std::nullopt);
}

}  // namespace
