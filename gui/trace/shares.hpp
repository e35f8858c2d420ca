// SPDX-License-Identifier: Apache-2.0
// Shares: who took how much of a time. BusySummary keeps the four largest shares of a block, after
// Misra and Gries, "Finding repeated elements" (Science of Computer Programming 2, 1982), weighted
// and merged as in Agarwal et al., "Mergeable summaries" (PODS 2012): what it says of a key is
// never too much, and too little by at most a fifth of the busy time of the block. With four keys
// or fewer it is exact.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace inspector {

constexpr uint32_t no_key = UINT32_MAX;

struct Share {
    uint32_t key = no_key;
    uint64_t time = 0;
};

struct BusySummary {
    static constexpr size_t kept = 4;

    uint64_t busy = 0;  // exact
    std::array<uint64_t, kept> times{};
    std::array<uint32_t, kept> keys{no_key, no_key, no_key, no_key};
};

// The summary of shares whose times add up to `busy` or less. Precondition: at most 16 shares.
[[nodiscard]] BusySummary summarise(uint64_t busy, std::span<const Share> shares);

// The summary of four summaries.
[[nodiscard]] BusySummary join(const BusySummary* four);

// Adds shares up and knows the largest sum. Its memory is kept from one use to the next.
class ShareTable final {
  public:
    ShareTable();
    void clear();
    void add(uint32_t key, uint64_t time);
    void add(const BusySummary& block) {
        for (size_t i = 0; i < BusySummary::kept && block.keys[i] != no_key; ++i) {
            add(block.keys[i], block.times[i]);
        }
    }
    [[nodiscard]] Share largest() const { return largest_; }

  private:
    struct Slot {
        uint32_t key = no_key;
        uint32_t use = 0;  // the slot is taken if this is the table's
        uint64_t time = 0;
    };
    Slot& find(uint32_t key);
    void grow();

    std::vector<Slot> slots_;
    uint32_t use_ = 1;
    size_t taken_ = 0;
    Share largest_;
};

}  // namespace inspector
