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
[[nodiscard]] uint64_t zero_runs(uint64_t word, unsigned order);

// Precondition: word != 0.
constexpr unsigned lowest_bit(uint64_t word) {
    return static_cast<unsigned>(__builtin_ctzll(word));
}
constexpr unsigned count_bits(uint64_t word) {
    return static_cast<unsigned>(__builtin_popcountll(word));
}

// Adds the free blocks of an area to a histogram, each as large as it can be, and below 2 MiB as
// it is not free as a whole. `words` has ones for what is taken.
void count_free_blocks(const uint64_t* words, FreeHistogram& histogram);

// The first frame of an aligned run of 2^order zeroes in an area, area_frames when there is none.
// Precondition: order < huge_order.
[[nodiscard]] unsigned find_zero_run(const uint64_t* words, unsigned order);

}  // namespace kernel
