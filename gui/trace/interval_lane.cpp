// SPDX-License-Identifier: Apache-2.0
// IntervalLane: growing, finding, and the summaries of complete chunks.
#include "gui/trace/interval_lane.hpp"

#include <algorithm>
#include <array>

namespace inspector {

bool IntervalLane::open(uint64_t time, uint32_t key, uint64_t detail) {
    if (time < last_time_ || last_is_open()) return false;
    const uint64_t row = end_row();
    if (row % chunk_rows == 0 && row > begin_row()) complete_chunk((row >> chunk_shift) - 1);
    begins_.append(time);
    ends_.append(still_open);
    keys_.append(key);
    details_.append(detail);
    last_time_ = time;
    return true;
}

bool IntervalLane::close(uint64_t time, uint64_t detail) {
    if (!last_is_open() || time < last_time_ || time == still_open) return false;
    ends_.set(end_row() - 1, time);
    details_.set(end_row() - 1, detail);
    last_time_ = time;
    return true;
}

uint64_t IntervalLane::first_not_ended(uint64_t time, uint64_t from) const {
    return first_row(std::max(from, begin_row()), end_row(),
                     [&](uint64_t row) { return ends_[row] > time || begins_[row] >= time; });
}

uint64_t IntervalLane::first_beginning(uint64_t time, uint64_t from, uint64_t guess) const {
    return first_row(
        std::max(from, begin_row()), end_row(), [&](uint64_t row) { return begins_[row] >= time; },
        guess);
}

std::optional<uint64_t> IntervalLane::at(uint64_t time) const {
    const uint64_t row = first_not_ended(time, begin_row());
    if (row == end_row() || begins_[row] > time) return {};
    // Of intervals without length at this time and one that goes on, the latter is under way.
    const uint64_t after = first_row(row, end_row(), [&](uint64_t i) { return begins_[i] > time; });
    return after - 1;
}

uint64_t IntervalLane::add_up(uint64_t first, uint64_t last, ShareTable& table) const {
    uint64_t busy = 0;
    const auto rows = [&](uint64_t from, uint64_t to) {
        const uint64_t* begins = begins_.from(from);
        const uint64_t* ends = ends_.from(from);
        const uint32_t* keys = keys_.from(from);
        for (uint64_t i = 0; i < to - from; ++i) {
            const uint64_t time = ends[i] - begins[i];
            busy += time;
            table.add(keys[i], time);
        }
    };
    const auto block = [&](const BusySummary& summary) {
        busy += summary.busy;
        table.add(summary);
    };
    pyramid_.visit(first, last, rows, block);
    return busy;
}

void IntervalLane::complete_chunk(uint64_t chunk) {
    const auto leaf = [&](uint64_t first) {
        std::array<Share, Pyramid<BusySummary>::leaf_rows> shares;
        size_t count = 0;
        uint64_t busy = 0;
        const uint64_t last = first + shares.size();
        // Rows that have gone are asked for by nobody.
        for (uint64_t row = std::max(first, begin_row()); row < last; ++row) {
            shares[count] = {keys_[row], ends_[row] - begins_[row]};
            busy += shares[count++].time;
        }
        return summarise(busy, {shares.data(), count});
    };
    pyramid_.complete(chunk, leaf, join);
}

size_t IntervalLane::bytes() const {
    return begins_.bytes() + ends_.bytes() + keys_.bytes() + details_.bytes() + pyramid_.bytes();
}

std::optional<uint64_t> IntervalLane::oldest_chunk_end() const {
    if (empty()) return {};
    const uint64_t last = std::min(begin_row() | (chunk_rows - 1), end_row() - 1);
    if (ends_[last] == still_open) return {};
    return ends_[last];
}

void IntervalLane::drop_oldest() {
    const uint64_t row = std::min((begin_row() | (chunk_rows - 1)) + 1, end_row());
    begins_.drop_before(row);
    ends_.drop_before(row);
    keys_.drop_before(row);
    details_.drop_before(row);
    pyramid_.drop_before(row);
}

}  // namespace inspector
