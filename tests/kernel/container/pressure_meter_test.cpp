// SPDX-License-Identifier: Apache-2.0
// PressureMeter against Linux's averages.
#include "kernel/container/pressure_meter.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace kernel {
namespace {

constexpr PressureMeter::Scale scale{1'000'000};
constexpr uint64_t second = 1'000'000;

TEST(PressureMeterTest, TotalsAreTheTimeThatWasStalled) {
    PressureMeter meter;
    meter.set(100, true);
    meter.set(150, true);
    meter.set(200, false);
    meter.set(900, true);
    EXPECT_EQ(meter.figures(950, scale).total_microseconds, 150U);
    EXPECT_TRUE(meter.stalled());
}

// psi.rst: averages over 10, 60 and 300 s, of which each step of 2 s is one.
TEST(PressureMeterTest, AConstantShareIsApproachedExponentially) {
    PressureMeter meter;
    const double spans[] = {10, 60, 300};
    for (uint64_t now = 0; now < 20 * second; now += second) {
        meter.set(now, true);
        meter.set(now + second / 4, false);
        const abi::PressureFigures figures = meter.figures(now + second, scale);
        const uint32_t averages[] = {figures.average10, figures.average60, figures.average300};
        const double passed = static_cast<double>((now + second) / (2 * second) * 2);
        for (unsigned i = 0; i < 3; ++i) {
            const double wanted = 2500 * (1 - std::exp(-passed / spans[i]));
            EXPECT_NEAR(averages[i], wanted, 30) << now << " " << i;
        }
    }
}

TEST(PressureMeterTest, WhoLooksRarelySeesTheSame) {
    PressureMeter often;
    PressureMeter rarely;
    for (uint64_t now = 0; now < 30 * second; now += second) {
        for (PressureMeter* meter : {&often, &rarely}) {
            meter->set(now, true);
            meter->set(now + second / 2, false);
        }
        (void)often.figures(now + second, scale);
    }
    const abi::PressureFigures a = often.figures(30 * second, scale);
    const abi::PressureFigures b = rarely.figures(30 * second, scale);
    EXPECT_EQ(a.total_microseconds, b.total_microseconds);
    EXPECT_NEAR(a.average10, b.average10, 50);
    EXPECT_NEAR(a.average60, b.average60, 50);
    EXPECT_NEAR(a.average300, b.average300, 50);
}

}  // namespace
}  // namespace kernel
