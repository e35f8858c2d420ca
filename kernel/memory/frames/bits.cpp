// SPDX-License-Identifier: Apache-2.0
// Bits of a 2 MiB area. These functions are put inline nowhere: where they are, the native kernel
// would have more costs in flight at a time than the host has registers for (sim/compiler).
#include "kernel/memory/frames/bits.hpp"

namespace kernel {

[[gnu::noinline]] uint64_t zero_runs(uint64_t word, unsigned order) {
    // Every 1st, 2nd, 4th, ... bit: where a block of that order can begin.
    constexpr uint64_t starts[] = {
        ~uint64_t{0},          0x5555'5555'5555'5555, 0x1111'1111'1111'1111, 0x0101'0101'0101'0101,
        0x0001'0001'0001'0001, 0x0000'0001'0000'0001, 0x0000'0000'0000'0001};
    uint64_t zero = ~word;
    for (unsigned step = 0; step < order; ++step) zero &= zero >> (1U << step);
    return zero & starts[order];
}

namespace {

// A bit for each word that is free.
[[gnu::noinline]] unsigned free_words(const uint64_t* words) {
    unsigned whole = 0;
#pragma clang loop unroll(disable)
    for (unsigned i = 0; i < area_words; ++i) whole |= (words[i] == 0 ? 1U : 0U) << i;
    return whole;
}

// Adds the free blocks of a word that is neither free nor full.
[[gnu::noinline]] void count_in_word(uint64_t word, FreeHistogram& histogram) {
    uint64_t runs = ~word;
#pragma clang loop unroll(disable)
    for (unsigned order = 0; order < word_order; ++order) {
        const uint64_t larger = zero_runs(word, order + 1);
        histogram.blocks[order] += count_bits(runs) - 2U * count_bits(larger);
        runs = larger;
    }
}

}  // namespace

void count_free_blocks(const uint64_t* words, FreeHistogram& histogram) {
#pragma clang loop unroll(disable)
    for (unsigned i = 0; i < area_words; ++i) {
        if (words[i] != 0 && words[i] != ~uint64_t{0}) count_in_word(words[i], histogram);
    }
    const unsigned whole = free_words(words);
    const unsigned pairs = whole & whole >> 1 & 0x55;
    const unsigned fours = pairs & pairs >> 2 & 0x11;
    histogram.blocks[word_order] += count_bits(whole) - 2U * count_bits(pairs);
    histogram.blocks[word_order + 1] += count_bits(pairs) - 2U * count_bits(fours);
    histogram.blocks[word_order + 2] += count_bits(fours);
}

[[gnu::noinline]] unsigned find_zero_run(const uint64_t* words, unsigned order) {
    if (order > word_order) {
        unsigned whole = free_words(words);
        whole &= whole >> 1 & 0x55;
        if (order > word_order + 1) whole &= whole >> 2 & 0x11;
        return whole == 0 ? area_frames : lowest_bit(whole) * word_bits;
    }
#pragma clang loop unroll(disable)
    for (unsigned i = 0; i < area_words; ++i) {
        const uint64_t runs = zero_runs(words[i], order);
        if (runs != 0) return i * word_bits + lowest_bit(runs);
    }
    return area_frames;
}

}  // namespace kernel
