// SPDX-License-Identifier: Apache-2.0
// Bandwidth: how much CPU time a container has in each period, as `cpu.max` says.
//
// After Linux's CFS bandwidth control (Turner, Rao, Rao, "CPU bandwidth control for CFS", Linux
// Symposium 2010; Documentation/scheduler/sched-bwc.rst): a pool is filled at the begin of each
// period, and a CPU takes small slices of it ahead of their use. Deviations: what a slice does not
// use goes back at once, and what a CPU has used beyond its slice is taken from the next period.
// There is no timer: whoever finds the pool empty waits until next_period().
//
// Invariant: in a period no more than the quota is given out.
#pragma once

#include <stdint.h>

namespace kernel {

class Bandwidth final {
  public:
    static constexpr uint64_t no_quota = UINT64_MAX;

    // In ticks. Precondition: `period` is not 0.
    void set(uint64_t now, uint64_t quota, uint64_t period);
    [[nodiscard]] bool is_limited() const { return quota_ != no_quota; }

    // What there is to take now. Precondition of all below: is_limited().
    [[nodiscard]] uint64_t available(uint64_t now);
    // Precondition: at most what was available at `now`.
    void take(uint64_t ticks) { left_ -= static_cast<int64_t>(ticks); }
    // A slice of `taken` has ended, of which `used`.
    void settle(uint64_t taken, uint64_t used);
    [[nodiscard]] uint64_t next_period() const { return begin_ + period_; }

    // Somebody has to wait for the next period; true for the first one of this period.
    bool note_throttled();

    [[nodiscard]] uint64_t periods() const { return periods_; }
    [[nodiscard]] uint64_t periods_throttled() const { return throttled_; }

  private:
    void refill(uint64_t now);

    uint64_t quota_ = no_quota;
    uint64_t period_ = 1;
    uint64_t begin_ = 0;
    int64_t left_ = 0;  // below 0: debts
    uint64_t periods_ = 0;
    uint64_t throttled_ = 0;
    bool is_throttled_ = false;  // in this period
};

}  // namespace kernel
