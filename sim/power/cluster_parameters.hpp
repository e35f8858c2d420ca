// SPDX-License-Identifier: Apache-2.0
// ClusterParameters: what a cluster of CPUs consumes, as data (sim/data/power), and the formulae.
// Everything here is modelled.
//
//   busy core      C V^2 f a + leakage         a: activity, 1 for a core that executes
//   core in WFI    C V^2 f g + leakage         g: what clock gating leaves
//   core asleep    a constant                  its power is switched off
//   leakage        P0 (V / V0) exp((V - V0) / Ve) exp((T - T0) / Te)
//
// What the cores share has the same two parts, and is clocked while a core is busy.
#pragma once

#include <string>
#include <vector>

#include "sim/data/parameters.hpp"
#include "sim/power/clock_domain.hpp"

namespace orrery::power {

struct SleepState {
    Picoseconds entry;
    Picoseconds exit;
    Picoseconds residency;  // shorter stays do not pay
    Nanowatts power;
};

struct Leakage {
    double core_watts;
    double shared_watts;
    double reference_volts;
    double reference_celsius;
    double volts_for_e;
    double kelvins_for_e;

    // How much more than at the reference point.
    [[nodiscard]] double factor(double volts, double celsius) const;
};

struct ClusterParameters {
    // Throws std::runtime_error with one sentence that names the key.
    static ClusterParameters read(const data::Parameters& file);

    std::string name;
    std::vector<OperatingPoint> points;
    Picoseconds transition;
    double core_farads;
    double shared_farads;
    double clock_gated;
    Leakage leakage;
    SleepState core_sleep;
    SleepState cluster_sleep;

    // As the devicetree binding gives it, in uW/MHz/V^2.
    [[nodiscard]] uint32_t dynamic_power_coefficient() const;
    // Dynamic power of one busy core, in watts.
    [[nodiscard]] double core_dynamic(const OperatingPoint& point) const;
    [[nodiscard]] double shared_dynamic(const OperatingPoint& point) const;
};

// The power of one cluster at one operating point and temperature.
struct ClusterPower {
    ClusterPower(const ClusterParameters& parameters, const OperatingPoint& point, double celsius);

    double busy_dynamic;  // watts of a core with activity 1
    Nanowatts waiting;    // a core in WFI
    Nanowatts core_leakage;
    Nanowatts shared_leakage;
    Nanowatts shared_dynamic;

    [[nodiscard]] Nanowatts busy(double activity) const;
};

[[nodiscard]] Nanowatts nanowatts(double watts);

}  // namespace orrery::power
