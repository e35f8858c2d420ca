// SPDX-License-Identifier: Apache-2.0
// FrequencyGovernor: from utilisation to a clock.
#include "kernel/schedule/energy/frequency_governor.hpp"

namespace kernel {

uint32_t FrequencyGovernor::consider(uint64_t now, const EnergyDomain& domain,
                                     uint32_t utilisation) {
    if (must_wait(now)) return 0;
    // Capacity goes with the clock, so an operating point can be found by either.
    const uint32_t wanted = utilisation + utilisation / 4;
    const uint32_t kilohertz = domain.point_for(wanted).kilohertz;
    if (kilohertz == asked_) return 0;
    asked_ = kilohertz;
    next_change_ = now + interval_;
    return kilohertz;
}

}  // namespace kernel
