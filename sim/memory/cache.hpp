// SPDX-License-Identifier: Apache-2.0
// Cache: the tags of one set-associative, physically addressed cache with true LRU or random
// replacement.
//
// A set is a list ordered by use, the most recent first, so the newest line of a set is always in
// its first place: that is what the inline checks look at. Lines are numbers: address >>
// line_shift.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/memory/geometry.hpp"

namespace orrery::memory {

// The states of the MESI protocol.
enum class LineState : uint8_t { invalid, shared, exclusive, modified };

// Random: by a generator that is part of the cache, so runs are the same.
enum class Replacement : uint8_t { lru, random };

struct CacheLine {
    uint64_t line = 0;
    LineState state = LineState::invalid;
};

// What a level did since the last reset; each count is also an energy event.
struct CacheCounts {
    uint64_t accesses = 0;
    uint64_t misses = 0;
    uint64_t write_backs = 0;
};

class Cache final {
  public:
    // `name` is what the error calls it. Throws std::runtime_error unless lines have line_size
    // bytes, there are 1 to 32 ways, and the number of sets is a power of two.
    Cache(const char* name, const CacheGeometry& geometry,
          Replacement replacement = Replacement::lru);

    // Whether the line is the newest of its set; then a read needs nothing else.
    [[nodiscard]] bool newest(uint64_t line) const {
        return entries_[(line & set_mask_) << stride_shift_] >> 2 == line;
    }
    // Whether it is so and modified; then a write needs nothing else.
    [[nodiscard]] bool newest_modified(uint64_t line) const {
        return entries_[(line & set_mask_) << stride_shift_] == pack(line, LineState::modified);
    }

    // The state of a line, which becomes the newest of its set.
    LineState touch(uint64_t line);
    // The state of a line, without a trace.
    [[nodiscard]] LineState peek(uint64_t line) const;
    // Precondition: the line is here. Does not make it the newest.
    void set_state(uint64_t line, LineState state);
    // Puts a line in as the newest; gives the line that had to go, if any.
    // Precondition: the line is not here, and state is not invalid.
    CacheLine insert(uint64_t line, LineState state);
    // Takes a line out; gives the state it had.
    LineState remove(uint64_t line);
    void clear();

    [[nodiscard]] uint32_t sets() const { return static_cast<uint32_t>(set_mask_) + 1; }
    [[nodiscard]] uint32_t ways() const { return ways_; }

  private:
    static constexpr uint64_t empty = ~uint64_t{0};
    static constexpr uint64_t pack(uint64_t line, LineState state) {
        return line << 2 | static_cast<uint64_t>(state);
    }
    static constexpr LineState state_of(uint64_t entry) {
        return entry == empty ? LineState::invalid : static_cast<LineState>(entry & 3);
    }
    [[nodiscard]] uint64_t* set_of(uint64_t line) {
        return &entries_[(line & set_mask_) << stride_shift_];
    }
    [[nodiscard]] uint32_t find(uint64_t line) const;
    uint32_t victim();

    Replacement replacement_;
    uint32_t random_ = 1;
    uint32_t ways_;
    uint32_t stride_shift_;
    uint64_t set_mask_;
    std::vector<uint64_t> entries_;  // line << 2 | state; `empty` ones at the end of their set
};

}  // namespace orrery::memory
