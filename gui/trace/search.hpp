// SPDX-License-Identifier: Apache-2.0
// Search: events whose name and arguments have some words, in the order of time, some at a time.
//
// A query is words, all of which must be found, whatever their case: `map` in the name or in an
// argument's text; `size=4096` in an argument of that name with exactly that value, as value_text()
// writes it. An empty query finds nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gui/trace/trace_store.hpp"

namespace inspector {

struct SearchLimits {
    size_t hits = 100;          // so many at once
    uint64_t rows = 2'000'000;  // so many events are looked at in one go, some tens of milliseconds
};

struct SearchHits {
    std::vector<EventRef> hits;
    bool anew = false;  // the trace is another one: earlier hits are void, these are its first
    bool done = false;  // there are no more for now; of a live run there may be later
};

// Is its own cursor: each call of next() goes on where the one before ended.
class Search final {
  public:
    // With `runs`, the runs of threads are looked at too, by the thread's name.
    explicit Search(std::string_view query, bool runs = false);

    [[nodiscard]] SearchHits next(const TraceStore& store, const SearchLimits& limits = {});

  private:
    struct Word {
        std::string text;   // in lower case
        std::string value;  // behind the `=`
        bool argument = false;
    };
    // One lane being gone through.
    struct Place {
        EventRef at;         // the row that is looked at next, or the hit that waits
        bool waits = false;  // `at` is a hit that has not been told of
        uint64_t time = 0;   // of that hit
    };

    void add_lanes(const TraceStore& store);
    void add_lanes(const TraceStore& store, TrackId track);
    // False if it ran out of rows to look at.
    bool advance(const TraceStore& store, Place& place, uint64_t& rows);
    [[nodiscard]] bool matches(const TraceStore& store, StringId name, ArgumentsRef arguments);
    [[nodiscard]] bool name_has(StringId name, size_t word) const { return names_[word][name]; }
    void look_at_names(const TraceStore& store);

    // The trace is another one: begins anew.
    void begin_anew(uint64_t edition);

    std::vector<Word> words_;
    bool runs_;
    std::optional<uint64_t> edition_;  // of the trace that is looked at
    // For each word: which texts have it, and whether any does.
    std::vector<std::vector<bool>> names_;
    std::vector<bool> known_;
    std::vector<Argument> arguments_;  // of the event being looked at, kept for its memory
    std::vector<Place> places_;
    std::vector<uint32_t> lanes_seen_;  // of each track, how many lanes have a place
};

// The tracks whose names have a text, whatever its case, in their order.
[[nodiscard]] std::vector<TrackId> find_tracks(const TraceStore& store, std::string_view text);

}  // namespace inspector
