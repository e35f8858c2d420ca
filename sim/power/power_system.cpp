// SPDX-License-Identifier: Apache-2.0
// Clocks, rails, heat and battery of a phone.
#include "sim/power/power_system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace orrery::power {
namespace {

double seconds(Picoseconds time) {
    return static_cast<double>(time) * 1e-12;
}

Battery::Parameters battery_parameters(const data::Parameters& file, const PowerChoices& choices) {
    Battery::Parameters parameters = Battery::Parameters::read(file.table("battery"));
    if (choices.battery_percent) parameters.start_percent = *choices.battery_percent;
    return parameters;
}

ThermalNetwork read_network(const data::Parameters& file, const PowerChoices& choices,
                            Picoseconds tick) {
    const data::Parameters table = file.table("thermal");
    const double ambient =
        choices.ambient_celsius.value_or(table.number("ambient_celsius", -40, 150));
    return ThermalNetwork::read(table, ambient, seconds(tick));
}

}  // namespace

PowerSystem::Memory::Memory(const data::Parameters& table, const ThermalNetwork& network)
    : rail(table.text("rail")),
      rail_name(table.text("rail_name")),
      node(network.index(table.text("node"))),
      active(nanowatts(table.number("active_milliwatts", 0, 1e5) * 1e-3)),
      self_refresh(nanowatts(table.number("self_refresh_milliwatts", 0, 1e5) * 1e-3)) {
    table.expect_only(
        {"rail", "rail_name", "node", "active_milliwatts", "self_refresh_milliwatts"});
    meter.set(0, self_refresh);
}

