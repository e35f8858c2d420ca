// SPDX-License-Identifier: Apache-2.0
// Pseudo-random numbers: SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
// Generators", OOPSLA 2014), small enough for each thread to have its own.
#pragma once

#include <stdint.h>

namespace ageing {

class Random final {
  public:
    // A stream of its own for each thread.
    constexpr Random(uint64_t seed, uint64_t stream) : state_(seed) {
        state_ = next() + stream * 0x9e37'79b9'7f4a'7c15;
        (void)next();
    }

    constexpr uint64_t next() {
        state_ += 0x9e37'79b9'7f4a'7c15;
        uint64_t mixed = state_;
        mixed = (mixed ^ mixed >> 30) * 0xbf58'476d'1ce4'e5b9;
        mixed = (mixed ^ mixed >> 27) * 0x94d0'49bb'1331'11eb;
        return mixed ^ mixed >> 31;
    }
    // Below `bound`, which is above 0; biased by less than 2^-32 for bounds below 2^32.
    constexpr uint32_t below(uint32_t bound) {
        return static_cast<uint32_t>((next() >> 32) * bound >> 32);
    }

  private:
    uint64_t state_;
};

}  // namespace ageing
