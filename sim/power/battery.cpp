// SPDX-License-Identifier: Apache-2.0
// The battery.
#include "sim/power/battery.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace orrery::power {

Battery::Parameters Battery::Parameters::read(const data::Parameters& table) {
    constexpr double coulombs_a_milliampere_hour = 3.6;
    table.expect_only(
        {"milliampere_hours", "start_percent", "ohms", "cutoff_volts", "open_circuit_volts"});
    Parameters result{
        .coulombs = table.number("milliampere_hours", 1e-3, 1e6) * coulombs_a_milliampere_hour,
        .start_percent = table.number("start_percent", 0, 100),
        .ohms = table.number("ohms", 1e-6, 100),
        .cutoff_volts = table.number("cutoff_volts", 0, 100),
        .open_circuit_volts = table.numbers("open_circuit_volts", 0, 100)};
    if (result.open_circuit_volts.size() < 2) {
        throw std::runtime_error(table.place() + ": open_circuit_volts needs two values or more");
    }
    return result;
}

Battery::Battery(Parameters parameters)
    : parameters_(std::move(parameters)),
      coulombs_(parameters_.coulombs * parameters_.start_percent / 100),
      volts_(open_circuit_volts()) {
    empty_ = coulombs_ <= 0;
}

double Battery::percent() const {
    return coulombs_ / parameters_.coulombs * 100;
}

double Battery::open_circuit_volts() const {
    const std::vector<double>& curve = parameters_.open_circuit_volts;
    const double place = coulombs_ / parameters_.coulombs * static_cast<double>(curve.size() - 1);
    const size_t below = std::min(static_cast<size_t>(place), curve.size() - 2);
    const double part = place - static_cast<double>(below);
    return curve[below] + (curve[below + 1] - curve[below]) * part;
}

void Battery::discharge(double watts, double seconds) {
    if (empty_) return;
    const double open = open_circuit_volts();
    const double radicand = open * open - 4 * parameters_.ohms * watts;
    if (radicand < 0) {
        empty_ = true;
        return;
    }
    amperes_ = (open - std::sqrt(radicand)) / (2 * parameters_.ohms);
    volts_ = open - amperes_ * parameters_.ohms;
    coulombs_ = std::max(0.0, coulombs_ - amperes_ * seconds);
    empty_ = coulombs_ <= 0 || volts_ < parameters_.cutoff_volts;
}

}  // namespace orrery::power
