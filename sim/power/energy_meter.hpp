// SPDX-License-Identifier: Apache-2.0
// EnergyMeter: the energy of one rail, integrated exactly. Power is a whole number of nanowatts
// that is constant between two changes, time a whole number of picoseconds, so the sum is exact:
// reading it at some moment changes nothing of what is read later.
#pragma once

#include <cstdint>

namespace orrery::power {

using Picoseconds = uint64_t;
using Nanowatts = uint64_t;

constexpr Picoseconds a_microsecond = 1'000'000;
constexpr Picoseconds a_millisecond = 1000 * a_microsecond;
constexpr Picoseconds a_second = 1000 * a_millisecond;

class EnergyMeter final {
  public:
    using Energy = unsigned __int128;  // in nanowatts times picoseconds, 1e-21 J

    // From `now` on the rail draws `power`. Precondition: time does not go back.
    void set(Picoseconds now, Nanowatts power) {
        sum_ += Energy{power_} * (now - since_);
        since_ = now;
        power_ = power;
    }

    [[nodiscard]] Nanowatts power() const { return power_; }
    [[nodiscard]] Energy energy(Picoseconds now) const {
        return sum_ + Energy{power_} * (now - since_);
    }
    [[nodiscard]] static double joules(Energy energy) {
        return static_cast<double>(energy) * 1e-21;
    }

  private:
    Energy sum_ = 0;
    Picoseconds since_ = 0;
    Nanowatts power_ = 0;
};

}  // namespace orrery::power
