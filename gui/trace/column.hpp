// SPDX-License-Identifier: Apache-2.0
// Column: a growing array of one plain type in chunks. Growth moves at most one chunk, so memory
// never doubles; the oldest rows can go, a chunk at a time, and the others keep their numbers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace inspector {

constexpr unsigned chunk_shift = 12;
constexpr uint64_t chunk_rows = uint64_t{1} << chunk_shift;

template <typename T>
class Column final {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    // The rows that are kept: [begin, end).
    [[nodiscard]] uint64_t begin() const { return begin_; }
    [[nodiscard]] uint64_t end() const { return end_; }
    [[nodiscard]] bool empty() const { return begin_ == end_; }
    [[nodiscard]] size_t bytes() const { return bytes_; }

    // Precondition: begin() <= row < end().
    [[nodiscard]] const T& operator[](uint64_t row) const {
        return chunks_[(row >> chunk_shift) - first_chunk_][row & (chunk_rows - 1)];
    }
    // From there to the end of the chunk rows are next to each other.
    [[nodiscard]] const T* from(uint64_t row) const {
        return &chunks_[(row >> chunk_shift) - first_chunk_][row & (chunk_rows - 1)];
    }
    void set(uint64_t row, const T& value) {
        chunks_[(row >> chunk_shift) - first_chunk_][row & (chunk_rows - 1)] = value;
    }

    void append(const T& value) {
        const uint64_t offset = end_ & (chunk_rows - 1);
        if (chunks_.empty()) first_chunk_ = end_ >> chunk_shift;
        if ((end_ >> chunk_shift) - first_chunk_ == chunks_.size()) {
            // Most lanes are short: a chunk starts small. One that starts in the middle does not.
            add_chunk(offset == 0 ? smallest : chunk_rows);
        } else if (offset == capacity_) {
            grow_chunk(offset);
        }
        chunks_.back()[offset] = value;
        ++end_;
    }

    // Forgets the rows before this one. Precondition: row <= end(), and it begins a chunk or is
    // end().
    void drop_before(uint64_t row) {
        if (row <= begin_) return;
        begin_ = row;
        const uint64_t chunks = row == end_ ? chunks_.size() : (row >> chunk_shift) - first_chunk_;
        for (uint64_t i = 0; i < chunks; ++i) {
            bytes_ -= (i + 1 == chunks_.size() ? capacity_ : chunk_rows) * sizeof(T);
        }
        chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<ptrdiff_t>(chunks));
        first_chunk_ += chunks;
    }

  private:
    static constexpr uint64_t smallest = 8;

    void add_chunk(uint64_t capacity) {
        chunks_.push_back(std::make_unique_for_overwrite<T[]>(capacity));
        capacity_ = capacity;
        bytes_ += capacity * sizeof(T);
    }

    void grow_chunk(uint64_t used) {
        auto larger = std::make_unique_for_overwrite<T[]>(2 * capacity_);
        std::copy_n(chunks_.back().get(), used, larger.get());
        chunks_.back() = std::move(larger);
        bytes_ += capacity_ * sizeof(T);
        capacity_ *= 2;
    }

    std::vector<std::unique_ptr<T[]>> chunks_;
    uint64_t first_chunk_ = 0;  // number of chunks_[0]
    uint64_t capacity_ = 0;     // of the last chunk
    uint64_t begin_ = 0;
    uint64_t end_ = 0;
    size_t bytes_ = 0;
};

// The first row in [from, end) for which `reached` holds, or end, found by steps that double; the
// first step may be a guess of how far it is.
// Precondition: the rows for which it holds come after those for which it does not.
template <typename Reached>
uint64_t first_row(uint64_t from, uint64_t end, const Reached& reached, uint64_t step = 1) {
    uint64_t low = from;
    while (low < end && !reached(low)) {
        const uint64_t next = end - low > step ? low + step : end;
        if (next < end && !reached(next)) {
            low = next;
            step *= 2;
            continue;
        }
        // It is in (low, next].
        uint64_t high = next;
        ++low;
        while (low < high) {
            const uint64_t middle = low + (high - low) / 2;
            reached(middle) ? high = middle : low = middle + 1;
        }
        return low;
    }
    return low;
}

}  // namespace inspector
