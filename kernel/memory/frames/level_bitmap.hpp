// SPDX-License-Identifier: Apache-2.0
// LevelBitmap: a hierarchical bitmap. A bit of a level says whether the word of 64 bits below it
// has any set, so that the first set bit is found in one step a level.
#pragma once

#include "kernel/memory/frames/bits.hpp"
#include "kernel/memory/frames/layout.hpp"

namespace kernel {

class LevelBitmap final {
  public:
    static constexpr unsigned max_levels = 5;  // 2^30 bits

    // All bits are zero.
    void lay_out(Layout& layout, uint32_t bits) {
        bits_ = bits;
        count_ = 0;
        levels_ = 0;
        uint32_t words = bits;
        do {
            words = (words + word_bits - 1) / word_bits;
            words_[levels_++] = layout.array<uint64_t>(words, uint64_t{0});
        } while (words > 1);
    }

    void set(uint32_t bit) {
        if (test(bit)) return;
        ++count_;
        for (unsigned level = 0; level < levels_; ++level) {
            uint64_t& word = words_[level][bit / word_bits];
            const bool was_empty = word == 0;
            word |= uint64_t{1} << bit % word_bits;
            if (!was_empty) return;
            bit /= word_bits;
        }
    }
    void clear(uint32_t bit) {
        if (!test(bit)) return;
        --count_;
        for (unsigned level = 0; level < levels_; ++level) {
            uint64_t& word = words_[level][bit / word_bits];
            word &= ~(uint64_t{1} << bit % word_bits);
            if (word != 0) return;
            bit /= word_bits;
        }
    }
    [[nodiscard]] bool test(uint32_t bit) const {
        return (words_[0][bit / word_bits] >> bit % word_bits & 1) != 0;
    }

    static constexpr uint32_t none = UINT32_MAX;
    [[nodiscard]] uint32_t first() const {
        if (count_ == 0) return none;
        uint32_t at = 0;
        for (unsigned level = levels_; level-- > 0;) {
            at = at * word_bits + lowest_bit(words_[level][at]);
        }
        return at;
    }
    // The first set bit above `bit`.
    [[nodiscard]] uint32_t after(uint32_t bit) const {
        for (unsigned level = 0; level < levels_; ++level) {
            const uint32_t index = bit / word_bits;
            const uint64_t above = ~uint64_t{0} << bit % word_bits << 1;
            const uint64_t rest = words_[level][index] & above;
            if (rest != 0) {
                uint32_t at = index * word_bits + lowest_bit(rest);
                while (level-- > 0) at = at * word_bits + lowest_bit(words_[level][at]);
                return at;
            }
            bit = index;
        }
        return none;
    }
    // The first even bit that is set together with the next one.
    [[nodiscard]] uint32_t first_pair() const {
        for (uint32_t i = 0; i * word_bits < bits_; ++i) {
            const uint64_t pairs = words_[0][i] & words_[0][i] >> 1 & 0x5555'5555'5555'5555;
            if (pairs != 0) return i * word_bits + lowest_bit(pairs);
        }
        return none;
    }
    [[nodiscard]] uint32_t pair_count() const {
        uint32_t pairs = 0;
        for (uint32_t i = 0; i * word_bits < bits_; ++i) {
            pairs += count_bits(words_[0][i] & words_[0][i] >> 1 & 0x5555'5555'5555'5555);
        }
        return pairs;
    }

    [[nodiscard]] uint32_t count() const { return count_; }
    // Whether each level sums up the one below it.
    [[nodiscard]] bool check() const {
        uint32_t set = 0;
        for (uint32_t bit = 0; bit < bits_; ++bit) set += test(bit) ? 1 : 0;
        uint32_t words = (bits_ + word_bits - 1) / word_bits;
        for (unsigned level = 1; level < levels_; ++level) {
            for (uint32_t i = 0; i < words; ++i) {
                const bool any = words_[level - 1][i] != 0;
                if (((words_[level][i / word_bits] >> i % word_bits & 1) != 0) != any) return false;
            }
            words = (words + word_bits - 1) / word_bits;
        }
        return set == count_;
    }

  private:
    uint64_t* words_[max_levels] = {};
    unsigned levels_ = 0;
    uint32_t bits_ = 0;
    uint32_t count_ = 0;
};

}  // namespace kernel
