// SPDX-License-Identifier: Apache-2.0
// The two-level index of kernel_heap=tlsf: free blocks in lists by size, with a bit for each list
// that is not empty and a bit for each row of lists. After Masmano, Ripoll, Crespo and Real, "TLSF:
// A New Dynamic Memory Allocator for Real-Time Systems" (ECRTS 2004).
//
// Row 0 has lists for sizes below 256 in steps of 16; row n has the sizes from 2^(n+7) up to twice
// that, in 16 steps. Everything is constant time: a few steps with bits.
#pragma once

#include "hal/types.hpp"

namespace kernel {

// A block of memory, free or not; its room for an object lies behind these 16 bytes.
struct TlsfBlock {
    static constexpr uint64_t free_bit = 1;

    TlsfBlock* before;   // the block that ends where this one starts; null for the first of a pool
    uint64_t room_bits;  // bytes behind the header, a multiple of 16, and free_bit
    // Only of a free block: neighbours in its list.
    TlsfBlock* next;
    TlsfBlock* previous;

    [[nodiscard]] size_t room() const { return room_bits & ~free_bit; }
    [[nodiscard]] bool is_free() const { return (room_bits & free_bit) != 0; }
    [[nodiscard]] char* object();
    [[nodiscard]] TlsfBlock* after();
    [[nodiscard]] static TlsfBlock* of(void* object);
};
constexpr size_t tlsf_header = 16;

inline char* TlsfBlock::object() {
    return reinterpret_cast<char*>(this) + tlsf_header;
}
inline TlsfBlock* TlsfBlock::after() {
    return reinterpret_cast<TlsfBlock*>(object() + room());
}
inline TlsfBlock* TlsfBlock::of(void* object) {
    return reinterpret_cast<TlsfBlock*>(static_cast<char*>(object) - tlsf_header);
}

class TlsfIndex final {
  public:
    static constexpr unsigned row_count = 8;
    static constexpr unsigned column_count = 16;
    static constexpr size_t limit = size_t{1} << (row_count + 7);  // rooms are below

    void insert(TlsfBlock& block);
    void remove(TlsfBlock& block);
    // A free block of at least that room, not removed; null when there is none.
    [[nodiscard]] TlsfBlock* find(size_t room) const;
    // Whether lists and bits agree; `count` is the number of blocks in the lists.
    [[nodiscard]] bool consistent(uint64_t& count) const;

  private:
    struct Place {
        unsigned row;
        unsigned column;
    };
    static constexpr unsigned first_bits = 8;  // row 0 is below 2^8

    [[nodiscard]] static unsigned log2(uint64_t value) {
        return 63 - static_cast<unsigned>(__builtin_clzll(value));
    }
    [[nodiscard]] static Place place_of(size_t room);
    // Kept out of line: the kernel compiler needs a register of each function.
    [[nodiscard]] [[gnu::noinline]] bool list_consistent(unsigned row, unsigned column,
                                                         uint64_t& count) const;

    TlsfBlock* lists_[row_count][column_count] = {};
    uint32_t rows_ = 0;
    uint32_t columns_[row_count] = {};
};

}  // namespace kernel
