// SPDX-License-Identifier: Apache-2.0
// Heat and throttling.
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "sim/power/step_wise.hpp"
#include "sim/power/thermal_network.hpp"

namespace orrery::power {
namespace {

TEST(ThermalNetwork, FollowsTheExponentialOfOneNode) {
    // C = 2 J/K, G = 0.5 W/K: a time constant of 4 s and 20 K at 10 W.
    ThermalNetwork network({{"die", 2}}, {{0, ThermalNetwork::ambient, 0.5}}, 25, 0.1);
    for (int step = 1; step <= 400; ++step) {
        network.step({10});
        EXPECT_NEAR(network.celsius(0), 25 + 20 * (1 - std::exp(-0.1 * step / 4)), 1e-9);
    }
}

TEST(ThermalNetwork, DoesNotDependOnTheStep) {
    const std::vector<ThermalNode> nodes = {{"a", 0.5}, {"b", 3}, {"c", 60}};
    const std::vector<ThermalLink> links = {
        {0, 1, 0.4}, {1, 2, 0.2}, {0, 2, 0.1}, {2, ThermalNetwork::ambient, 0.15}};
    ThermalNetwork coarse(nodes, links, 25, 5);
    ThermalNetwork fine(nodes, links, 25, 0.05);
    for (int i = 0; i < 20; ++i) coarse.step({2, 1, 0});
    for (int i = 0; i < 2000; ++i) fine.step({2, 1, 0});
    for (size_t node = 0; node < 3; ++node) {
        EXPECT_NEAR(coarse.celsius(node), fine.celsius(node), 1e-8);
    }
}

TEST(ThermalNetwork, SettlesWhereHeatInIsHeatOut) {
    ThermalNetwork network({{"die", 0.5}, {"board", 10}},
                           {{0, 1, 0.2}, {1, ThermalNetwork::ambient, 0.1}}, 20, 1);
    for (int i = 0; i < 5000; ++i) network.step({1, 0});
    EXPECT_NEAR(network.celsius(1), 30, 1e-9);
    EXPECT_NEAR(network.celsius(0), 35, 1e-9);
}

TEST(ThermalNetwork, StaysAtTheAmbientTemperatureWithoutPower) {
    ThermalNetwork network({{"die", 0.5}}, {{0, ThermalNetwork::ambient, 0.2}}, 21, 1);
    for (int i = 0; i < 100; ++i) network.step({0});
    EXPECT_NEAR(network.celsius(0), 21, 1e-10);
}

TEST(ThermalNetwork, RefusesWhatIsNoNetwork) {
    EXPECT_THROW(ThermalNetwork({{"die", 0}}, {}, 25, 1), std::runtime_error);
    EXPECT_THROW(ThermalNetwork({{"die", 1}}, {{0, 1, 1}}, 25, 1), std::runtime_error);
    EXPECT_THROW(ThermalNetwork({{"die", 1}}, {{0, 0, 1}}, 25, 1), std::runtime_error);
    const ThermalNetwork network({{"die", 1}}, {{0, ThermalNetwork::ambient, 1}}, 25, 1);
    EXPECT_THROW((void)network.index("skin"), std::runtime_error);
}

TEST(StepWise, ThrottlesWhileItGetsWarmer) {
    StepWise governor(85, 2, 2);
    EXPECT_EQ(governor.poll(84.9), 0U);
    EXPECT_EQ(governor.poll(85), 1U);
    EXPECT_EQ(governor.poll(85), 1U) << "no warmer";
    EXPECT_EQ(governor.poll(86), 2U);
    EXPECT_EQ(governor.poll(87), 2U) << "there is no more";
}

TEST(StepWise, GivesStepsBackOnlyBelowTheHysteresis) {
    StepWise governor(85, 2, 5);
    governor.poll(86);
    governor.poll(87);
    EXPECT_EQ(governor.poll(84), 2U);
    EXPECT_EQ(governor.poll(82.9), 1U);
    EXPECT_EQ(governor.poll(82.95), 1U) << "not colder";
    EXPECT_EQ(governor.poll(82), 0U);
    EXPECT_EQ(governor.poll(81), 0U);
}

}  // namespace
}  // namespace orrery::power
