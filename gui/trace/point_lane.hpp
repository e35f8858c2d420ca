// SPDX-License-Identifier: Apache-2.0
// PointLane: moments, each with a key: marks (the key is the name), wake-ups (a thread).
//
// Invariant: times do not fall.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "gui/trace/column.hpp"

namespace inspector {

class PointLane final {
  public:
    // False if it would come before what is there.
    bool append(uint64_t time, uint32_t key, uint64_t detail) {
        if (time < last_time_) return false;
        times_.append(time);
        keys_.append(key);
        details_.append(detail);
        last_time_ = time;
        return true;
    }

    [[nodiscard]] uint64_t begin_row() const { return times_.begin(); }
    [[nodiscard]] uint64_t end_row() const { return times_.end(); }
    [[nodiscard]] bool empty() const { return times_.empty(); }

    // Precondition of each: begin_row() <= row < end_row().
    [[nodiscard]] uint64_t time(uint64_t row) const { return times_[row]; }
    [[nodiscard]] uint32_t key(uint64_t row) const { return keys_[row]; }
    [[nodiscard]] uint64_t detail(uint64_t row) const { return details_[row]; }

    // The first moment at `time` or later, looked for from a row on, perhaps `guess` rows away.
    [[nodiscard]] uint64_t first_at(uint64_t time, uint64_t from, uint64_t guess = 1) const {
        return first_row(
            std::max(from, begin_row()), end_row(),
            [&](uint64_t row) { return times_[row] >= time; }, guess);
    }

    [[nodiscard]] size_t bytes() const { return times_.bytes() + keys_.bytes() + details_.bytes(); }
    // The last time of the oldest chunk, and what makes that chunk go.
    [[nodiscard]] std::optional<uint64_t> oldest_chunk_end() const {
        if (empty()) return {};
        return times_[std::min(begin_row() | (chunk_rows - 1), end_row() - 1)];
    }
    void drop_oldest() {
        const uint64_t row = std::min((begin_row() | (chunk_rows - 1)) + 1, end_row());
        times_.drop_before(row);
        keys_.drop_before(row);
        details_.drop_before(row);
    }

  private:
    Column<uint64_t> times_;
    Column<uint32_t> keys_;
    Column<uint64_t> details_;
    uint64_t last_time_ = 0;
};

}  // namespace inspector
