// SPDX-License-Identifier: Apache-2.0
// Operating points.
#include "sim/power/clock_domain.hpp"

#include <algorithm>
#include <stdexcept>

namespace orrery::power {

ClockDomain::ClockDomain(std::vector<OperatingPoint> points, Picoseconds transition)
    : points_(std::move(points)), transition_(transition) {
    if (points_.empty()) throw std::runtime_error("a clock domain needs an operating point");
    for (size_t i = 1; i < points_.size(); ++i) {
        if (points_[i].kilohertz <= points_[i - 1].kilohertz ||
            points_[i].volts < points_[i - 1].volts) {
            throw std::runtime_error("operating points must ascend in frequency and voltage");
        }
    }
    current_ = requested_ = highest_ = cap_ = target_ = top();
}

std::optional<size_t> ClockDomain::find(uint64_t kilohertz) const {
    const auto found = std::ranges::find(points_, kilohertz, &OperatingPoint::kilohertz);
    if (found == points_.end()) return {};
    return static_cast<size_t>(found - points_.begin());
}

void ClockDomain::request(Picoseconds now, size_t index) {
    requested_ = index;
    retarget(now);
}

void ClockDomain::set_limits(Picoseconds now, size_t lowest, size_t highest) {
    lowest_ = lowest;
    highest_ = highest;
    retarget(now);
}

void ClockDomain::set_cap(Picoseconds now, size_t cap) {
    cap_ = cap;
    retarget(now);
}

// Heat has the last word: the cap also goes below the lowest limit.
void ClockDomain::retarget(Picoseconds now) {
    const size_t wanted = std::min(std::clamp(requested_, lowest_, highest_), cap_);
    if (wanted == target_) return;
    target_ = wanted;
    due_.reset();
    if (target_ != current_) due_ = now + transition_;
}

bool ClockDomain::advance(Picoseconds now) {
    if (!due_ || *due_ > now) return false;
    due_.reset();
    current_ = target_;
    return true;
}

}  // namespace orrery::power
