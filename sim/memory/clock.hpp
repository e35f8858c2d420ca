// SPDX-License-Identifier: Apache-2.0
// Clock: the clock of a core or of a shared unit: cycles to picoseconds, picoseconds to parts of a
// cycle.
#pragma once

#include <cstdint>

#include "sim/timing/cost_model.hpp"

namespace orrery::memory {

// Stalls are in the parts of a cycle in which pipelines are costed.
constexpr uint32_t stall_parts_per_cycle = timing::parts_per_cycle;

class Clock final {
  public:
    // Precondition: 1 MHz to 100 GHz.
    explicit Clock(uint64_t hertz)
        : femtoseconds_(1'000'000'000'000'000 / hertz),
          parts_per_picosecond_((hertz * stall_parts_per_cycle << scale) / 1'000'000'000'000) {}

    [[nodiscard]] uint64_t picoseconds(uint64_t cycles) const {
        return (cycles * femtoseconds_ + 500) / 1000;
    }
    [[nodiscard]] uint64_t picoseconds_of_parts(uint64_t parts) const {
        return (parts * femtoseconds_ / stall_parts_per_cycle + 500) / 1000;
    }
    // Rounded to the nearest. Precondition: less than 0.1 s.
    [[nodiscard]] uint32_t parts(uint64_t picoseconds) const {
        const uint64_t scaled = picoseconds * parts_per_picosecond_;
        return static_cast<uint32_t>((scaled + (uint64_t{1} << (scale - 1))) >> scale);
    }

  private:
    static constexpr uint32_t scale = 20;
    uint64_t femtoseconds_;
    uint64_t parts_per_picosecond_;  // times 2 to the power of scale
};

}  // namespace orrery::memory
