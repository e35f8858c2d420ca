// SPDX-License-Identifier: Apache-2.0
// Utilisation: how much of a CPU a thread or a CPU has used lately, on a scale of 1024.
//
// A geometric average of what was used, with a half-life of 32 ms, after per-entity load tracking
// in Linux (kernel/sched/pelt.c: y^32 = 1/2 for periods of 1024 us). Linux sums up periods; here
// the average follows its closed form, so that it takes any time in one step:
//
//     u(t + d) = input + (u(t) - input) * 2^(-d / half-life)
//
// Integers only. The power is a product of whole milliseconds, by the bits of their number, and of
// a series of second order within one: off by less than 3e-6 (ln 2 / 32, cubed, by 6).
#pragma once

#include <stdint.h>

namespace kernel {

// Powers of one half over time.
class Decay final {
  public:
    static constexpr uint32_t half_life_milliseconds = 32;

    Decay() = default;
    // Precondition: at least 32,000 ticks a second.
    explicit Decay(uint64_t ticks_a_second);

    // 2^32 * 2^(-ticks / half-life).
    [[nodiscard]] uint64_t after(uint64_t ticks) const;

  private:
    uint64_t step_ = 1;   // a 32nd of the half-life, in ticks
    uint64_t slope_ = 0;  // of the natural logarithm, for a tick: times 2^48
};

class Utilisation final {
  public:
    static constexpr uint32_t full = 1024;

    // What has been used since the last time, until `now` (in ticks): 0 to full. A time that has
    // passed already changes nothing.
    void advance(uint64_t now, uint32_t input, const Decay& decay);
    [[nodiscard]] uint32_t value() const {
        return static_cast<uint32_t>((average_ + (one >> 1)) >> fraction_bits);
    }

    void set(uint64_t now, uint32_t value) {
        since_ = now;
        average_ = uint64_t{value} << fraction_bits;
    }
    // Of several that use one CPU, the averages add up. Precondition: both are of the same time.
    void add(const Utilisation& other) {
        average_ += other.average_;
        if (average_ > most) average_ = most;
    }
    void subtract(const Utilisation& other) {
        average_ = average_ > other.average_ ? average_ - other.average_ : 0;
    }

  private:
    static constexpr unsigned fraction_bits = 20;
    static constexpr uint64_t one = uint64_t{1} << fraction_bits;
    static constexpr uint64_t most = 2 * full * one;

    uint64_t since_ = 0;
    uint64_t average_ = 0;
};

}  // namespace kernel
