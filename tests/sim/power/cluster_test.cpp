// SPDX-License-Identifier: Apache-2.0
// What the cores of a cluster do, and what their rail draws.
#include "sim/power/cluster.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "sim/power/exponential.hpp"

namespace orrery::power {
namespace {

ClusterParameters simple() {
    return {.name = "simple",
            .points = {{1'000'000, 0.5}, {2'000'000, 1.0}},
            .transition = 10,
            .core_farads = 100e-12,
            .shared_farads = 50e-12,
            .clock_gated = 0.1,
            .leakage = {.core_watts = 0.01,
                        .shared_watts = 0.02,
                        .reference_volts = 1.0,
                        .reference_celsius = 25,
                        .volts_for_e = 0.25,
                        .kelvins_for_e = 36},
            .core_sleep = {.entry = 100, .exit = 120, .residency = 1000, .power = 500},
            .cluster_sleep = {.entry = 200, .exit = 900, .residency = 5000, .power = 700}};
}

TEST(Exponential, AgreesWithTheLibrary) {
    for (double x = -40; x < 40; x += 0.37) {
        EXPECT_NEAR(exponential(x) / std::exp(x), 1.0, 1e-14) << x;
    }
}

TEST(Cluster, DrawsCVSquaredFAndLeakage) {
    Cluster cluster(simple(), 2, false, 25);
    cluster.run(0, 0);
    // 100 pF * 1 V^2 * 2 GHz + 10 mW, and the shared part: 50 pF... + 20 mW.
    EXPECT_EQ(cluster.meter().power(), 200'000'000U + 10'000'000 + 100'000'000 + 20'000'000);
    cluster.wait(0, 0);
    EXPECT_EQ(cluster.meter().power(), 20'000'000U + 10'000'000 + 20'000'000);
    cluster.stop(0, 0);
    EXPECT_EQ(cluster.meter().power(), 700U);
}

TEST(Cluster, ScalesDynamicPowerWithActivity) {
    Cluster cluster(simple(), 1, false, 25);
    cluster.run(0, 0, 0.5);
    EXPECT_EQ(cluster.meter().power(), 100'000'000U + 10'000'000 + 100'000'000 + 20'000'000);
}

TEST(Cluster, DrawsLessAtALowerOperatingPoint) {
    Cluster cluster(simple(), 1, false, 25);
    cluster.run(0, 0);
    const Nanowatts top = cluster.meter().power();
    cluster.change(0, [](ClockDomain& clock) { clock.request(0, 0); });
    EXPECT_EQ(cluster.meter().power(), top) << "the transition takes its time";
    EXPECT_EQ(cluster.next_change(), 10U);
    EXPECT_TRUE(cluster.advance(10));
    // Dynamic: an eighth. Leakage: half the voltage, and e^-2.
    const double leakage = 0.03 * 0.5 * std::exp(-2.0);
    EXPECT_NEAR(static_cast<double>(cluster.meter().power()), (0.3 / 8 + leakage) * 1e9, 2);
}

TEST(Cluster, LeaksMoreWhenWarm) {
    Cluster cluster(simple(), 1, false, 25);
    cluster.run(0, 0, 0);
    cluster.wait(0, 0);
    const auto cold = static_cast<double>(cluster.meter().power()) - 20e6;  // gated clock
    cluster.set_temperature(0, 25 + 36);
    const auto warm = static_cast<double>(cluster.meter().power()) - 20e6;
    EXPECT_NEAR(warm / cold, std::exp(1.0), 1e-6);
}

TEST(Cluster, KeepsWaitingCoresPoweredUnlessAutonomous) {
    Cluster cluster(simple(), 1, false, 25);
    cluster.run(0, 0);
    cluster.wait(0, 0);
    EXPECT_FALSE(cluster.next_change());
}

TEST(Cluster, PutsCoresAndThenTheClusterToSleep) {
    Cluster cluster(simple(), 2, true, 25);
    cluster.run(0, 0);
    cluster.run(0, 1);
    cluster.wait(0, 0);
    cluster.wait(400, 1);
    EXPECT_EQ(cluster.next_change(), 1100U);
    EXPECT_FALSE(cluster.advance(1100));
    EXPECT_EQ(cluster.state(0), CoreState::Asleep);
    EXPECT_EQ(cluster.state(1), CoreState::Waiting);
    EXPECT_EQ(cluster.run(1200, 0), 120U) << "only the core slept";
    cluster.wait(1300, 0);
    cluster.advance(1500);
    cluster.advance(2400);
    EXPECT_EQ(cluster.next_change(), 2400U + 5200);
    cluster.advance(7600);
    EXPECT_TRUE(cluster.asleep());
    EXPECT_EQ(cluster.meter().power(), 2 * 500U + 700);
    EXPECT_EQ(cluster.run(8000, 1), 900U) << "the cluster slept";
    EXPECT_FALSE(cluster.next_change());
}

TEST(EnergyMeter, IsExactHoweverOftenItIsRead) {
    EnergyMeter seldom;
    EnergyMeter often;
    seldom.set(0, 123'456'789);
    often.set(0, 123'456'789);
    for (Picoseconds now = 1; now < 100'000; now += 7) {
        (void)often.energy(now);
        often.set(now, 123'456'789);
    }
    EXPECT_EQ(seldom.energy(100'000), often.energy(100'000));
    EXPECT_DOUBLE_EQ(EnergyMeter::joules(seldom.energy(a_second)), 0.123456789);
}

TEST(ClusterParameters, AreThoseOfThePhonesCores) {
    for (const char* name : {"power/cortex-a55", "power/cortex-a76"}) {
        const auto parameters = ClusterParameters::read(data::Parameters::open(name));
        const ClockDomain clock(parameters.points, parameters.transition);
        EXPECT_GT(clock.top(), 3U);
        EXPECT_LT(clock.top(), 16U);
    }
    const auto big = ClusterParameters::read(data::Parameters::open("power/cortex-a76"));
    EXPECT_EQ(big.dynamic_power_coefficient(), 416U);
    EXPECT_NEAR(big.core_dynamic(big.points.back()), 416e-12 * 2.4e9, 1e-9);
}

}  // namespace
}  // namespace orrery::power
