// SPDX-License-Identifier: Apache-2.0
// SHA-256 after FIPS 180-4; the names a to h and the functions are the standard's.
#include "user/lib/sha256.hpp"

#include <bit>

namespace user {

namespace {

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

constexpr size_t length_offset = 56;

uint32_t choose(uint32_t x, uint32_t y, uint32_t z) {
    return (x & y) ^ (~x & z);
}
uint32_t majority(uint32_t x, uint32_t y, uint32_t z) {
    return (x & y) ^ (x & z) ^ (y & z);
}
uint32_t big_sigma_0(uint32_t x) {
    return std::rotr(x, 2) ^ std::rotr(x, 13) ^ std::rotr(x, 22);
}
uint32_t big_sigma_1(uint32_t x) {
    return std::rotr(x, 6) ^ std::rotr(x, 11) ^ std::rotr(x, 25);
}
uint32_t small_sigma_0(uint32_t x) {
    return std::rotr(x, 7) ^ std::rotr(x, 18) ^ (x >> 3);
}
uint32_t small_sigma_1(uint32_t x) {
    return std::rotr(x, 17) ^ std::rotr(x, 19) ^ (x >> 10);
}

uint32_t load_big_endian(const uint8_t* bytes) {
    return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

}  // namespace

void Sha256::process(const uint8_t* block) {
    uint32_t schedule[64];
    for (size_t t = 0; t < 16; ++t) schedule[t] = load_big_endian(block + 4 * t);
    for (size_t t = 16; t < 64; ++t) {
        schedule[t] = small_sigma_1(schedule[t - 2]) + schedule[t - 7] +
                      small_sigma_0(schedule[t - 15]) + schedule[t - 16];
    }

    auto [a, b, c, d, e, f, g, h] = state_;
    for (size_t t = 0; t < 64; ++t) {
        const uint32_t t1 = h + big_sigma_1(e) + choose(e, f, g) + constants[t] + schedule[t];
        const uint32_t t2 = big_sigma_0(a) + majority(a, b, c);
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    const std::array<uint32_t, 8> sum = {a, b, c, d, e, f, g, h};
    for (size_t i = 0; i < state_.size(); ++i) state_[i] += sum[i];
}

void Sha256::update(std::span<const uint8_t> data) {
    size_t used = length_ % block_size;
    length_ += data.size();
    while (!data.empty()) {
        // Whole blocks are taken where they lie.
        if (used == 0 && data.size() >= block_size) {
            process(data.data());
            data = data.subspan(block_size);
            continue;
        }
        block_[used++] = data.front();
        data = data.subspan(1);
        if (used == block_size) {
            process(block_.data());
            used = 0;
        }
    }
}

Sha256::Digest Sha256::finish() {
    const uint64_t bits = length_ * 8;
    constexpr uint8_t one_bit[] = {0x80};
    constexpr uint8_t zero[] = {0};
    update(one_bit);
    while (length_ % block_size != length_offset) update(zero);

    uint8_t size[8];
    for (size_t i = 0; i < sizeof(size); ++i) size[i] = static_cast<uint8_t>(bits >> (56 - 8 * i));
    update(size);

    Digest digest;
    for (size_t i = 0; i < digest.size(); ++i) {
        digest[i] = static_cast<uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
    }
    return digest;
}

Sha256::Digest Sha256::of(std::span<const uint8_t> data) {
    Sha256 hash;
    hash.update(data);
    return hash.finish();
}

DigestText::DigestText(const Sha256::Digest& digest) {
    for (size_t i = 0; i < digest.size(); ++i) {
        text_[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        text_[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
}

}  // namespace user
