// SPDX-License-Identifier: Apache-2.0
// Search by names and arguments, and that its pieces are the whole.
#include "gui/trace/search.hpp"

#include <gtest/gtest.h>

#include "gui/trace/lookup.hpp"
#include "tests/gui/trace/written_trace.hpp"

namespace {

using namespace inspector;
using inspector::testing::WrittenTrace;
using orrery::trace::Address;

void marks_and_slices(WrittenTrace& trace) {
    const auto one = trace.writer().named_track("one");
    const auto two = trace.writer().named_track("two");
    for (uint64_t i = 0; i < 1000; ++i) {
        trace.writer().instant(10 * i, one, "map memory",
                               {{"address", Address{i << 12}}, {"size", uint64_t{4096}}});
        trace.writer().slice_begin(10 * i + 5, two, i % 2 == 0 ? "Read" : "Write");
        trace.writer().slice_end(10 * i + 6, two,
                                 {{"status", std::string_view(i % 4 == 0 ? "denied" : "ok")}});
    }
}

std::vector<uint64_t> times(const TraceStore& store, Search search, const SearchLimits& limits) {
    std::vector<uint64_t> result;
    for (unsigned round = 0; round < 100'000; ++round) {
        const SearchHits found = search.next(store, limits);
        EXPECT_LE(found.hits.size(), limits.hits);
        for (const EventRef& hit : found.hits) result.push_back(details(store, hit).begin);
        if (found.done) return result;
    }
    ADD_FAILURE() << "the search does not end";
    return result;
}

TEST(Search, FindsWordsInNamesWhateverTheirCase) {
    WrittenTrace trace;
    marks_and_slices(trace);
    const TraceStore& store = trace.read();
    EXPECT_EQ(times(store, Search("READ"), {}).size(), 500U);
    EXPECT_EQ(times(store, Search("r"), {}).size(), 2000U);
    EXPECT_EQ(times(store, Search("map mem"), {}).size(), 1000U);
    EXPECT_TRUE(times(store, Search("nothing"), {}).empty());
    EXPECT_TRUE(times(store, Search("  "), {}).empty());
}

TEST(Search, FindsValuesOfArguments) {
    WrittenTrace trace;
    marks_and_slices(trace);
    const TraceStore& store = trace.read();
    EXPECT_EQ(times(store, Search("map address=0x5000"), {}), std::vector<uint64_t>{50});
    EXPECT_EQ(times(store, Search("size=4096"), {}).size(), 1000U);
    EXPECT_TRUE(times(store, Search("size=409"), {}).empty());
    EXPECT_EQ(times(store, Search("read denied"), {}).size(), 250U);
    EXPECT_TRUE(times(store, Search("write status=denied"), {}).empty());
    // A name is no argument.
    EXPECT_TRUE(times(store, Search("read=1"), {}).empty());
}

TEST(Search, PiecesAreTheWholeInTheOrderOfTime) {
    WrittenTrace trace;
    marks_and_slices(trace);
    const TraceStore& store = trace.read();
    const auto whole = times(store, Search("r"), {.hits = 10'000});
    EXPECT_TRUE(std::is_sorted(whole.begin(), whole.end()));
    EXPECT_EQ(times(store, Search("r"), {.hits = 7}), whole);
    EXPECT_EQ(times(store, Search("r"), {.hits = 7, .rows = 13}), whole);
    EXPECT_EQ(times(store, Search("denied"), {.hits = 100, .rows = 1}).size(), 250U);
}

TEST(Search, FindsRunsOnlyIfAsked) {
    WrittenTrace trace;
    trace.writer().thread_switch(10, 0, {0, "idle"}, orrery::trace::ThreadState::Runnable,
                                 {5, "Worker"});
    const TraceStore& store = trace.read();
    EXPECT_TRUE(times(store, Search("worker"), {}).empty());
    EXPECT_EQ(times(store, Search("worker", true), {}), std::vector<uint64_t>{10});
}

TEST(Search, GoesOnWhenALiveRunDoes) {
    WrittenTrace trace;
    marks_and_slices(trace);
    const std::string bytes = trace.bytes();
    TraceLoader loader({.window = 0});
    loader.append(std::string_view(bytes).substr(0, bytes.size() / 2));
    Search search("read");
    const auto next = [&](const TraceStore& store) {
        return search.next(store, {.hits = 10'000}).hits.size();
    };
    const size_t before = loader.read(next);
    EXPECT_GT(before, 0U);
    loader.append(std::string_view(bytes).substr(bytes.size() / 2));
    loader.finish();
    EXPECT_EQ(before + loader.read(next), 500U);
}

TEST(Search, FindsTracksByTheirNames) {
    WrittenTrace trace;
    marks_and_slices(trace);
    const TraceStore& store = trace.read();
    ASSERT_EQ(find_tracks(store, "ONE").size(), 1U);
    EXPECT_EQ(store.name(find_tracks(store, "ONE")[0]), "one");
}

}  // namespace
