// SPDX-License-Identifier: Apache-2.0
// Pages with a content that can be told from every other page's: of zeroes, of what compresses
// well, of what does not.
#pragma once

#include "user/lib/system.hpp"

namespace user {

constexpr uint64_t words_a_page = abi::page_size / sizeof(uint64_t);

// What a manager asks for to say that it will ask no more.
constexpr uint64_t last_request = 1 << 30;

// The word of a page that a number names. One page in eight is of zeroes, `noise` of eight do not
// compress.
class PageContent final {
  public:
    PageContent(uint64_t seed, uint64_t page, uint64_t noise)
        : state_((seed + 1) * 0x9e37'79b9'7f4a'7c15 ^ (page + 1) * 0xbf58'476d'1ce4'e5b9),
          kind_(page % 8 == 0       ? Kind::Zero
                : page % 8 <= noise ? Kind::Noise
                                    : Kind::Even) {}

    uint64_t word(uint64_t index) {
        if (kind_ == Kind::Zero) return 0;
        if (kind_ == Kind::Even) return state_ + index / 32;
        // xorshift64 (Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8, 2003).
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_;
    }

  private:
    enum class Kind { Zero, Even, Noise };
    uint64_t state_;
    Kind kind_;
};

inline void fill_page(uint64_t address, uint64_t seed, uint64_t page, uint64_t noise) {
    auto* words = reinterpret_cast<uint64_t*>(address);
    PageContent content(seed, page, noise);
    for (uint64_t i = 0; i < words_a_page; ++i) words[i] = content.word(i);
}

inline bool page_is_right(uint64_t address, uint64_t seed, uint64_t page, uint64_t noise) {
    const auto* words = reinterpret_cast<const uint64_t*>(address);
    PageContent content(seed, page, noise);
    for (uint64_t i = 0; i < words_a_page; ++i) {
        if (words[i] != content.word(i)) return false;
    }
    return true;
}

}  // namespace user
