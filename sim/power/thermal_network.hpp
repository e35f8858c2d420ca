// SPDX-License-Identifier: Apache-2.0
// ThermalNetwork: lumped nodes with heat capacities, joined by conductances, and an ambience of
// constant temperature.
//
//   C dT/dt = P - G T + g T_ambient
//
// is linear, so for a fixed step with constant power its solution is exact: T' = E T + F u, with
// E = exp(A h). The matrices are computed once, from sums and products only, so that every host
// computes the same numbers. Temperatures do not depend on how often they are looked at.
#pragma once

#include <string>
#include <vector>

#include "sim/data/parameters.hpp"

namespace orrery::power {

struct ThermalNode {
    std::string name;
    double joules_per_kelvin;
};

struct ThermalLink {
    size_t a;
    size_t b;  // ThermalNetwork::ambient for the ambience
    double watts_per_kelvin;
};

class ThermalNetwork final {
  public:
    static constexpr size_t ambient = SIZE_MAX;

    // All nodes start at the ambient temperature. Throws std::runtime_error for a capacity or a
    // conductance that is not positive, or a link to a node that does not exist.
    ThermalNetwork(std::vector<ThermalNode> nodes, const std::vector<ThermalLink>& links,
                   double ambient_celsius, double step_seconds);
    // From a table with `ambient_celsius`, `nodes` and `links`.
    [[nodiscard]] static ThermalNetwork read(const data::Parameters& table, double ambient_celsius,
                                             double step_seconds);

    [[nodiscard]] const std::vector<ThermalNode>& nodes() const { return nodes_; }
    // Throws std::runtime_error if there is no node of this name.
    [[nodiscard]] size_t index(const std::string& name) const;
    [[nodiscard]] double celsius(size_t node) const { return celsius_[node]; }
    [[nodiscard]] double ambient_celsius() const { return ambient_celsius_; }

    // One step with this power, in watts, at each node.
    void step(const std::vector<double>& watts);

  private:
    using Matrix = std::vector<double>;  // rows of nodes_.size()

    [[nodiscard]] Matrix rates(const std::vector<ThermalLink>& links) const;
    [[nodiscard]] Matrix product(const Matrix& a, const Matrix& b) const;
    // Sets decay_ to exp(A h) and gain_ to the integral of exp(A s) ds over the step.
    void prepare(const Matrix& rates, double step);

    std::vector<ThermalNode> nodes_;
    double ambient_celsius_;
    std::vector<double> to_ambient_;  // conductance of each node
    std::vector<double> celsius_;
    Matrix decay_;
    Matrix gain_;
};

}  // namespace orrery::power
