// SPDX-License-Identifier: Apache-2.0
// CoreClock: what parts of a core's cycles take, in picoseconds. Exact: what is less than a
// picosecond is carried, so that no rounding adds up.
#pragma once

#include <cstdint>
#include <numeric>

#include "sim/engine/meter.hpp"

namespace orrery::phone {

class CoreClock {
  public:
    // Precondition: hertz is a multiple of 1000 and not zero.
    explicit CoreClock(uint64_t hertz) { set_frequency(hertz); }

    void set_frequency(uint64_t hertz) {
        constexpr uint64_t picoseconds_a_second = 1'000'000'000'000;
        const uint64_t parts_a_second = hertz * engine::parts_per_cycle;
        const uint64_t common = std::gcd(picoseconds_a_second, parts_a_second);
        frequency_ = hertz;
        picoseconds_ = picoseconds_a_second / common;
        parts_ = parts_a_second / common;
        remainder_ = 0;  // less than a picosecond
    }

    [[nodiscard]] uint64_t frequency() const { return frequency_; }

    // What so many parts take, the first of them after those that were taken before.
    [[nodiscard]] uint64_t take(uint64_t parts) {
        const uint64_t rest = parts % parts_ * picoseconds_ + remainder_;
        remainder_ = rest % parts_;
        return parts / parts_ * picoseconds_ + rest / parts_;
    }

    // Whole picoseconds of so many parts by themselves.
    [[nodiscard]] uint64_t span(uint64_t parts) const {
        return parts / parts_ * picoseconds_ + parts % parts_ * picoseconds_ / parts_;
    }

  private:
    uint64_t frequency_ = 0;  // Hz
    // So many parts take so many picoseconds: the smallest such numbers. For whole kilohertz both
    // fit 30 bits, so that products do not run over.
    uint64_t picoseconds_ = 1;
    uint64_t parts_ = 1;
    uint64_t remainder_ = 0;  // of the last take(), below parts_
};

}  // namespace orrery::phone
