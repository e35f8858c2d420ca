// SPDX-License-Identifier: Apache-2.0
// EnergyModel: operating points, and power at a utilisation.
#include "kernel/schedule/energy/energy_model.hpp"

namespace kernel {

const OperatingPoint& EnergyDomain::point_for(uint32_t capacity) const {
    uint32_t i = 0;
    while (i + 1 < count && points[i].capacity < capacity) ++i;
    return points[i];
}

uint32_t EnergyDomain::capacity_at(uint32_t kilohertz) const {
    uint32_t i = 0;
    while (i + 1 < count && points[i].kilohertz < kilohertz) ++i;
    return points[i].capacity;
}

void EnergyModel::add(const EnergyDomain& domain) {
    for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) {
        if ((domain.cpus >> cpu & 1) != 0) domain_of_[cpu] = count_;
    }
    domains_[count_++] = domain;
}

uint64_t EnergyModel::power(const EnergyDomain& domain, uint32_t most, uint64_t sum) const {
    const OperatingPoint& point = domain.point_for(most + most * headroom_ / 100);
    return sum * point.power * 1024 / point.capacity;
}

}  // namespace kernel
