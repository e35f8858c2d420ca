// SPDX-License-Identifier: Apache-2.0
// Bits of a 2 MiB area, one a frame: looking for aligned runs of zeroes, and counting them.
#pragma once

#include <stdint.h>

#include "kernel/memory/frames/frame_strategy.hpp"

namespace kernel {

constexpr unsigned area_frames = 1U << huge_order;
constexpr unsigned word_bits = 64;
constexpr unsigned word_order = 6;  // a word is a block of this order
constexpr unsigned area_words = area_frames / word_bits;

// The lowest 2^order bits. Precondition: order <= word_order.
constexpr uint64_t block_mask(unsigned order) {
    return order >= word_order ? ~uint64_t{0} : (uint64_t{1} << (1U << order)) - 1;
}

// Bits that begin an aligned run of 2^order zeroes in the word. Precondition: order <= word_order.
constexpr uint64_t zero_runs(uint64_t word, unsigned order) {
    // Every 1st, 2nd, 4th, ... bit: where a block of that order can begin.
    constexpr uint64_t starts[] = {
        ~uint64_t{0},          0x5555'5555'5555'5555, 0x1111'1111'1111'1111, 0x0101'0101'0101'0101,
        0x0001'0001'0001'0001, 0x0000'0001'0000'0001, 0x0000'0000'0000'0001};
    uint64_t zero = ~word;
    for (unsigned step = 0; step < order; ++step) zero &= zero >> (1U << step);
    return zero & starts[order];
}

// Precondition: word != 0.
constexpr unsigned lowest_bit(uint64_t word) {
    return static_cast<unsigned>(__builtin_ctzll(word));
}
constexpr unsigned count_bits(uint64_t word) {
    return static_cast<unsigned>(__builtin_popcountll(word));
}

// Adds the free blocks of an area to a histogram, each as large as it can be, and below 2 MiB as
// it is not free as a whole. `words` has ones for what is taken.
inline void count_free_blocks(const uint64_t* words, FreeHistogram& histogram) {
    unsigned whole = 0;  // a bit for each word that is free
    for (unsigned i = 0; i < area_words; ++i) {
        if (words[i] == 0) whole |= 1U << i;
        if (words[i] == 0 || words[i] == ~uint64_t{0}) continue;
        uint64_t runs = ~words[i];
        for (unsigned order = 0; order < word_order; ++order) {
            const uint64_t larger = zero_runs(words[i], order + 1);
            histogram.blocks[order] += count_bits(runs) - 2U * count_bits(larger);
            runs = larger;
        }
    }
    const unsigned pairs = whole & whole >> 1 & 0x55;
    const unsigned fours = pairs & pairs >> 2 & 0x11;
    histogram.blocks[word_order] += count_bits(whole) - 2U * count_bits(pairs);
    histogram.blocks[word_order + 1] += count_bits(pairs) - 2U * count_bits(fours);
    histogram.blocks[word_order + 2] += count_bits(fours);
}

// The first frame of an aligned run of 2^order zeroes in an area, area_frames when there is none.
// Precondition: order < huge_order.
inline unsigned find_zero_run(const uint64_t* words, unsigned order) {
    if (order <= word_order) {
        for (unsigned i = 0; i < area_words; ++i) {
            const uint64_t runs = zero_runs(words[i], order);
            if (runs != 0) return i * word_bits + lowest_bit(runs);
        }
        return area_frames;
    }
    const unsigned step = 1U << (order - word_order);
    for (unsigned i = 0; i < area_words; i += step) {
        uint64_t any = 0;
        for (unsigned k = 0; k < step; ++k) any |= words[i + k];
        if (any == 0) return i * word_bits;
    }
    return area_frames;
}

}  // namespace kernel
