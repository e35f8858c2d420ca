// SPDX-License-Identifier: Apache-2.0
// ClockDomain: the operating points of a cluster, and which of them it runs at. Voltage follows
// frequency, so a clock domain is a voltage domain too.
//
// A request is bounded by limits (what the operating system allows) and by a cap (what throttling
// allows). A change takes effect after the transition time; until then the old point stays in
// force, and a newer request replaces the older one and starts anew.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "sim/power/energy_meter.hpp"

namespace orrery::power {

struct OperatingPoint {
    uint64_t kilohertz;
    double volts;
};

class ClockDomain final {
  public:
    // Starts at the highest point. Throws std::runtime_error unless there are points and they
    // ascend in frequency and do not descend in voltage.
    ClockDomain(std::vector<OperatingPoint> points, Picoseconds transition);

    [[nodiscard]] const std::vector<OperatingPoint>& points() const { return points_; }
    [[nodiscard]] Picoseconds transition() const { return transition_; }
    [[nodiscard]] size_t top() const { return points_.size() - 1; }
    // The index of the point with this frequency.
    [[nodiscard]] std::optional<size_t> find(uint64_t kilohertz) const;

    [[nodiscard]] size_t current() const { return current_; }
    [[nodiscard]] const OperatingPoint& point() const { return points_[current_]; }
    [[nodiscard]] size_t requested() const { return requested_; }
    [[nodiscard]] size_t lowest() const { return lowest_; }
    [[nodiscard]] size_t highest() const { return highest_; }
    [[nodiscard]] size_t cap() const { return cap_; }
    // When the change in progress takes effect.
    [[nodiscard]] std::optional<Picoseconds> due() const { return due_; }

    // Precondition of all three: indices of points, lowest <= highest.
    void request(Picoseconds now, size_t index);
    void set_limits(Picoseconds now, size_t lowest, size_t highest);
    void set_cap(Picoseconds now, size_t cap);
    // Makes the change that is due at `now` or before; true if there was one.
    bool advance(Picoseconds now);

  private:
    void retarget(Picoseconds now);

    std::vector<OperatingPoint> points_;
    Picoseconds transition_;
    size_t current_;
    size_t requested_;
    size_t lowest_ = 0;
    size_t highest_;
    size_t cap_;
    size_t target_;
    std::optional<Picoseconds> due_;
};

}  // namespace orrery::power
