// SPDX-License-Identifier: Apache-2.0
// Cluster: CPUs that share a clock domain, a rail and a last-level cache: what each of them is
// doing, and what the rail draws for it. Everything here is modelled.
//
// A core in WFI may be powered down without being asked ("autonomous"): after its entry latency and
// residency in WFI it sleeps; when all have slept that long for the cluster, the cluster sleeps.
// The core that wakes pays the exit latency of the deepest state it comes from.
#pragma once

#include <optional>
#include <vector>

#include "sim/power/cluster_parameters.hpp"

namespace orrery::power {

enum class CoreState {
    Off,      // never started, or stopped for good
    Waiting,  // WFI
    Asleep,   // powered down
    Busy,
};

class Cluster final {
  public:
    Cluster(const ClusterParameters& parameters, size_t cores, bool autonomous_sleep,
            double celsius);

    [[nodiscard]] const ClusterParameters& parameters() const { return parameters_; }
    [[nodiscard]] const EnergyMeter& meter() const { return meter_; }
    [[nodiscard]] CoreState state(size_t core) const { return cores_[core].state; }
    [[nodiscard]] bool asleep() const { return asleep_; }
    [[nodiscard]] bool any_busy() const;

    // Only to be changed through `change`, so that the rail's power follows.
    [[nodiscard]] const ClockDomain& clock() const { return clock_; }
    template <class Change>
    void change(Picoseconds now, Change what) {
        what(clock_);
        clock_.advance(now);
        refresh(now);
    }

    // A core begins to execute (activity 0 to 1, or a little above), returns how long it needs to
    // wake up; or to wait; or it stops for good.
    Picoseconds run(Picoseconds now, size_t core, double activity = 1);
    void wait(Picoseconds now, size_t core);
    void stop(Picoseconds now, size_t core);
    void set_temperature(Picoseconds now, double celsius);

    // The next moment at which something changes by itself, and making it so.
    [[nodiscard]] std::optional<Picoseconds> next_change() const;
    // Precondition: `now` is not beyond next_change(). True when the frequency has changed.
    bool advance(Picoseconds now);

  private:
    struct Core {
        CoreState state = CoreState::Off;
        Picoseconds since = 0;
        double activity = 1;
    };

    [[nodiscard]] std::optional<Picoseconds> cluster_sleep_due() const;
    [[nodiscard]] Nanowatts total() const;
    void update(Picoseconds now) { meter_.set(now, total()); }
    void refresh(Picoseconds now);

    ClusterParameters parameters_;
    ClockDomain clock_;
    bool autonomous_;
    double celsius_;
    ClusterPower power_;
    std::vector<Core> cores_;
    bool asleep_ = true;
    EnergyMeter meter_;
};

}  // namespace orrery::power
