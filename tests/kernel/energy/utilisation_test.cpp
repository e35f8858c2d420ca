// SPDX-License-Identifier: Apache-2.0
// Utilisation: its closed form against real arithmetic, and its steps against one another.
#include "kernel/schedule/energy/utilisation.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace kernel {
namespace {

constexpr uint64_t frequency = 62'500'000;
constexpr uint64_t millisecond = frequency / 1000;

TEST(Decay, HalvesInThirtyTwoMilliseconds) {
    for (const uint64_t clock : {uint64_t{24'000'000}, frequency, uint64_t{1'000'000'000}}) {
        const Decay decay(clock);
        for (uint64_t t = 0; t < clock; t += clock / 997) {
            const double exact =
                std::exp2(-static_cast<double>(t) / (static_cast<double>(clock) * 0.032));
            EXPECT_NEAR(static_cast<double>(decay.after(t)) / 4294967296.0, exact, 4e-6) << t;
        }
        EXPECT_EQ(decay.after(0), uint64_t{1} << 32);
        EXPECT_EQ(decay.after(clock * 10), 0U);
        EXPECT_EQ(decay.after(UINT64_MAX), 0U);
    }
}

TEST(Utilisation, RisesAndFallsByHalves) {
    const Decay decay(frequency);
    Utilisation used;
    used.advance(32 * millisecond, 1024, decay);
    EXPECT_EQ(used.value(), 512U);
    used.advance(64 * millisecond, 1024, decay);
    EXPECT_EQ(used.value(), 768U);
    used.advance(1000 * millisecond, 1024, decay);
    EXPECT_EQ(used.value(), 1024U);
    used.advance(1032 * millisecond, 0, decay);
    EXPECT_EQ(used.value(), 512U);
    used.advance(1010 * millisecond, 1024, decay);
    EXPECT_EQ(used.value(), 512U) << "that time has passed";
}

TEST(Utilisation, DoesNotDependOnHowOftenItIsLookedAt) {
    const Decay decay(frequency);
    for (const uint64_t step : {uint64_t{63}, uint64_t{6'250}, uint64_t{99'999}}) {
        Utilisation often;
        Utilisation once;
        const uint64_t end = 20 * millisecond / step * step;
        for (uint64_t t = step; t <= end; t += step) often.advance(t, 700, decay);
        once.advance(end, 700, decay);
        EXPECT_NEAR(often.value(), once.value(), 1) << step;
    }
}

TEST(Utilisation, OfATenthIsATenth) {
    const Decay decay(frequency);
    Utilisation used;
    uint64_t now = 0;
    for (unsigned i = 0; i < 1000; ++i) {
        used.advance(now += millisecond / 10, 1024, decay);
        used.advance(now += millisecond * 9 / 10, 0, decay);
    }
    EXPECT_NEAR(used.value(), 102, 2);
}

TEST(Utilisation, AddsUp) {
    const Decay decay(frequency);
    Utilisation cpu;
    Utilisation first;
    Utilisation second;
    cpu.set(5, 300);
    first.set(5, 100);
    second.set(5, 1024);
    cpu.add(first);
    EXPECT_EQ(cpu.value(), 400U);
    cpu.advance(5 + 32 * millisecond, 0, decay);
    first.advance(5 + 32 * millisecond, 0, decay);
    cpu.subtract(first);
    EXPECT_EQ(cpu.value(), 150U) << "sums decay as their parts do";
    for (unsigned i = 0; i < 8; ++i) cpu.add(second);
    EXPECT_EQ(cpu.value(), 2048U) << "more than two CPUs' worth is not told apart";
    for (unsigned i = 0; i < 3; ++i) cpu.subtract(second);
    EXPECT_EQ(cpu.value(), 0U);
}

}  // namespace
}  // namespace kernel
