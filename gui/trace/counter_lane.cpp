// SPDX-License-Identifier: Apache-2.0
// CounterLane: growing, ranges, and the summaries of complete chunks.
#include "gui/trace/counter_lane.hpp"

#include <algorithm>

namespace inspector {

bool CounterLane::append(uint64_t time, int64_t value) {
    if (time < last_time_) return false;
    times_.append(time);
    values_.append(value);
    last_time_ = time;
    // A chunk is complete when it is known how long its last value held.
    const uint64_t row = end_row() - 1;
    if (row % chunk_rows == 0 && row > begin_row()) complete_chunk((row >> chunk_shift) - 1);
    return true;
}

uint64_t CounterLane::first_at(uint64_t time, uint64_t from) const {
    return first_row(std::max(from, begin_row()), end_row(),
                     [&](uint64_t row) { return times_[row] >= time; });
}

ValueRange CounterLane::held(uint64_t row) const {
    ValueRange result;
    result.add(values_[row]);
    result.integral =
        static_cast<double>(values_[row]) * static_cast<double>(times_[row + 1] - times_[row]);
    return result;
}

ValueRange CounterLane::range(uint64_t first, uint64_t last) const {
    ValueRange result;
    pyramid_.visit(
        first, last,
        [&](uint64_t from, uint64_t to) {
            for (uint64_t row = from; row < to; ++row) result.add(held(row));
        },
        [&](const ValueRange& block) { result.add(block); });
    return result;
}

void CounterLane::complete_chunk(uint64_t chunk) {
    const auto leaf = [&](uint64_t first) {
        ValueRange result;
        const uint64_t last = first + Pyramid<ValueRange>::leaf_rows;
        for (uint64_t row = std::max(first, begin_row()); row < last; ++row) result.add(held(row));
        return result;
    };
    const auto four = [](const ValueRange* parts) {
        ValueRange result;
        for (size_t i = 0; i < Pyramid<ValueRange>::fan_out; ++i) result.add(parts[i]);
        return result;
    };
    pyramid_.complete(chunk, leaf, four);
}

size_t CounterLane::bytes() const {
    return times_.bytes() + values_.bytes() + pyramid_.bytes();
}

std::optional<uint64_t> CounterLane::oldest_chunk_end() const {
    if (empty()) return {};
    return times_[std::min(begin_row() | (chunk_rows - 1), end_row() - 1)];
}

void CounterLane::drop_oldest() {
    const uint64_t row = std::min((begin_row() | (chunk_rows - 1)) + 1, end_row());
    times_.drop_before(row);
    values_.drop_before(row);
    pyramid_.drop_before(row);
}

}  // namespace inspector
