// SPDX-License-Identifier: Apache-2.0
// The thermal network. exp(A h) and its integral by scaling and squaring: Taylor series over a step
// so short that they converge at once, then doubled. With E and S for a step h, the step 2h has
// E E and S + E S (N. Higham, Functions of Matrices, chapter 10).
#include "sim/power/thermal_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace orrery::power {

ThermalNetwork::ThermalNetwork(std::vector<ThermalNode> nodes,
                               const std::vector<ThermalLink>& links, double ambient_celsius,
                               double step_seconds)
    : nodes_(std::move(nodes)),
      ambient_celsius_(ambient_celsius),
      to_ambient_(nodes_.size()),
      celsius_(nodes_.size(), ambient_celsius) {
    for (const ThermalNode& node : nodes_) {
        if (!(node.joules_per_kelvin > 0)) {
            throw std::runtime_error(
                fmt::format("the thermal node {} needs a heat capacity", node.name));
        }
    }
    for (const ThermalLink& link : links) {
        const bool exists = link.a < nodes_.size() && (link.b < nodes_.size() || link.b == ambient);
        if (!exists || link.a == link.b || !(link.watts_per_kelvin > 0)) {
            throw std::runtime_error("a thermal link needs two different ends and a conductance");
        }
        if (link.b == ambient) to_ambient_[link.a] += link.watts_per_kelvin;
    }
    prepare(rates(links), step_seconds);
}

ThermalNetwork ThermalNetwork::read(const data::Parameters& table, double ambient_celsius,
                                    double step_seconds) {
    table.expect_only({"ambient_celsius", "nodes", "links"});
    std::vector<ThermalNode> nodes;
    for (const data::Parameters& node : table.tables("nodes")) {
        node.expect_only({"name", "joules_per_kelvin"});
        nodes.push_back({node.text("name"), node.number("joules_per_kelvin", 1e-6, 1e6)});
    }
    const auto find = [&](const std::string& name) {
        if (name == "ambient") return ambient;
        const auto found = std::ranges::find(nodes, name, &ThermalNode::name);
        if (found == nodes.end()) {
            throw std::runtime_error(
                fmt::format("{}: links name a node \"{}\" that is not there", table.place(), name));
        }
        return static_cast<size_t>(found - nodes.begin());
    };
    std::vector<ThermalLink> links;
    for (const data::Parameters& link : table.tables("links")) {
        link.expect_only({"between", "watts_per_kelvin"});
        const std::vector<std::string> ends = link.texts("between");
        if (ends.size() != 2) {
            throw std::runtime_error(link.place() + ": between must name two nodes");
        }
        links.push_back({find(ends[0]), find(ends[1]), link.number("watts_per_kelvin", 1e-9, 1e6)});
    }
    return {std::move(nodes), links, ambient_celsius, step_seconds};
}

size_t ThermalNetwork::index(const std::string& name) const {
    const auto found = std::ranges::find(nodes_, name, &ThermalNode::name);
    if (found == nodes_.end()) {
        throw std::runtime_error(fmt::format("there is no thermal node \"{}\"", name));
    }
    return static_cast<size_t>(found - nodes_.begin());
}

ThermalNetwork::Matrix ThermalNetwork::rates(const std::vector<ThermalLink>& links) const {
    const size_t n = nodes_.size();
    Matrix a(n * n);
    for (const ThermalLink& link : links) {
        a[link.a * n + link.a] -= link.watts_per_kelvin / nodes_[link.a].joules_per_kelvin;
        if (link.b == ambient) continue;
        a[link.a * n + link.b] += link.watts_per_kelvin / nodes_[link.a].joules_per_kelvin;
        a[link.b * n + link.b] -= link.watts_per_kelvin / nodes_[link.b].joules_per_kelvin;
        a[link.b * n + link.a] += link.watts_per_kelvin / nodes_[link.b].joules_per_kelvin;
    }
    return a;
}

ThermalNetwork::Matrix ThermalNetwork::product(const Matrix& a, const Matrix& b) const {
    const size_t n = nodes_.size();
    Matrix result(n * n);
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) {
            double sum = 0;
            for (size_t k = 0; k < n; ++k) sum += a[i * n + k] * b[k * n + j];
            result[i * n + j] = sum;
        }
    }
    return result;
}

void ThermalNetwork::prepare(const Matrix& rates, double step) {
    const size_t n = nodes_.size();
    double fastest = 0;
    for (const double rate : rates) fastest = std::max(fastest, std::abs(rate));
    int doublings = 0;
    for (; fastest * step * static_cast<double>(n) > 0.25; ++doublings) step /= 2;

    Matrix identity(n * n);
    for (size_t i = 0; i < n; ++i) identity[i * n + i] = 1;
    Matrix term = identity;  // (A h)^k / k!
    decay_ = identity;
    gain_ = identity;  // the integral, over h, is the sum of (A h)^k / (k + 1)!
    for (int k = 1; k <= 14; ++k) {
        term = product(term, rates);
        for (double& value : term) value *= step / k;
        for (size_t i = 0; i < term.size(); ++i) {
            decay_[i] += term[i];
            gain_[i] += term[i] / (k + 1);
        }
    }
    for (double& value : gain_) value *= step;
    for (; doublings > 0; --doublings) {
        const Matrix moved = product(decay_, gain_);
        for (size_t i = 0; i < gain_.size(); ++i) gain_[i] += moved[i];
        decay_ = product(decay_, decay_);
    }
}

void ThermalNetwork::step(const std::vector<double>& watts) {
    const size_t n = nodes_.size();
    std::vector<double> kelvins_a_second(n);
    for (size_t i = 0; i < n; ++i) {
        kelvins_a_second[i] =
            (watts[i] + to_ambient_[i] * ambient_celsius_) / nodes_[i].joules_per_kelvin;
    }
    std::vector<double> next(n);
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) {
            next[i] += decay_[i * n + j] * celsius_[j] + gain_[i * n + j] * kelvins_a_second[j];
        }
    }
    celsius_ = std::move(next);
}

}  // namespace orrery::power
