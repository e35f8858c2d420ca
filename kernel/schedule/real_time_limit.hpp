// SPDX-License-Identifier: Apache-2.0
// RealTimeLimit: how long real-time threads may run on a CPU while normal ones wait for it: 950 ms
// of each second, as Linux has it by default (Documentation/scheduler/sched-rt-group.rst, 2.2).
//
// It is looked at when somebody is to run next, so real-time threads may go on for one slice more,
// and come back a slice of a normal thread late. Where nobody else waits it means nothing.
#pragma once

#include "kernel/schedule/policies/policy.hpp"

namespace kernel {

class RealTimeLimit final {
  public:
    static constexpr uint64_t period = 1'000'000;  // us
    static constexpr uint64_t runtime = 950'000;

    void initialise(TickRate rate) {
        period_ = rate.microseconds(period);
        runtime_ = rate.microseconds(runtime);
    }
    void charge(uint64_t now, uint64_t ticks) {
        advance(now);
        used_ += ticks;
    }
    void advance(uint64_t now) {
        if (now - begin_ < period_) return;
        begin_ = now;
        used_ = 0;
    }
    // As of the last of these.
    [[nodiscard]] bool is_reached() const { return used_ >= runtime_; }

  private:
    uint64_t period_ = 0;
    uint64_t runtime_ = UINT64_MAX;
    uint64_t begin_ = 0;
    uint64_t used_ = 0;
};

}  // namespace kernel
