// SPDX-License-Identifier: Apache-2.0
// IntervalLane: intervals of time that do not overlap, each with a key: what ran on a CPU (the key
// is the thread), where a thread ran (the CPU), the slices of one depth of a track (the name).
//
// Invariant: begins and ends ascend, and only the last interval may be open.
#pragma once

#include <cstdint>
#include <optional>

#include "gui/trace/column.hpp"
#include "gui/trace/pyramid.hpp"
#include "gui/trace/shares.hpp"

namespace inspector {

// The end of an interval that has none yet.
constexpr uint64_t still_open = UINT64_MAX;

class IntervalLane final {
  public:
    // Begins an interval; false if it would come before what is there, or the last one is open.
    bool open(uint64_t time, uint32_t key, uint64_t detail);
    // Ends the last interval; false if there is none that is open, or it begins later.
    bool close(uint64_t time, uint64_t detail);

    [[nodiscard]] uint64_t begin_row() const { return begins_.begin(); }
    [[nodiscard]] uint64_t end_row() const { return begins_.end(); }
    [[nodiscard]] bool empty() const { return begins_.empty(); }
    [[nodiscard]] bool last_is_open() const { return !empty() && end(end_row() - 1) == still_open; }

    // Precondition of each: begin_row() <= row < end_row().
    [[nodiscard]] uint64_t begin(uint64_t row) const { return begins_[row]; }
    [[nodiscard]] uint64_t end(uint64_t row) const { return ends_[row]; }
    [[nodiscard]] uint32_t key(uint64_t row) const { return keys_[row]; }
    [[nodiscard]] uint64_t detail(uint64_t row) const { return details_[row]; }

    // The first interval that has not ended at `time`, looked for from a row on. One of no length
    // counts as such if it begins at `time`.
    [[nodiscard]] uint64_t first_not_ended(uint64_t time, uint64_t from) const;
    // The first interval that begins at `time` or later; `guess` says how many rows away it may be.
    [[nodiscard]] uint64_t first_beginning(uint64_t time, uint64_t from, uint64_t guess = 1) const;
    // The interval that is under way at `time`.
    [[nodiscard]] std::optional<uint64_t> at(uint64_t time) const;

    // Adds what the intervals [first, last) take, all of them ended, to the table; returns the sum.
    uint64_t add_up(uint64_t first, uint64_t last, ShareTable& table) const;

    [[nodiscard]] size_t bytes() const;
    // When the oldest chunk ends, if it has ended; what drop_oldest() makes go.
    [[nodiscard]] std::optional<uint64_t> oldest_chunk_end() const;
    void drop_oldest();

  private:
    void complete_chunk(uint64_t chunk);

    Column<uint64_t> begins_;
    Column<uint64_t> ends_;
    Column<uint32_t> keys_;
    Column<uint64_t> details_;
    Pyramid<BusySummary> pyramid_;
    uint64_t last_time_ = 0;
};

}  // namespace inspector
