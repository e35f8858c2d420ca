// SPDX-License-Identifier: Apache-2.0
// CounterLane: values of a quantity over time. A value holds until the next one.
//
// Invariant: times do not fall.
#pragma once

#include <cstdint>
#include <optional>

#include "gui/trace/column.hpp"
#include "gui/trace/pyramid.hpp"

namespace inspector {

// What values a stretch of time has seen.
struct ValueRange {
    int64_t least = INT64_MAX;
    int64_t greatest = INT64_MIN;
    double integral = 0;  // value times nanoseconds

    void add(int64_t value) {
        if (value < least) least = value;
        if (value > greatest) greatest = value;
    }
    void add(const ValueRange& other) {
        if (other.least < least) least = other.least;
        if (other.greatest > greatest) greatest = other.greatest;
        integral += other.integral;
    }
};

class CounterLane final {
  public:
    // False if it would come before what is there.
    bool append(uint64_t time, int64_t value);

    [[nodiscard]] uint64_t begin_row() const { return times_.begin(); }
    [[nodiscard]] uint64_t end_row() const { return times_.end(); }
    [[nodiscard]] bool empty() const { return times_.empty(); }

    // Precondition of each: begin_row() <= row < end_row().
    [[nodiscard]] uint64_t time(uint64_t row) const { return times_[row]; }
    [[nodiscard]] int64_t value(uint64_t row) const { return values_[row]; }

    // The first value at `time` or later, looked for from a row on.
    [[nodiscard]] uint64_t first_at(uint64_t time, uint64_t from) const;
    // What the values [first, last) were and made, each held until the next one.
    // Precondition: last < end_row() or first == last.
    [[nodiscard]] ValueRange range(uint64_t first, uint64_t last) const;

    [[nodiscard]] size_t bytes() const;
    // The last time of the oldest chunk, and what makes that chunk go.
    [[nodiscard]] std::optional<uint64_t> oldest_chunk_end() const;
    void drop_oldest();

  private:
    [[nodiscard]] ValueRange held(uint64_t row) const;
    void complete_chunk(uint64_t chunk);

    Column<uint64_t> times_;
    Column<int64_t> values_;
    Pyramid<ValueRange> pyramid_;
    uint64_t last_time_ = 0;
};

}  // namespace inspector
