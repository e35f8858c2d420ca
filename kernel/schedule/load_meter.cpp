// SPDX-License-Identifier: Apache-2.0
// LoadMeter: exponential averages in whole periods.
#include "kernel/schedule/load_meter.hpp"

namespace kernel {
namespace {

// exp(-1 / n) for windows of n periods of 1 ms, in units of 2^-32: n = 100, 1000, 10000.
constexpr uint64_t decays[LoadMeter::window_count] = {4'252'231'657, 4'290'674'475, 4'294'537'821};

constexpr uint64_t times(uint64_t a, uint64_t b) {
    return a * b >> 32;
}

// decay^n by squaring, in units of 2^-32.
uint64_t power(uint64_t decay, uint64_t n) {
    uint64_t result = 0xffff'ffff;
    for (; n != 0 && result != 0; n >>= 1) {
        if ((n & 1) != 0) result = times(result, decay);
        decay = times(decay, decay);
    }
    return result;
}

}  // namespace

// `mean` in units of 2^-16.
void LoadMeter::pass(uint64_t mean, uint64_t periods) {
    for (unsigned i = 0; i < window_count; ++i) {
        const uint64_t stays = power(decays[i], periods);
        // Levels are small: fewer than 2^15 threads. Upper and lower half one after the other.
        const uint64_t old = averages_[i];
        const uint64_t kept = (old >> 32) * stays + times(old & 0xffff'ffff, stays);
        averages_[i] = kept + (mean * ((uint64_t{1} << 32) - stays) >> 16);
    }
}

bool LoadMeter::advance(uint64_t now) {
    // Clocks of CPUs may be a little apart.
    if (static_cast<int64_t>(now - last_) <= 0) return false;
    const uint64_t elapsed = now - last_;
    integral_ += elapsed * level_;
    last_ = now;
    const uint64_t end = period_begin_ + period_;
    if (now < end) {
        in_period_ += elapsed * level_;
        return false;
    }
    // The period under way ends with this level, others passed with nothing else.
    in_period_ += (end - (now - elapsed)) * level_;
    pass((in_period_ << 16) / period_, 1);
    const uint64_t whole = (now - end) / period_;
    if (whole != 0) pass(uint64_t{level_} << 16, whole);
    period_begin_ = end + whole * period_;
    in_period_ = (now - period_begin_) * level_;
    return true;
}

}  // namespace kernel
