// SPDX-License-Identifier: Apache-2.0
// FrequencyGovernor: the clock of one domain after its utilisation, as Linux's schedutil does
// (kernel/sched/cpufreq_schedutil.c): next = 1.25 * highest * utilisation / capacity, rounded up to
// an operating point, and at most one change within a time.
#pragma once

#include "kernel/schedule/energy/energy_model.hpp"

namespace kernel {

enum class Governor : uint32_t {
    None = 0,         // clocks stay as they are set
    Performance = 1,  // the highest clock
    Powersave = 2,    // the lowest
    Schedutil = 3,    // after utilisation
};

constexpr const char* governor_name(Governor governor) {
    switch (governor) {
        case Governor::None: return "none";
        case Governor::Performance: return "performance";
        case Governor::Powersave: return "powersave";
        case Governor::Schedutil: return "schedutil";
    }
    return "unknown";
}

class FrequencyGovernor final {
  public:
    // As long as Linux waits by default between two changes: 2 ms (drivers/cpufreq/cpufreq.c,
    // cpufreq_policy_transition_delay_us()).
    static constexpr uint64_t change_interval = 2'000'000;  // nanoseconds

    // The least ticks between two changes.
    void set_interval(uint64_t ticks) { interval_ = ticks; }

    // A new clock cannot be asked for yet.
    [[nodiscard]] bool must_wait(uint64_t now) const { return now < next_change_; }
    // The clock in kHz that the utilisation of the domain's busiest CPU asks for, if it is not the
    // one that was asked for last; otherwise 0.
    [[nodiscard]] uint32_t consider(uint64_t now, const EnergyDomain& domain, uint32_t utilisation);

    [[nodiscard]] uint32_t asked() const { return asked_; }
    // Somebody has set the clock.
    void note(uint32_t kilohertz) { asked_ = kilohertz; }

  private:
    uint64_t interval_ = 0;
    uint64_t next_change_ = 0;
    uint32_t asked_ = 0;  // kHz
};

}  // namespace kernel
