// SPDX-License-Identifier: Apache-2.0
// What a cluster consumes.
#include "sim/power/cluster_parameters.hpp"

#include <cmath>

#include "sim/power/exponential.hpp"

namespace orrery::power {
namespace {

constexpr uint64_t longest_microseconds = 1'000'000;

Picoseconds microseconds(const data::Parameters& table, std::string_view key) {
    return table.integer(key, 0, longest_microseconds) * a_microsecond;
}

SleepState read_sleep(const data::Parameters& table) {
    table.expect_only(
        {"entry_microseconds", "exit_microseconds", "residency_microseconds", "milliwatts"});
    return {.entry = microseconds(table, "entry_microseconds"),
            .exit = microseconds(table, "exit_microseconds"),
            .residency = microseconds(table, "residency_microseconds"),
            .power = nanowatts(table.number("milliwatts", 0, 1e4) * 1e-3)};
}

Leakage read_leakage(const data::Parameters& table) {
    table.expect_only({"core_milliwatts", "shared_milliwatts", "reference_volts",
                       "reference_celsius", "volts_for_e", "kelvins_for_e"});
    return {.core_watts = table.number("core_milliwatts", 0, 1e4) * 1e-3,
            .shared_watts = table.number("shared_milliwatts", 0, 1e4) * 1e-3,
            .reference_volts = table.number("reference_volts", 0.3, 2),
            .reference_celsius = table.number("reference_celsius", -40, 150),
            .volts_for_e = table.number("volts_for_e", 0.05, 10),
            .kelvins_for_e = table.number("kelvins_for_e", 5, 1000)};
}

std::vector<OperatingPoint> read_points(const data::Parameters& file) {
    std::vector<OperatingPoint> points;
    for (const data::Parameters& table : file.tables("operating_points")) {
        table.expect_only({"kilohertz", "microvolts"});
        points.push_back(
            {.kilohertz = table.integer("kilohertz", 1000, 10'000'000),
             .volts = static_cast<double>(table.integer("microvolts", 300'000, 2'000'000)) * 1e-6});
    }
    return points;
}

}  // namespace

Nanowatts nanowatts(double watts) {
    return static_cast<Nanowatts>(std::llround(watts * 1e9));
}

double Leakage::factor(double volts, double celsius) const {
    return volts / reference_volts *
           exponential((volts - reference_volts) / volts_for_e +
                       (celsius - reference_celsius) / kelvins_for_e);
}

ClusterParameters ClusterParameters::read(const data::Parameters& file) {
    file.expect_only({"name", "transition_microseconds", "operating_points", "dynamic", "leakage",
                      "core_sleep", "cluster_sleep"});
    const data::Parameters dynamic = file.table("dynamic");
    dynamic.expect_only({"core_picofarads", "shared_picofarads", "clock_gated"});
    return {.name = file.text("name"),
            .points = read_points(file),
            .transition = microseconds(file, "transition_microseconds"),
            .core_farads = dynamic.number("core_picofarads", 0, 1e5) * 1e-12,
            .shared_farads = dynamic.number("shared_picofarads", 0, 1e5) * 1e-12,
            .clock_gated = dynamic.number("clock_gated", 0, 1),
            .leakage = read_leakage(file.table("leakage")),
            .core_sleep = read_sleep(file.table("core_sleep")),
            .cluster_sleep = read_sleep(file.table("cluster_sleep"))};
}

uint32_t ClusterParameters::dynamic_power_coefficient() const {
    return static_cast<uint32_t>(std::llround(core_farads * 1e12));
}

double ClusterParameters::core_dynamic(const OperatingPoint& point) const {
    return core_farads * point.volts * point.volts * static_cast<double>(point.kilohertz) * 1e3;
}

double ClusterParameters::shared_dynamic(const OperatingPoint& point) const {
    return shared_farads * point.volts * point.volts * static_cast<double>(point.kilohertz) * 1e3;
}

ClusterPower::ClusterPower(const ClusterParameters& parameters, const OperatingPoint& point,
                           double celsius) {
    const Leakage& leakage = parameters.leakage;
    const double factor = leakage.factor(point.volts, celsius);
    busy_dynamic = parameters.core_dynamic(point);
    core_leakage = nanowatts(leakage.core_watts * factor);
    waiting = core_leakage + nanowatts(busy_dynamic * parameters.clock_gated);
    shared_leakage = nanowatts(leakage.shared_watts * factor);
    shared_dynamic = nanowatts(parameters.shared_dynamic(point));
}

Nanowatts ClusterPower::busy(double activity) const {
    return core_leakage + nanowatts(busy_dynamic * activity);
}

}  // namespace orrery::power
