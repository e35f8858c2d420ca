// SPDX-License-Identifier: Apache-2.0
// Clocks, rails, heat and battery together, with the figures of phone8.
#include "sim/power/power_system.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace orrery::power {
namespace {

constexpr size_t little = 0;
constexpr size_t big = 1;

PowerSystem phone8(const PowerChoices& choices = {}) {
    return {data::Parameters::open("power/phone8"), {4, 4}, choices};
}

void run_all(PowerSystem& power) {
    for (size_t cluster : {little, big}) {
        for (size_t core = 0; core < 4; ++core) (void)power.run(power.now(), cluster, core);
    }
}

TEST(PowerSystem, NamesOnlyRailsThatHaveAConsumer) {
    const PowerSystem power = phone8();
    std::vector<std::string> names;
    for (const Rail& rail : power.rails()) names.push_back(rail.subsystem);
    EXPECT_EQ(names, (std::vector<std::string>{"CPU Little", "CPU Big", "Memory"}));
}

TEST(PowerSystem, EnergyDoesNotDependOnWhenItIsLookedAt) {
    PowerSystem seldom = phone8();
    PowerSystem often = phone8();
    for (PowerSystem* power : {&seldom, &often}) {
        run_all(*power);
        power->request(0, big, 2);
    }
    for (Picoseconds now = 0; now < 2 * a_second; now += 777 * a_microsecond) {
        often.advance(now);
        (void)often.rails();
    }
    for (PowerSystem* power : {&seldom, &often}) {
        power->wait(2 * a_second, big, 3);
        power->advance(3 * a_second);
    }
    for (size_t rail = 0; rail < 3; ++rail) {
        EXPECT_EQ(seldom.rails()[rail].joules, often.rails()[rail].joules);
    }
    for (size_t node = 0; node < 3; ++node) {
        EXPECT_EQ(seldom.network().celsius(node), often.network().celsius(node));
    }
    EXPECT_EQ(seldom.battery().percent(), often.battery().percent());
}

TEST(PowerSystem, TellsOfAFrequencyAtTheMomentItChanges) {
    PowerSystem power = phone8();
    std::vector<std::pair<Picoseconds, uint64_t>> changes;
    power.on_frequency = [&](Picoseconds when, size_t, uint64_t kilohertz) {
        changes.emplace_back(when, kilohertz);
    };
    power.request(1000, little, 0);
    EXPECT_EQ(power.next_change(), 1000 + 40 * a_microsecond);
    power.advance(a_second);
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0], std::make_pair(1000 + 40 * a_microsecond, uint64_t{1'008'000}));
}

TEST(PowerSystem, ThrottlesWhenHotAndRecovers) {
    PowerSystem power = phone8({.ambient_celsius = 60});
    run_all(power);
    power.advance(60 * a_second);
    EXPECT_GT(power.throttled(big), 0U);
    EXPECT_LT(power.cluster(big).clock().point().kilohertz, 2'400'000U);
    for (size_t cluster : {little, big}) {
        for (size_t core = 0; core < 4; ++core) power.wait(power.now(), cluster, core);
    }
    power.advance(2000 * a_second);
    EXPECT_EQ(power.throttled(big), 0U);
    EXPECT_EQ(power.cluster(big).clock().point().kilohertz, 2'400'000U);
}

TEST(PowerSystem, DoesNotThrottleInTheCold) {
    PowerSystem power = phone8({.ambient_celsius = 0});
    (void)power.run(0, big, 0);
    power.advance(60 * a_second);
    EXPECT_EQ(power.throttled(big), 0U);
}

TEST(PowerSystem, ReportsTheEmptyBatteryOnce) {
    PowerSystem power = phone8({.battery_percent = 0.01});
    unsigned reports = 0;
    power.on_battery_empty = [&](Picoseconds) { ++reports; };
    run_all(power);
    power.advance(60 * a_second);
    EXPECT_TRUE(power.battery().empty());
    EXPECT_EQ(reports, 1U);
}

TEST(PowerSystem, CostsLittleWhileIdle) {
    PowerSystem power = phone8();
    run_all(power);
    for (size_t core = 0; core < 4; ++core) {
        power.wait(0, little, core);
        power.wait(0, big, core);
    }
    const double before = power.rails()[big].watts;
    power.advance(60 * a_second);
    EXPECT_LT(before, 1.0);
    EXPECT_GT(power.rails()[big].joules, 0.0);
    EXPECT_LT(power.battery().percent(), 100.0);
}

TEST(PowerSystem, SavesPowerWithAutonomousSleep) {
    PowerSystem awake = phone8();
    PowerSystem sleeper = phone8({.autonomous_sleep = true});
    for (PowerSystem* power : {&awake, &sleeper}) {
        (void)power->run(0, big, 0);
        power->wait(a_millisecond, big, 0);
        power->advance(a_second);
    }
    EXPECT_LT(sleeper.rails()[big].joules, awake.rails()[big].joules / 2);
    EXPECT_EQ(awake.run(a_second, big, 0), 0U);
    EXPECT_EQ(sleeper.run(a_second, big, 0), 6562 * a_microsecond);
}

TEST(PowerSystem, WantsTheClustersOfTheMachine) {
    EXPECT_THROW(PowerSystem(data::Parameters::open("power/phone8"), {4}), std::runtime_error);
}

}  // namespace
}  // namespace orrery::power
