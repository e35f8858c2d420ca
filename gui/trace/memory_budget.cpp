// SPDX-License-Identifier: Apache-2.0
// TraceStore: what it takes of memory, and what goes when that is too much.
#include <algorithm>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "gui/trace/trace_store.hpp"

namespace inspector {

namespace {

// What a track, thread or task costs by itself, with its places in the tables.
constexpr size_t track_bytes = sizeof(Track) + 64;
constexpr size_t thread_bytes = sizeof(ThreadInfo) + 64;

template <typename Visit>
void visit_lanes(const Track& track, const Visit& visit) {
    for (const auto& lane : track.slices) visit(*lane);
    if (track.marks) visit(*track.marks);
    if (track.counter) visit(*track.counter);
    if (track.runs) visit(*track.runs);
    if (track.wakes) visit(*track.wakes);
}

}  // namespace

size_t TraceStore::bytes() const {
    size_t result = strings_.bytes() + tracks_.size() * track_bytes +
                    (threads_.size() + tasks_.size()) * thread_bytes;
    const auto add = [&](const auto& lane) { result += sizeof(lane) + lane.bytes(); };
    add(arguments_);
    for (const Track& track : tracks_) visit_lanes(track, add);
    return result;
}

void TraceStore::keep_budget() {
    size_t used = bytes();
    if (used <= budget_) return;
    // Some more than needed goes, so that this is seldom.
    const size_t aim = budget_ - budget_ / 8;

    struct Candidate {
        uint64_t end;  // of the lane's oldest chunk
        size_t lane;   // in the order of lanes, which decides between equal ends
        std::function<std::pair<size_t, std::optional<uint64_t>>()> drop;
        bool operator>(const Candidate& other) const {
            return std::pair(end, lane) > std::pair(other.end, other.lane);
        }
    };
    std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> oldest;
    size_t number = 0;
    const auto consider = [&](auto& lane) {
        const size_t place = number++;
        const std::optional<uint64_t> end = lane.oldest_chunk_end();
        if (!end) return;
        oldest.push({*end, place, [&lane] {
                         const size_t before = lane.bytes();
                         lane.drop_oldest();
                         return std::pair(before - lane.bytes(), lane.oldest_chunk_end());
                     }});
    };
    consider(arguments_);
    for (const Track& track : tracks_) visit_lanes(track, consider);
    while (used > aim && !oldest.empty()) {
        Candidate candidate = oldest.top();
        oldest.pop();
        const auto [freed, next] = candidate.drop();
        used -= freed;
        complete_from_ = std::max(complete_from_.value_or(0), candidate.end + 1);
        if (!next) continue;
        candidate.end = *next;
        oldest.push(std::move(candidate));
    }
}

}  // namespace inspector
