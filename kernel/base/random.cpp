// SPDX-License-Identifier: Apache-2.0
// ChaCha20 as a source of random numbers.
#include "kernel/base/random.hpp"

#include <string.h>

#include "kernel/base/panic.hpp"

namespace kernel {
namespace {

constexpr uint32_t constants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};  // RFC 8439 2.3

uint32_t rotated(uint32_t value, unsigned bits) {
    return value << bits | value >> (32 - bits);
}

void quarter_round(uint32_t& a, uint32_t& b, uint32_t& c, uint32_t& d) {
    a += b;
    d = rotated(d ^ a, 16);
    c += d;
    b = rotated(b ^ c, 12);
    a += b;
    d = rotated(d ^ a, 8);
    c += d;
    b = rotated(b ^ c, 7);
}

}  // namespace

void chacha20_block(const ChaChaKey& key, uint64_t counter, uint32_t (&block)[16]) {
    uint32_t state[16];
    memcpy(state, constants, sizeof constants);
    memcpy(state + 4, key.words, sizeof key.words);
    state[12] = static_cast<uint32_t>(counter);
    state[13] = static_cast<uint32_t>(counter >> 32);
    state[14] = 0;
    state[15] = 0;

    memcpy(block, state, sizeof state);
    for (unsigned round = 0; round < 20; round += 2) {
        for (unsigned i = 0; i < 4; ++i) {
            quarter_round(block[i], block[4 + i], block[8 + i], block[12 + i]);
        }
        for (unsigned i = 0; i < 4; ++i) {
            quarter_round(block[i], block[4 + (i + 1) % 4], block[8 + (i + 2) % 4],
                          block[12 + (i + 3) % 4]);
        }
    }
    for (unsigned i = 0; i < 16; ++i) block[i] += state[i];
}

void Random::seed(const void* bytes, size_t size) {
    key_ = {};
    seeded_ = size != 0;
    if (seeded_) memcpy(&key_, bytes, size < sizeof key_ ? size : sizeof key_);
}

uint64_t Random::below(uint64_t bound) {
    KERNEL_ASSERT(seeded_ && bound != 0);
    uint32_t block[16];
    chacha20_block(key_, next_.fetch_add(1, std::memory_order_relaxed), block);
    return (uint64_t{block[1]} << 32 | block[0]) % bound;
}

}  // namespace kernel
