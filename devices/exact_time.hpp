// SPDX-License-Identifier: Apache-2.0
// Exact conversion between simulated time and the ticks of a clock: integers only, so that a clock
// never drifts, whatever its frequency.
#pragma once

#include <cstdint>
#include <limits>
#include <systemc>

namespace orrery::devices {

using Wide = unsigned __int128;

// Time units (the SystemC resolution) in a second.
[[nodiscard]] inline uint64_t units_per_second() {
    static const uint64_t units = sc_core::sc_time{1, sc_core::SC_SEC}.value();
    return units;
}

// Whole ticks of a clock of `hertz` that have passed at `time`.
[[nodiscard]] inline uint64_t ticks_at(const sc_core::sc_time& time, uint64_t hertz) {
    const uint64_t second = units_per_second();
    if (second % hertz == 0) return time.value() / (second / hertz);
    return static_cast<uint64_t>(Wide{time.value()} * hertz / second);
}

// First moment at which `ticks` of a clock of `hertz` have passed; the maximum if out of reach.
[[nodiscard]] inline sc_core::sc_time time_of_ticks(Wide ticks, uint64_t hertz) {
    constexpr Wide latest = std::numeric_limits<uint64_t>::max();
    const Wide second = units_per_second();
    // Beyond this bound the answer is out of reach, and the product below could overflow.
    if (ticks / hertz > latest / second) return sc_core::sc_max_time();
    const Wide units = (ticks * second + hertz - 1) / hertz;
    if (units > latest) return sc_core::sc_max_time();
    return sc_core::sc_time::from_value(static_cast<uint64_t>(units));
}

// Makes `event` happen at the absolute time `when`, and not before; never if that is out of reach.
inline void notify_at(sc_core::sc_event& event, const sc_core::sc_time& when) {
    event.cancel();
    if (when == sc_core::sc_max_time()) return;
    const auto now = sc_core::sc_time_stamp();
    event.notify(when > now ? when - now : sc_core::SC_ZERO_TIME);
}

}  // namespace orrery::devices
