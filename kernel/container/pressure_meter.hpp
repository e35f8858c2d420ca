// SPDX-License-Identifier: Apache-2.0
// PressureMeter: for how much of the time threads of a container waited for a resource: some of
// them, or all that could have run.
//
// Averages and their constants are those of Linux's pressure stall information (kernel/sched/psi.c,
// include/linux/sched/loadavg.h): exponential averages over 10, 60 and 300 s, brought up to date
// every 2 s, in fixed point with 11 bits. Deviation: one clock for all CPUs, as one lock guards
// them, instead of times weighted by CPU.
#pragma once

#include "kernel/abi/container.hpp"

namespace kernel {

class PressureMeter final {
  public:
    // Of the clock.
    struct Scale {
        uint64_t ticks_per_second = 1;
    };

    // From `now` on threads stall, or not any more.
    void set(uint64_t now, bool stalled) {
        advance(now);
        stalled_ = stalled;
    }
    [[nodiscard]] bool stalled() const { return stalled_; }
    [[nodiscard]] abi::PressureFigures figures(uint64_t now, const Scale& scale);

  private:
    static constexpr unsigned spans = 3;

    void advance(uint64_t now) {
        if (stalled_) total_ += now - last_;
        last_ = now;
    }
    void average(uint64_t now, uint64_t interval);

    bool stalled_ = false;
    uint64_t last_ = 0;
    uint64_t total_ = 0;
    uint64_t averaged_at_ = 0;     // when the averages were brought up to date
    uint64_t averaged_total_ = 0;  // `total_` then
    uint64_t averages_[spans] = {};
};

}  // namespace kernel