PowerSystem::PowerSystem(const data::Parameters& file, const std::vector<size_t>& cores,
                         const PowerChoices& choices)
    : tick_(file.integer("tick_milliseconds", 1, 10'000) * a_millisecond),
      efficiency_(file.number("converter_efficiency", 0.01, 1)),
      network_(read_network(file, choices, tick_)),
      memory_(file.table("memory"), network_),
      battery_(battery_parameters(file, choices)),
      next_tick_(tick_) {
    file.expect_only({"tick_milliseconds", "converter_efficiency", "autonomous_sleep", "clusters",
                      "memory", "thermal", "battery"});
    const bool autonomous = choices.autonomous_sleep.value_or(file.flag("autonomous_sleep"));
    const std::vector<data::Parameters> tables = file.tables("clusters");
    if (tables.size() != cores.size()) {
        throw std::runtime_error(
            fmt::format("{}: clusters must be {}, as the machine has", file.place(), cores.size()));
    }
    for (size_t i = 0; i < tables.size(); ++i) {
        domains_.push_back(read_domain(tables[i], cores[i], autonomous, network_, choices));
    }
}

PowerSystem::Domain PowerSystem::read_domain(const data::Parameters& table, size_t cores,
                                             bool autonomous, const ThermalNetwork& network,
                                             const PowerChoices& choices) {
    table.expect_only(
        {"parameters", "rail", "rail_name", "node", "trip_celsius", "hysteresis_kelvins"});
    const auto parameters =
        ClusterParameters::read(data::Parameters::open(table.text("parameters")));
    const double trip = choices.trip_celsius.value_or(table.number("trip_celsius", -40, 200));
    const double hysteresis = table.number("hysteresis_kelvins", 0, 100);
    const size_t node = network.index(table.text("node"));
    Cluster cluster(parameters, cores, autonomous, network.celsius(node));
    const size_t steps = cluster.clock().top();
    return {.cluster = std::move(cluster),
            .rail = table.text("rail"),
            .rail_name = table.text("rail_name"),
            .node = node,
            .governor = StepWise(trip, hysteresis, steps)};
}

Picoseconds PowerSystem::next_change() const {
    Picoseconds next = next_tick_;
    for (const Domain& domain : domains_) {
        if (const auto change = domain.cluster.next_change()) next = std::min(next, *change);
    }
    return next;
}

// Changes of the clusters come before the tick of the same moment.
void PowerSystem::advance(Picoseconds now) {
    for (Picoseconds next = next_change(); next <= now; next = next_change()) {
        now_ = next;
        change_clusters(next);
        if (next == next_tick_) tick(next);
    }
    now_ = now;
}

void PowerSystem::change_clusters(Picoseconds now) {
    for (size_t i = 0; i < domains_.size(); ++i) {
        Cluster& cluster = domains_[i].cluster;
        const auto due = cluster.next_change();
        if (!due || *due > now) continue;
        if (cluster.advance(now) && on_frequency) {
            on_frequency(now, i, cluster.clock().point().kilohertz);
        }
    }
}

void PowerSystem::tick(Picoseconds now) {
    next_tick_ = now + tick_;
    const double step = seconds(tick_);
    std::vector<double> watts(network_.nodes().size());
    const auto heat = [&watts, step](auto& part, const EnergyMeter& meter, Picoseconds when) {
        const EnergyMeter::Energy energy = meter.energy(when);
        watts[part.node] += EnergyMeter::joules(energy - part.at_last_tick) / step;
        part.at_last_tick = energy;
    };
    for (Domain& domain : domains_) heat(domain, domain.cluster.meter(), now);
    heat(memory_, memory_.meter, now);
    double total = 0;
    for (const double part : watts) total += part;

    network_.step(watts);
    for (Domain& domain : domains_) {
        const double celsius = network_.celsius(domain.node);
        domain.cluster.set_temperature(now, celsius);
        const size_t steps = domain.governor.poll(celsius);
        domain.cluster.change(now,
                              [&](ClockDomain& clock) { clock.set_cap(now, clock.top() - steps); });
    }
    battery_.discharge(total / efficiency_, step);
    if (on_tick) on_tick(now);
    if (battery_.empty() && !told_empty_) {
        told_empty_ = true;
        if (on_battery_empty) on_battery_empty(now);
    }
}

void PowerSystem::update_memory(Picoseconds now) {
    const bool active = std::ranges::any_of(
        domains_, [](const Domain& domain) { return domain.cluster.any_busy(); });
    memory_.meter.set(now, active ? memory_.active : memory_.self_refresh);
}

Picoseconds PowerSystem::run(Picoseconds now, size_t cluster, size_t core, double activity) {
    advance(now);
    const Picoseconds latency = domains_[cluster].cluster.run(now, core, activity);
    update_memory(now);
    return latency;
}

void PowerSystem::wait(Picoseconds now, size_t cluster, size_t core) {
    advance(now);
    domains_[cluster].cluster.wait(now, core);
    update_memory(now);
}

void PowerSystem::stop(Picoseconds now, size_t cluster, size_t core) {
    advance(now);
    domains_[cluster].cluster.stop(now, core);
    update_memory(now);
}

void PowerSystem::request(Picoseconds now, size_t cluster, size_t point) {
    advance(now);
    domains_[cluster].cluster.change(now, [&](ClockDomain& clock) { clock.request(now, point); });
}

void PowerSystem::set_limits(Picoseconds now, size_t cluster, size_t lowest, size_t highest) {
    advance(now);
    domains_[cluster].cluster.change(
        now, [&](ClockDomain& clock) { clock.set_limits(now, lowest, highest); });
}

std::vector<Rail> PowerSystem::rails() const {
    std::vector<Rail> result;
    const auto add = [&](const std::string& name, const std::string& subsystem,
                         const EnergyMeter& meter) {
        result.push_back({name, subsystem, EnergyMeter::joules(meter.energy(now_)),
                          static_cast<double>(meter.power()) * 1e-9});
    };
    for (const Domain& domain : domains_)
        add(domain.rail, domain.rail_name, domain.cluster.meter());
    add(memory_.rail, memory_.rail_name, memory_.meter);
    return result;
}

}  // namespace orrery::power
