// SPDX-License-Identifier: Apache-2.0
// Search: each lane goes on to its next hit, and the earliest of these is told of first.
#include "gui/trace/search.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <sstream>
#include <utility>

#include "gui/trace/lookup.hpp"

namespace inspector {

namespace {

// ASCII alone: Orrery's names are.
char lower(char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                : character;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& character : result) character = lower(character);
    return result;
}

bool contains(std::string_view text, std::string_view lower_word) {
    const auto found = std::search(text.begin(), text.end(), lower_word.begin(), lower_word.end(),
                                   [](char left, char right) { return lower(left) == right; });
    return found != text.end() || lower_word.empty();
}

}  // namespace

Search::Search(std::string_view query, bool runs) : runs_(runs) {
    std::istringstream stream{std::string(query)};
    for (std::string word; stream >> word;) {
        const size_t equals = word.find('=');
        const bool argument = equals != std::string::npos && equals != 0;
        words_.push_back({lower(argument ? word.substr(0, equals) : word),
                          argument ? lower(word.substr(equals + 1)) : std::string(), argument});
    }
    names_.resize(words_.size());
    known_.resize(words_.size());
}

void Search::look_at_names(const TraceStore& store) {
    for (size_t word = 0; word < words_.size(); ++word) {
        std::vector<bool>& known = names_[word];
        while (known.size() < store.strings().size()) {
            const std::string_view text = store.strings().view(static_cast<StringId>(known.size()));
            const bool has = words_[word].argument ? lower(text) == words_[word].text
                                                   : contains(text, words_[word].text);
            known.push_back(has);
            known_[word] = known_[word] || has;
        }
    }
}

void Search::add_lanes(const TraceStore& store) {
    lanes_seen_.resize(store.track_count());
    for (TrackId id = 0; id < store.track_count(); ++id) add_lanes(store, id);
}

// Lanes come into being in any order; each track has a mark, a run and slice lanes by depth.
void Search::add_lanes(const TraceStore& store, TrackId id) {
    const Track& track = store.track(id);
    constexpr uint32_t marks_seen = 1;
    constexpr uint32_t runs_seen = 2;
    constexpr uint32_t one_depth = 4;
    uint32_t& seen = lanes_seen_[id];
    // A container's marks are those of other tracks and would be found twice.
    if (track.marks && track.kind != TrackKind::Container && (seen & marks_seen) == 0) {
        places_.push_back({{id, LaneKind::Marks}});
        seen |= marks_seen;
    }
    if (runs_ && track.kind == TrackKind::Cpu && track.runs && (seen & runs_seen) == 0) {
        places_.push_back({{id, LaneKind::Runs}});
        seen |= runs_seen;
    }
    while (seen / one_depth < track.slices.size()) {
        places_.push_back({{id, LaneKind::Slices, seen / one_depth}});
        seen += one_depth;
    }
}

bool Search::matches(const TraceStore& store, StringId name, ArgumentsRef ref) {
    arguments_.clear();
    bool fetched = false;
    for (size_t i = 0; i < words_.size(); ++i) {
        if (!words_[i].argument && name_has(name, i)) continue;
        if (!std::exchange(fetched, true)) store.arguments().get(ref, arguments_);
        const Word& word = words_[i];
        const bool found =
            std::any_of(arguments_.begin(), arguments_.end(), [&](const Argument& argument) {
                if (!word.argument) {
                    return argument.type == ValueType::String &&
                           name_has(static_cast<StringId>(argument.bits), i);
                }
                return name_has(argument.name, i) &&
                       lower(value_text(argument, store.strings())) == word.value;
            });
        if (!found) return false;
    }
    return true;
}

bool Search::advance(const TraceStore& store, Place& place, uint64_t& rows) {
    const IntervalLane* lane = intervals(store, place.at);
    const PointLane* marks = points(store, place.at);
    const uint64_t end = lane != nullptr ? lane->end_row() : marks->end_row();
    uint64_t& row = place.at.row;
    row = std::max(row, lane != nullptr ? lane->begin_row() : marks->begin_row());
    for (; row < end; ++row) {
        if (rows == 0) return false;
        --rows;
        StringId name = lane != nullptr ? lane->key(row) : marks->key(row);
        ArgumentsRef arguments = lane != nullptr ? lane->detail(row) : marks->detail(row);
        if (place.at.lane == LaneKind::Runs) {
            name = store.threads()[name].name;
            arguments = no_arguments;
        }
        if (!matches(store, name, arguments)) continue;
        place.waits = true;
        place.time = lane != nullptr ? lane->begin(row) : marks->time(row);
        break;
    }
    return true;
}

void Search::begin_anew(uint64_t edition) {
    edition_ = edition;
    for (std::vector<bool>& names : names_) names.clear();
    known_.assign(words_.size(), false);
    places_.clear();
    lanes_seen_.clear();
}

SearchHits Search::next(const TraceStore& store, const SearchLimits& limits) {
    SearchHits result;
    if (words_.empty()) {
        result.done = true;
        return result;
    }
    result.anew = edition_.has_value() && edition_ != store.edition();
    if (edition_ != store.edition()) begin_anew(store.edition());
    look_at_names(store);
    // A word that no text of the trace has is in no event.
    if (std::find(known_.begin(), known_.end(), false) != known_.end()) {
        result.done = true;
        return result;
    }
    add_lanes(store);
    uint64_t rows = limits.rows;
    using Waiting = std::pair<uint64_t, size_t>;  // time and place
    std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting;
    for (size_t i = 0; i < places_.size(); ++i) {
        if (!places_[i].waits && !advance(store, places_[i], rows)) return result;
        if (places_[i].waits) waiting.emplace(places_[i].time, i);
    }
    while (!waiting.empty() && result.hits.size() < limits.hits) {
        Place& place = places_[waiting.top().second];
        const size_t number = waiting.top().second;
        waiting.pop();
        place.waits = false;
        if (exists(store, place.at)) result.hits.push_back(place.at);
        ++place.at.row;
        if (!advance(store, place, rows)) return result;
        if (place.waits) waiting.emplace(place.time, number);
    }
    result.done = waiting.empty();
    return result;
}

std::vector<TrackId> find_tracks(const TraceStore& store, std::string_view text) {
    const std::string word = lower(text);
    std::vector<TrackId> result;
    for (TrackId id = root_track + 1; id < store.track_count(); ++id) {
        if (contains(store.name(id), word)) result.push_back(id);
    }
    return result;
}

}  // namespace inspector
