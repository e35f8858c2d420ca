// SPDX-License-Identifier: Apache-2.0
// PowerSystem: clocks, rails, heat and battery of a phone, put together. Everything here is
// modelled (docs/energy.md).
//
// It is a function of what it is told and when: CPUs begin and cease to execute, operating points
// are asked for. What happens by itself (a change of frequency that takes effect, a core that is
// powered down, a tick of temperatures, throttling and battery) happens at exact moments, however
// seldom advance() is called. Whoever has to act on it asks next_change().
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/power/battery.hpp"
#include "sim/power/cluster.hpp"
#include "sim/power/step_wise.hpp"
#include "sim/power/thermal_network.hpp"

namespace orrery::power {

// What a scenario may choose anew.
struct PowerChoices {
    std::optional<double> ambient_celsius;
    std::optional<double> battery_percent;
    std::optional<double> trip_celsius;  // of all clusters
    std::optional<bool> autonomous_sleep;
};

struct Rail {
    std::string name;       // as the monitor's file has it: S2M_VDD_CPUCL2
    std::string subsystem;  // as a profiler shows it: CPU Big
    double joules;
    double watts;
};

class PowerSystem final {
  public:
    // `cores`: how many CPUs each cluster has, in the order of `clusters` in the file. Throws
    // std::runtime_error with one sentence.
    PowerSystem(const data::Parameters& file, const std::vector<size_t>& cores,
                const PowerChoices& choices = {});

    // Everything up to and including `now`. Precondition: time does not go back.
    void advance(Picoseconds now);
    // The next moment at which something happens by itself; never further than one tick.
    [[nodiscard]] Picoseconds next_change() const;

    // What CPUs do; time first advances to `now`. run() returns how long the core needs to wake up.
    Picoseconds run(Picoseconds now, size_t cluster, size_t core, double activity = 1);
    void wait(Picoseconds now, size_t cluster, size_t core);
    void stop(Picoseconds now, size_t cluster, size_t core);

    // Operating points, by index of ClockDomain::points(); time first advances to `now`.
    void request(Picoseconds now, size_t cluster, size_t point);
    void set_limits(Picoseconds now, size_t cluster, size_t lowest, size_t highest);

    // Called when a cluster's frequency has changed. To be set before time passes.
    std::function<void(Picoseconds when, size_t cluster, uint64_t kilohertz)> on_frequency;
    // After each tick; once, when the battery has become empty.
    std::function<void(Picoseconds when)> on_tick;
    std::function<void(Picoseconds when)> on_battery_empty;

    [[nodiscard]] size_t cluster_count() const { return domains_.size(); }
    [[nodiscard]] const Cluster& cluster(size_t index) const { return domains_[index].cluster; }
    [[nodiscard]] const std::string& cluster_name(size_t index) const {
        return domains_[index].rail_name;
    }
    [[nodiscard]] size_t throttled(size_t cluster) const {
        return domains_[cluster].governor.steps();
    }
    [[nodiscard]] const ThermalNetwork& network() const { return network_; }
    [[nodiscard]] const Battery& battery() const { return battery_; }
    // Up to the last advance().
    [[nodiscard]] std::vector<Rail> rails() const;
    [[nodiscard]] Picoseconds now() const { return now_; }
    [[nodiscard]] Picoseconds tick_period() const { return tick_; }

  private:
    // A cluster with its place on the board.
    struct Domain {
        Cluster cluster;
        std::string rail;
        std::string rail_name;
        size_t node;
        StepWise governor;
        EnergyMeter::Energy at_last_tick = 0;
    };
    struct Memory {
        explicit Memory(const data::Parameters& table, const ThermalNetwork& network);
        std::string rail;
        std::string rail_name;
        size_t node;
        Nanowatts active;
        Nanowatts self_refresh;
        EnergyMeter meter;
        EnergyMeter::Energy at_last_tick = 0;
    };

    [[nodiscard]] static Domain read_domain(const data::Parameters& table, size_t cores,
                                            bool autonomous, const ThermalNetwork& network,
                                            const PowerChoices& choices);
    void change_clusters(Picoseconds now);
    void tick(Picoseconds now);
    void update_memory(Picoseconds now);

    Picoseconds tick_;
    double efficiency_;
    ThermalNetwork network_;
    std::vector<Domain> domains_;
    Memory memory_;
    Battery battery_;
    Picoseconds now_ = 0;
    Picoseconds next_tick_;
    bool told_empty_ = false;
};

}  // namespace orrery::power
