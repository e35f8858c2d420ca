// SPDX-License-Identifier: Apache-2.0
// The phone's power controller.
#include "sim/phone/power_control.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace orrery::phone {
namespace {

// The resolution of simulated time is a picosecond.
power::Picoseconds present() {
    return sc_core::sc_time_stamp().value();
}

std::vector<devices::PerformanceDomains::Level> levels_of(
    const power::ClusterParameters& parameters) {
    std::vector<devices::PerformanceDomains::Level> levels;
    for (const power::OperatingPoint& point : parameters.points) {
        const double milliwatts = parameters.core_dynamic(point) * 1e3;
        levels.push_back({.value = static_cast<uint32_t>(point.kilohertz),
                          .milliwatts = static_cast<uint32_t>(std::llround(milliwatts)),
                          .latency_microseconds =
                              static_cast<uint16_t>(parameters.transition / power::a_microsecond)});
    }
    return levels;
}

}  // namespace

PowerControl::PowerControl(sc_core::sc_module_name name, const Machine& machine,
                           std::span<const std::unique_ptr<Cpu>> cpus)
    : sc_module(name), machine_(machine), cpus_(cpus) {
    SC_HAS_PROCESS(PowerControl);
    SC_METHOD(wake_up);
    sensitive << change_;
    dont_initialize();

    std::vector<size_t> cores;
    for (const CpuCore& core : machine.cpus) {
        const size_t cluster = core.cluster();
        if (cluster >= cores.size()) cores.resize(cluster + 1);
        places_.push_back({cluster, cores[cluster]++});
    }
    build({});
    for (size_t i = 0; i < cpus_.size(); ++i) attach(places_[i], *cpus_[i]);
    for (size_t i = 0; i < system_->cluster_count(); ++i) {
        domains_.push_back({system_->cluster_name(i), levels_of(system_->cluster(i).parameters())});
    }
    for (size_t i = 0; i < machine.cpus.size(); ++i) {
        const uint64_t top = domains_.at(places_[i].cluster).levels.back().value * uint64_t{1000};
        if (machine.cpus[i].frequency == top) continue;
        throw std::runtime_error(
            fmt::format("the highest operating point of CPU {} is {} Hz, not {}", i, top,
                        machine.cpus[i].frequency));
    }
}

void PowerControl::build(const power::PowerChoices& choices) {
    std::vector<size_t> cores;
    for (const Place& place : places_) {
        cores.resize(std::max(cores.size(), place.cluster + 1));
        ++cores[place.cluster];
    }
    system_ = std::make_unique<power::PowerSystem>(data::Parameters::open("power/" + machine_.name),
                                                   cores, choices);
    system_->on_frequency = [this](power::Picoseconds, size_t cluster, uint64_t kilohertz) {
        for (size_t i = 0; i < cpus_.size(); ++i) {
            if (places_[i].cluster == cluster) cpus_[i]->set_frequency(kilohertz * 1000);
        }
        tell(system_->cluster_name(cluster), "clock, modelled (kHz)",
             static_cast<int64_t>(kilohertz));
    };
    system_->on_tick = [this](power::Picoseconds) { tell(); };
    system_->on_battery_empty = [this](power::Picoseconds) {
        if (on_battery_empty) on_battery_empty();
    };
    joules_told_.assign(system_->rails().size(), 0);
    schedule();
}

void PowerControl::configure(const power::PowerChoices& choices) {
    build(choices);
}

void PowerControl::attach(const Place& place, Cpu& cpu) {
    cpu.on_run = [this, place] {
        return sc_core::sc_time::from_value(system_->run(present(), place.cluster, place.core));
    };
    cpu.on_wait_begin = [this, place] { system_->wait(present(), place.cluster, place.core); };
    cpu.on_stop = [this, place] { system_->stop(present(), place.cluster, place.core); };
}

void PowerControl::wake_up() {
    system_->advance(present());
    schedule();
}

void PowerControl::schedule() {
    const power::Picoseconds next = system_->next_change();
    change_.cancel();
    change_.notify(sc_core::sc_time::from_value(next - present()));
}

uint32_t PowerControl::level(size_t index) const {
    return static_cast<uint32_t>(system_->cluster(index).clock().point().kilohertz);
}

devices::PerformanceDomains::Limits PowerControl::limits(size_t index) const {
    const power::ClockDomain& clock = system_->cluster(index).clock();
    const auto& levels = domains_[index].levels;
    return {.lowest = levels[clock.lowest()].value, .highest = levels[clock.highest()].value};
}

void PowerControl::set_level(size_t index, uint32_t value) {
    const auto point = system_->cluster(index).clock().find(value);
    system_->request(present(), index, point.value());
    schedule();
}

void PowerControl::set_limits(size_t index, Limits limits) {
    const power::ClockDomain& clock = system_->cluster(index).clock();
    const size_t lowest = clock.find(limits.lowest).value();
    const size_t highest = clock.find(limits.highest).value();
    system_->set_limits(present(), index, lowest, highest);
    schedule();
}

size_t PowerControl::Sensors::count() const {
    return control_.system_->network().nodes().size();
}

std::string PowerControl::Sensors::name(size_t index) const {
    return control_.system_->network().nodes()[index].name;
}

int64_t PowerControl::Sensors::millicelsius(size_t index) const {
    return std::llround(control_.system_->network().celsius(index) * 1e3);
}

// After a tick: mean power since the one before, temperatures, charge.
void PowerControl::tell() {
    if (!on_quantity) return;
    const double seconds = static_cast<double>(system_->tick_period()) * 1e-12;
    const std::vector<power::Rail> rails = system_->rails();
    for (size_t i = 0; i < rails.size(); ++i) {
        const double watts = (rails[i].joules - joules_told_[i]) / seconds;
        joules_told_[i] = rails[i].joules;
        tell(rails[i].subsystem, "power, modelled (mW)", std::llround(watts * 1e3));
    }
    for (size_t i = 0; i < sensors_.count(); ++i) {
        tell(sensors_.name(i), "temperature, modelled (mC)", sensors_.millicelsius(i));
    }
    tell("battery", "charge, modelled (0.1 %)", std::llround(system_->battery().percent() * 10));
}

void PowerControl::tell(const std::string& of, const char* what, int64_t value) {
    if (!on_quantity) return;
    const auto [place, fresh] = told_.try_emplace(of + " " + what, value);
    if (!fresh && place->second == value) return;
    place->second = value;
    on_quantity(of, what, value);
}

PowerReport PowerControl::report() {
    system_->advance(present());
    PowerReport report{.rails = system_->rails(),
                       .clocks = {},
                       .temperatures = {},
                       .ambient_celsius = system_->network().ambient_celsius(),
                       .battery_percent = system_->battery().percent(),
                       .battery_volts = system_->battery().volts(),
                       .battery_amperes = system_->battery().amperes(),
                       .battery_empty = system_->battery().empty()};
    for (size_t i = 0; i < count(); ++i) {
        report.clocks.push_back({domains_[i].name, level(i), system_->throttled(i)});
    }
    const power::ThermalNetwork& network = system_->network();
    for (size_t i = 0; i < network.nodes().size(); ++i) {
        report.temperatures.push_back({network.nodes()[i].name, network.celsius(i)});
    }
    return report;
}

}  // namespace orrery::phone
