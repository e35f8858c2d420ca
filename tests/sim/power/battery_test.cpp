// SPDX-License-Identifier: Apache-2.0
// The battery: current, charge, and its end.
#include "sim/power/battery.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace orrery::power {
namespace {

Battery::Parameters small() {
    return {.coulombs = 3600,
            .start_percent = 100,
            .ohms = 0.1,
            .cutoff_volts = 3.0,
            .open_circuit_volts = {3.0, 4.0}};
}

TEST(Battery, GivesThePowerThatIsAskedFor) {
    Battery battery(small());
    battery.discharge(3.9, 1);
    EXPECT_NEAR(battery.amperes(), 1.0, 1e-12);
    EXPECT_NEAR(battery.volts(), 3.9, 1e-12);
    EXPECT_NEAR(battery.percent(), 100 - 100.0 / 3600, 1e-9);
}

TEST(Battery, LosesVoltageWithCharge) {
    Battery battery(small());
    EXPECT_DOUBLE_EQ(battery.open_circuit_volts(), 4.0);
    while (battery.percent() > 50) battery.discharge(1, 1);
    EXPECT_NEAR(battery.open_circuit_volts(), 3.5, 1e-3);
}

TEST(Battery, IsEmptyBelowTheCutOffAndStaysSo) {
    Battery battery(small());
    unsigned seconds = 0;
    for (; !battery.empty(); ++seconds) battery.discharge(4, 1);
    EXPECT_GT(battery.percent(), 0);
    EXPECT_LT(battery.volts(), 3.0);
    const double percent = battery.percent();
    battery.discharge(0, 100);
    EXPECT_TRUE(battery.empty());
    EXPECT_EQ(battery.percent(), percent);
    EXPECT_GT(seconds, 2000U);
    EXPECT_LT(seconds, 3600U);
}

TEST(Battery, IsEmptyWhenNoCurrentGivesThePower) {
    Battery battery(small());
    battery.discharge(41, 1e-9);  // at most OCV^2 / 4R = 40 W
    EXPECT_TRUE(battery.empty());
}

TEST(Battery, NamesWhatIsWrongWithItsParameters) {
    const auto file =
        data::Parameters::parse("b",
                                "milliampere_hours=1\nstart_percent=50\nohms=0.1\ncutoff_volts=3\n"
                                "open_circuit_volts=[3.0]\n");
    EXPECT_THROW((void)Battery::Parameters::read(file), std::runtime_error);
}

}  // namespace
}  // namespace orrery::power
