// SPDX-License-Identifier: Apache-2.0
// Placement by energy: the worked example of Linux's Documentation/scheduler/sched-energy.rst, and
// what goes beyond it.
#include "kernel/schedule/energy/energy_placement.hpp"

#include <gtest/gtest.h>

namespace kernel {
namespace {

// Section 4, example 2, whose arithmetic leaves no headroom.
EnergyModel example_model(uint32_t headroom = 0) {
    EnergyModel model(headroom);
    model.add({.cpus = 0b0011, .count = 3, .points = {{1, 170, 50}, {2, 341, 150}, {3, 512, 300}}});
    model.add(
        {.cpus = 0b1100, .count = 3, .points = {{4, 512, 400}, {5, 768, 800}, {6, 1024, 1700}}});
    return model;
}

// CPUs 0 to 3 have 400, 100, 600 and 500; of these, 200 of CPU 0 are the thread's.
PlacementQuestion example() {
    return {.online = 0b1111,
            .allowed = 0b1111,
            .idle = 0,
            .previous = 0,
            .utilisation = 200,
            .others = {200, 100, 600, 500}};
}

TEST(EnergyPlacement, IsTheWorkedExample) {
    const EnergyModel model = example_model();
    // The document rounds each CPU's figure before it adds them: to within 2 of the whole.
    EXPECT_NEAR(static_cast<double>(power_with(model, example(), 1)) / 1024, 1364, 2);
    EXPECT_NEAR(static_cast<double>(power_with(model, example(), 3)) / 1024, 1485, 2);
    EXPECT_NEAR(static_cast<double>(power_with(model, example(), 0)) / 1024, 1437, 2);
    EXPECT_EQ(place_by_energy(model, example()), 1U);
}

TEST(EnergyPlacement, StaysWhereNothingIsSaved) {
    PlacementQuestion question = example();
    // On CPU 1 the thread would make the same: both little CPUs are then used alike.
    question.others[0] = 100;
    EXPECT_EQ(place_by_energy(example_model(), question), 0U);
    question.previous = 1;
    EXPECT_EQ(place_by_energy(example_model(), question), 1U);
}

TEST(EnergyPlacement, PrefersWhoIdles) {
    PlacementQuestion question = example();
    question.others[0] = 50;
    question.idle = 0b0010;
    EXPECT_EQ(place_by_energy(example_model(), question), 1U) << "CPU 0 has more room, and work";
}

TEST(EnergyPlacement, KeepsToAllowedCpus) {
    PlacementQuestion question = example();
    question.allowed = 0b1100;
    EXPECT_EQ(place_by_energy(example_model(), question), 3U);
    question.allowed = 0b0100;
    EXPECT_EQ(place_by_energy(example_model(), question), 2U);
}

TEST(EnergyPlacement, TakesBigThreadsToBigCpus) {
    PlacementQuestion question{
        .online = 0b1111, .allowed = 0b1111, .idle = 0b1111, .previous = 0, .utilisation = 420};
    EXPECT_EQ(place_by_energy(example_model(), question), 2U) << "420 is beyond 80 % of 512";
    question.utilisation = 409;
    EXPECT_EQ(place_by_energy(example_model(), question), 0U);
    question.utilisation = 1000;
    EXPECT_EQ(place_by_energy(example_model(), question), no_cpu);
}

TEST(EnergyPlacement, GivesWayWhenACpuIsOverutilised) {
    const EnergyModel model = example_model();
    PlacementQuestion question = example();
    question.others[3] = 819;
    EXPECT_FALSE(is_overutilised(model, question)) << "819 of 1024 is just below 80 %";
    EXPECT_NE(place_by_energy(model, question), no_cpu);
    question.others[3] = 820;
    EXPECT_TRUE(is_overutilised(model, question));
    EXPECT_EQ(place_by_energy(model, question), no_cpu);
    question.online = 0b0111;
    question.allowed = 0b0111;
    EXPECT_FALSE(is_overutilised(model, question)) << "that CPU is not there";
}

TEST(EnergyPlacement, ByCapacityFindsTheSmallestThatFits) {
    const EnergyModel model = example_model();
    PlacementQuestion question{
        .online = 0b1111, .allowed = 0b1111, .idle = 0b1111, .previous = 3, .utilisation = 100};
    EXPECT_EQ(place_by_capacity(model, question), 3U) << "where it was";
    question.idle = 0b0111;
    EXPECT_EQ(place_by_capacity(model, question), 0U) << "the smallest";
    question.utilisation = 500;
    EXPECT_EQ(place_by_capacity(model, question), 2U) << "the smallest where it fits";
    question.utilisation = 1000;
    EXPECT_EQ(place_by_capacity(model, question), 2U) << "the largest";
    question.idle = 0b0010;
    EXPECT_EQ(place_by_capacity(model, question), 1U) << "what there is";
    question.allowed = 0b1101;
    EXPECT_EQ(place_by_capacity(model, question), no_cpu);
}

TEST(EnergyModel, LeavesHeadroom) {
    const EnergyModel model = example_model(EnergyModel::schedutil_headroom);
    const EnergyDomain& little = model.domain(0);
    EXPECT_EQ(model.power(little, 272, 341), 150U * 1024) << "1.25 * 272 = 340";
    EXPECT_EQ(model.power(little, 300, 512), 300U * 1024) << "1.25 * 300 = 375";
    EXPECT_EQ(model.power(little, 512, 512), 300U * 1024) << "there is no higher point";
    EXPECT_EQ(model.capacity(1), 512U);
    EXPECT_EQ(model.capacity(2), 1024U);
    EXPECT_EQ(little.capacity_at(2), 341U);
    EXPECT_EQ(little.capacity_at(9), 512U);
}

}  // namespace
}  // namespace kernel
