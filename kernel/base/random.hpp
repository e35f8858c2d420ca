// SPDX-License-Identifier: Apache-2.0
// Random: numbers for what should not be guessed from outside, such as addresses: ChaCha20 (RFC
// 8439) keyed with the boot loader's seed (/chosen/rng-seed). The same seed gives the same numbers
// in the order in which they are asked for.
//
// Number n is taken from block n of the key stream, so that CPUs share nothing but a counter. The
// key stays in memory: whoever reads it knows all numbers, past ones too.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>

namespace kernel {

// Block `counter` of the key stream, with a 64-bit counter and a nonce of zero.
struct ChaChaKey {
    uint32_t words[8];
};
void chacha20_block(const ChaChaKey& key, uint64_t counter, uint32_t (&block)[16]);

class Random final {
  public:
    // The first 32 bytes of the seed, a shorter one padded with zeroes. Without a seed() before, or
    // with an empty one (which may be null), there are no random numbers.
    void seed(const void* bytes, size_t size);
    [[nodiscard]] bool seeded() const { return seeded_; }
    // A number below `bound`, each as likely but for one part in 2^64 / bound. Precondition:
    // seeded, `bound` is not 0.
    [[nodiscard]] uint64_t below(uint64_t bound);

  private:
    ChaChaKey key_{};
    std::atomic<uint64_t> next_{0};
    bool seeded_ = false;
};

}  // namespace kernel
