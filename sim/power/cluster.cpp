// SPDX-License-Identifier: Apache-2.0
// What the cores of a cluster do, and what their rail draws.
#include "sim/power/cluster.hpp"

#include <algorithm>

namespace orrery::power {
namespace {

// Off or asleep: the core's own power is switched off.
bool unpowered(CoreState state) {
    return state == CoreState::Off || state == CoreState::Asleep;
}

}  // namespace

Cluster::Cluster(const ClusterParameters& parameters, size_t cores, bool autonomous_sleep,
                 double celsius)
    : parameters_(parameters),
      clock_(parameters.points, parameters.transition),
      autonomous_(autonomous_sleep),
      celsius_(celsius),
      power_(parameters_, clock_.point(), celsius_),
      cores_(cores) {
    update(0);
}

bool Cluster::any_busy() const {
    return std::ranges::any_of(cores_,
                               [](const Core& core) { return core.state == CoreState::Busy; });
}

Picoseconds Cluster::run(Picoseconds now, size_t index, double activity) {
    Core& core = cores_[index];
    Picoseconds latency = 0;
    if (core.state == CoreState::Asleep) {
        latency = asleep_ ? parameters_.cluster_sleep.exit : parameters_.core_sleep.exit;
    }
    if (core.state != CoreState::Busy) core.since = now;
    core.state = CoreState::Busy;
    core.activity = activity;
    asleep_ = false;
    update(now);
    return latency;
}

void Cluster::wait(Picoseconds now, size_t index) {
    Core& core = cores_[index];
    if (core.state != CoreState::Busy) return;
    core.state = CoreState::Waiting;
    core.since = now;
    update(now);
}

void Cluster::stop(Picoseconds now, size_t index) {
    cores_[index].state = CoreState::Off;
    cores_[index].since = now;
    asleep_ =
        std::ranges::all_of(cores_, [](const Core& core) { return core.state == CoreState::Off; });
    update(now);
}

void Cluster::set_temperature(Picoseconds now, double celsius) {
    celsius_ = celsius;
    refresh(now);
}

std::optional<Picoseconds> Cluster::cluster_sleep_due() const {
    if (asleep_ || !std::ranges::all_of(cores_, [](const Core& c) { return unpowered(c.state); })) {
        return {};
    }
    Picoseconds newest = 0;
    for (const Core& core : cores_) newest = std::max(newest, core.since);
    return newest + parameters_.cluster_sleep.entry + parameters_.cluster_sleep.residency;
}

std::optional<Picoseconds> Cluster::next_change() const {
    std::optional<Picoseconds> next = clock_.due();
    const auto consider = [&next](std::optional<Picoseconds> when) {
        if (when && (!next || *when < *next)) next = when;
    };
    if (!autonomous_) return next;
    for (const Core& core : cores_) {
        if (core.state != CoreState::Waiting) continue;
        consider(core.since + parameters_.core_sleep.entry + parameters_.core_sleep.residency);
    }
    consider(cluster_sleep_due());
    return next;
}

bool Cluster::advance(Picoseconds now) {
    const bool changed = clock_.advance(now);
    if (autonomous_) {
        for (Core& core : cores_) {
            const SleepState& sleep = parameters_.core_sleep;
            if (core.state != CoreState::Waiting) continue;
            if (core.since + sleep.entry + sleep.residency > now) continue;
            core.state = CoreState::Asleep;
            core.since = now;
        }
        if (const auto due = cluster_sleep_due(); due && *due <= now) asleep_ = true;
    }
    refresh(now);
    return changed;
}

Nanowatts Cluster::total() const {
    Nanowatts sum = 0;
    for (const Core& core : cores_) {
        switch (core.state) {
            case CoreState::Off: break;
            case CoreState::Asleep: sum += parameters_.core_sleep.power; break;
            case CoreState::Waiting: sum += power_.waiting; break;
            case CoreState::Busy: sum += power_.busy(core.activity); break;
        }
    }
    if (asleep_) return sum + parameters_.cluster_sleep.power;
    return sum + power_.shared_leakage + (any_busy() ? power_.shared_dynamic : 0);
}

void Cluster::refresh(Picoseconds now) {
    power_ = ClusterPower(parameters_, clock_.point(), celsius_);
    update(now);
}

}  // namespace orrery::power
