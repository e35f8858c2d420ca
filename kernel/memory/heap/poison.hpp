// SPDX-License-Identifier: Apache-2.0
// Poison: what free memory of the heap is filled with when heap_debug=on, so that a write to it
// after it was freed shows.
//
// Allocators that are made to poison keep this invariant: a free object holds poison everywhere but
// in its first `free_links` bytes, which are the allocator's.
#pragma once

#include <string.h>

#include "hal/types.hpp"

namespace kernel {

constexpr uint8_t poison_byte = 0x6b;
constexpr size_t free_links = 16;

inline void poison(void* begin, size_t size) {
    memset(begin, poison_byte, size);
}

// Offset of the first byte that is not `expected`, or `size`.
inline size_t first_other(const void* begin, size_t size, uint8_t expected) {
    const auto* bytes = static_cast<const uint8_t*>(begin);
    size_t offset = 0;
    while (offset < size && bytes[offset] == expected) ++offset;
    return offset;
}

}  // namespace kernel
