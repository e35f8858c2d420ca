// SPDX-License-Identifier: Apache-2.0
// PressureMeter: exponential averages.
#include "kernel/container/pressure_meter.hpp"

namespace kernel {
namespace {

// include/linux/sched/loadavg.h and kernel/sched/psi.c of Linux 6.1: FSHIFT, EXP_10s, EXP_60s,
// EXP_300s.
constexpr unsigned shift = 11;
constexpr uint64_t one = uint64_t{1} << shift;
constexpr uint64_t decay[] = {1677, 1981, 2034};
constexpr uint64_t interval_seconds = 2;

// One interval later, with that share of it.
uint64_t step(uint64_t average, uint64_t factor, uint64_t share) {
    uint64_t next = average * factor + share * (one - factor);
    if (share >= average) next += one - 1;
    return next >> shift;
}

// `factor` to a power, rounded.
uint64_t power(uint64_t factor, uint64_t exponent) {
    uint64_t result = one;
    for (; exponent != 0; exponent >>= 1) {
        if ((exponent & 1) != 0) result = (result * factor + one / 2) >> shift;
        factor = (factor * factor + one / 2) >> shift;
    }
    return result;
}

}  // namespace

void PressureMeter::average(uint64_t now, uint64_t interval) {
    const uint64_t elapsed = now - averaged_at_;
    if (elapsed < interval) return;
    // Intervals at which nobody looked are taken to be like this one.
    const uint64_t stalled = total_ - averaged_total_;
    const uint64_t share = stalled * 100 * one / elapsed;
    const uint64_t count = elapsed / interval;
    for (unsigned i = 0; i < spans; ++i) {
        const uint64_t factor = power(decay[i], count);
        averages_[i] = step(averages_[i], factor, share);
    }
    averaged_at_ = now;
    averaged_total_ = total_;
}

abi::PressureFigures PressureMeter::figures(uint64_t now, const Scale& scale) {
    advance(now);
    average(now, interval_seconds * scale.ticks_per_second);
    const auto hundredths = [this](unsigned i) {
        return static_cast<uint32_t>(averages_[i] * 100 >> shift);
    };
    return {
        .total_microseconds = total_ / scale.ticks_per_second * 1'000'000 +
                              total_ % scale.ticks_per_second * 1'000'000 / scale.ticks_per_second,
        .average10 = hundredths(0),
        .average60 = hundredths(1),
        .average300 = hundredths(2),
        .reserved = 0};
}

}  // namespace kernel
