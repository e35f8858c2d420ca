// SPDX-License-Identifier: Apache-2.0
// LoadMeter: a level that changes now and then, its integral over time, and exponential averages of
// it over three windows, without a tick: they are brought up to date when the level changes or
// somebody looks. As pressure stall information of Linux does (Documentation/accounting/psi.rst)
// for 10, 60 and 300 s; the windows here, 0.1, 1 and 10 s, are modelled, for runs that last
// seconds.
//
// Averages move at whole periods of 1 ms, by the mean level of the period. A look back over n
// periods takes O(log n) steps.
#pragma once

#include <stdint.h>

namespace kernel {

class LoadMeter final {
  public:
    static constexpr unsigned window_count = 3;
    static constexpr uint32_t one = 1U << 16;  // of the averages

    // Before anything else: ticks of 1 ms, and the time.
    void begin(uint64_t period, uint64_t now) {
        period_ = period;
        last_ = period_begin_ = now;
    }
    // From now on the level is another one. Whether averages have moved.
    bool set(uint32_t level, uint64_t now) {
        const bool moved = advance(now);
        level_ = level;
        return moved;
    }
    // Whether averages have moved.
    bool advance(uint64_t now);
    // Whether set() does more than to count less than a period of the same level.
    [[nodiscard]] bool is_news(uint32_t level, uint64_t now) const {
        return level != level_ || now - last_ >= period_;
    }

    [[nodiscard]] uint32_t level() const { return level_; }
    // Level times ticks, up to the last advance.
    [[nodiscard]] uint64_t integral() const { return integral_; }
    // In units of 1 / `one`.
    [[nodiscard]] uint32_t average(unsigned window) const {
        return static_cast<uint32_t>(averages_[window] >> 16);
    }

  private:
    void pass(uint64_t mean, uint64_t periods);

    uint32_t level_ = 0;
    uint64_t period_ = 0;
    uint64_t last_ = 0;
    uint64_t period_begin_ = 0;
    uint64_t in_period_ = 0;  // integral over the period under way
    uint64_t integral_ = 0;
    uint64_t averages_[window_count] = {};  // in units of 2^-32
};

}  // namespace kernel
