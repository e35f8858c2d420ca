// SPDX-License-Identifier: Apache-2.0
// The LZ4 block format: a compressor and a decompressor for pages.
//
// Source: LZ4 Block Format Description (github.com/lz4/lz4, doc/lz4_Block_format.md, 2022-07-31).
// A block is a row of sequences: a token, literals, and a match that copies 4 bytes or more from up
// to 65535 bytes back. Compression is greedy: a table remembers where a hash of four bytes was seen
// last, and steps grow while nothing matches. Each byte of the input is looked at a bounded number
// of times, so that time is linear in its size. Nothing is allocated.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/base/result.hpp"

namespace kernel::lz4 {

constexpr size_t largest_input = 65536;  // positions in it fit into 16 bits

// The table of the compressor; its content before a call does not matter.
struct Workspace {
    static constexpr unsigned hash_bits = 11;
    uint16_t seen[1U << hash_bits];
};

// Compresses into at most `capacity` bytes and returns how many it took. LimitReached when they do
// not suffice; InvalidArgument for more than largest_input bytes.
[[nodiscard]] Result<size_t> compress(const uint8_t* from, size_t size, uint8_t* to,
                                      size_t capacity, Workspace& workspace);

// Decompresses a block into at most `capacity` bytes and returns how many there were. BadImage for
// a block that is none, or that holds more. Safe for any input: reads nothing beyond `size`, writes
// nothing beyond `capacity`, and never reveals what was in `to` before.
[[nodiscard]] Result<size_t> decompress(const uint8_t* from, size_t size, uint8_t* to,
                                        size_t capacity);

}  // namespace kernel::lz4
