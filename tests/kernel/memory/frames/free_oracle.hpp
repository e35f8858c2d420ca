// SPDX-License-Identifier: Apache-2.0
// FreeOracle: which memory is free, kept in the plainest way, as a map of free ranges.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <vector>

#include "kernel/memory/frames/frame_strategy.hpp"

namespace kernel {

class FreeOracle {
  public:
    explicit FreeOracle(const std::vector<FrameRange>& memory) {
        for (const FrameRange& range : memory) free(range.begin, range.end - range.begin);
    }

    [[nodiscard]] bool is_free(uint64_t begin, uint64_t size) const {
        const auto after = free_.upper_bound(begin);
        return after != free_.begin() && std::prev(after)->second >= begin + size;
    }

    // False when not all of it is free.
    [[nodiscard]] bool take(uint64_t begin, uint64_t size) {
        if (!is_free(begin, size)) return false;
        const auto range = std::prev(free_.upper_bound(begin));
        const uint64_t end = range->second;
        range->second = begin;
        if (range->first == begin) free_.erase(range);
        if (begin + size < end) free_[begin + size] = end;
        frames_ -= size / hal::page_size;
        return true;
    }

    void free(uint64_t begin, uint64_t size) {
        frames_ += size / hal::page_size;
        uint64_t end = begin + size;
        const auto after = free_.lower_bound(begin);
        if (after != free_.end() && after->first == end) end = after->second;
        if (end != begin + size) free_.erase(after);
        const auto above = free_.lower_bound(begin);
        if (above != free_.begin() && std::prev(above)->second == begin) {
            std::prev(above)->second = end;
        } else {
            free_[begin] = end;
        }
    }

    // Whether an aligned block of that size is free anywhere.
    [[nodiscard]] bool has(uint64_t size) const {
        for (const auto& [begin, end] : free_) {
            if ((begin + size - 1) / size * size + size <= end) return true;
        }
        return false;
    }

    [[nodiscard]] uint64_t frames() const { return frames_; }

  private:
    std::map<uint64_t, uint64_t> free_;  // begin to end
    uint64_t frames_ = 0;
};

}  // namespace kernel
