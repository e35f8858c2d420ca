// SPDX-License-Identifier: Apache-2.0
// StepWise: throttling as Linux's governor of this name does it (drivers/thermal/gov_step_wise.c):
// at each poll, a zone at or above its trip point that gets warmer is throttled by one more step,
// and one that gets colder by one step less. Deviation: steps are given back only below the trip
// point by its hysteresis, which Linux applies to the crossing of the trip point.
#pragma once

#include <cstddef>

namespace orrery::power {

class StepWise final {
  public:
    // `most`: the largest number of steps.
    StepWise(double trip_celsius, double hysteresis_kelvins, size_t most)
        : trip_(trip_celsius), release_(trip_celsius - hysteresis_kelvins), most_(most) {}

    // Steps of throttling from now on.
    size_t poll(double celsius) {
        const bool first = !polled_;
        const bool rises = first || celsius > last_;
        const bool falls = !first && celsius < last_;
        polled_ = true;
        last_ = celsius;
        if (celsius >= trip_ && rises && steps_ < most_) ++steps_;
        if (celsius < release_ && falls && steps_ > 0) --steps_;
        return steps_;
    }
    [[nodiscard]] size_t steps() const { return steps_; }

  private:
    double trip_;
    double release_;
    size_t most_;
    size_t steps_ = 0;
    double last_ = 0;
    bool polled_ = false;
};

}  // namespace orrery::power
