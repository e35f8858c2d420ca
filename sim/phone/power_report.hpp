// SPDX-License-Identifier: Apache-2.0
// PowerReport: clocks, rails, temperatures and battery at one moment, as plain values. All of it is
// modelled (docs/energy.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/power/power_system.hpp"

namespace orrery::phone {

struct ClockReport {
    std::string name;
    uint64_t kilohertz;  // in force
    uint64_t throttled;  // operating points that heat has taken away from the top
};

struct TemperatureReport {
    std::string name;
    double celsius;
};

struct PowerReport {
    std::vector<power::Rail> rails;
    std::vector<ClockReport> clocks;
    std::vector<TemperatureReport> temperatures;
    double ambient_celsius;
    double battery_percent;
    double battery_volts;    // under load
    double battery_amperes;  // of the last tick
    bool battery_empty;
};

}  // namespace orrery::phone
