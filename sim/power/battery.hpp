// SPDX-License-Identifier: Apache-2.0
// Battery: one cell as an open-circuit voltage behind a resistance, its charge counted in coulombs.
// Everything here is modelled.
//
//   P = V I,  V = OCV(charge) - I R   ->   I = (OCV - sqrt(OCV^2 - 4 R P)) / 2R
//
// It is empty when no charge is left, when the voltage under load falls below the cut-off, or when
// no current gives the power that is asked for; and then stays so.
#pragma once

#include <vector>

#include "sim/data/parameters.hpp"

namespace orrery::power {

class Battery final {
  public:
    struct Parameters {
        double coulombs;  // when full
        double start_percent;
        double ohms;
        double cutoff_volts;
        std::vector<double> open_circuit_volts;  // at even steps of charge, from empty to full

        // Throws std::runtime_error with one sentence that names the key.
        static Parameters read(const data::Parameters& table);
    };

    explicit Battery(Parameters parameters);

    // Draws `watts` for `seconds`.
    void discharge(double watts, double seconds);

    [[nodiscard]] double percent() const;
    [[nodiscard]] double open_circuit_volts() const;
    [[nodiscard]] double volts() const { return volts_; }      // under the last load
    [[nodiscard]] double amperes() const { return amperes_; }  // of the last load
    [[nodiscard]] bool empty() const { return empty_; }

  private:
    Parameters parameters_;
    double coulombs_;
    double volts_;
    double amperes_ = 0;
    bool empty_ = false;
};

}  // namespace orrery::power
