// SPDX-License-Identifier: Apache-2.0
// Energy in a running kernel: what the machine's tables become, and what the clocks are asked for.
#include "kernel/schedule/energy/energy.hpp"

#include <gtest/gtest.h>

#include "tests/kernel/fake_scmi.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

using Call = abi::SystemCall;

constexpr uint64_t millisecond = FakeMachine::frequency / 1000;

BootOptions with(FakeScmi& scmi, std::string command_line) {
    BootOptions options = RunningKernel::usual(std::move(command_line));
    options.scmi = true;
    options.device = &scmi;
    return options;
}

bool said(RunningKernel& phone, std::string_view text) {
    return phone.machine.take_output().find(text) != std::string::npos;
}

// The running thread uses its CPU up to the end of so many slices.
void use(RunningKernel& phone, unsigned slices) {
    for (unsigned i = 0; i < slices; ++i) {
        phone.machine.advance(10 * millisecond);
        phone.machine.raise(FakeMachine::timer_interrupt);
        phone.trap(hal::TrapKind::Interrupt);
    }
}

TEST(Energy, IsOffUnlessItIsWanted) {
    FakeScmi scmi;
    RunningKernel phone(with(scmi, ""));
    EXPECT_FALSE(kernel().energy.tracks());
    EXPECT_FALSE(said(phone, "energy:"));
}

TEST(Energy, SaysThatTheMachineHasNoModel) {
    RunningKernel phone(RunningKernel::usual("placement=energy governor=schedutil"));
    EXPECT_TRUE(said(phone,
                     "energy: the device tree gives no operating points with power, placement "
                     "idle_first, governor none\n"));
    EXPECT_FALSE(kernel().energy.tracks());
    EXPECT_EQ(phone.status_of(Call::ThreadYield), Status::Ok);
}

TEST(Energy, TakesItsModelFromThePlatform) {
    FakeScmi scmi;
    RunningKernel phone(with(scmi, "placement=energy governor=schedutil"));
    EXPECT_TRUE(said(phone, "energy: 2 domains, placement energy, governor schedutil\n"));
    const EnergyModel& model = kernel().energy.model();
    ASSERT_EQ(model.count(), 2U);
    EXPECT_EQ(model.domain_of(0), 1U);
    EXPECT_EQ(model.capacity(0), 1024U);
    EXPECT_EQ(model.domain(1).count, 11U);
    EXPECT_EQ(model.domain(1).points[5].kilohertz, 600'000U);
    EXPECT_EQ(model.domain(1).points[5].capacity, 256U);
    EXPECT_EQ(model.domain(1).points[5].power, 100U);
}

TEST(Energy, TellsCpusApartByTheTree) {
    FakeScmi scmi;
    RunningKernel phone(with(scmi, ""));
    MachineDescription machine = kernel().machine;
    machine.cpu_count = 2;
    machine.cpu_capacities[0] = 446;
    EnergyModel model;
    EXPECT_FALSE(make_energy_model(machine, kernel().clocks, model)) << "CPU 1 has no domain";
    machine.cpu_count = 1;
    EXPECT_TRUE(make_energy_model(machine, kernel().clocks, model));
    EXPECT_EQ(model.capacity(0), 1024U) << "it is the only one, so it is the largest";
}

TEST(Energy, FixedGovernorsSetTheClocksAtBoot) {
    for (const bool highest : {true, false}) {
        FakeScmi scmi;
        RunningKernel phone(with(scmi, highest ? "governor=performance cpu_performance=50%"
                                               : "governor=powersave cpu_performance=50%"));
        EXPECT_EQ(scmi.domains[1].current, highest ? 24U : 1U);
        const unsigned messages = scmi.messages;
        use(phone, 20);
        EXPECT_EQ(scmi.messages, messages) << "and leave them";
    }
}

TEST(Energy, SchedutilFollowsWhatIsUsed) {
    FakeScmi scmi;
    RunningKernel phone(with(scmi, "governor=schedutil cpu_performance=lowest"));
    EXPECT_EQ(scmi.domains[1].current, 24U) << "a new thread counts as half of a CPU: 640 of 1024";
    phone.start_call(Call::ThreadSleep, {200'000'000});
    uint32_t before = scmi.domains[1].current;
    EXPECT_EQ(before, 1U);
    for (unsigned i = 0; i < 60; ++i) {
        use(phone, 1);
        EXPECT_GE(scmi.domains[1].current, before);
        before = scmi.domains[1].current;
    }
    EXPECT_EQ(before, 24U) << "a thread that never waits gets all there is";

    // Long sleeps with little in between.
    for (unsigned i = 0; i < 20; ++i) phone.start_call(Call::ThreadSleep, {100'000'000});
    EXPECT_LE(scmi.domains[1].current, 2U);
    EXPECT_TRUE(HeldRanks::none());
}

TEST(Energy, AnIdleMachineGoesDownToItsLowestClock) {
    FakeScmi scmi;
    RunningKernel phone(with(scmi, "governor=schedutil cpu_performance=highest"));
    use(phone, 20);
    EXPECT_EQ(scmi.domains[1].current, 24U);
    phone.start_call(Call::ThreadSleep, {1'000'000'000});
    // The one wake-up would not bring it down that far: reviews in between have.
    EXPECT_EQ(scmi.domains[1].current, 1U);
}

TEST(Energy, AProgramsWishHoldsUntilTheNextReview) {
    FakeScmi scmi;
    RunningKernel phone(with(scmi, "governor=schedutil"));
    EXPECT_EQ(phone.call(Call::PerformanceSet, {1, 300'000}), 0U);
    use(phone, 40);
    EXPECT_EQ(scmi.domains[1].current, 24U);
}

// The smaller CPU that it has left finds nothing else to do before the larger one has woken.
TEST(Energy, WhatIsTooMuchForItsCpuIsNotTakenBackByIt) {
    FakeScmi scmi;
    scmi.domains = {{"big", {12, 24}, 24}, {"little", {4, 8}, 8}};
    BootOptions options = with(scmi, "placement=energy");
    options.cpus = 2;
    RunningKernel phone(options);
    Thread& busy = phone.thread();
    struct Idles {};
    phone.machine.on_end = [](int) { throw Idles{}; };
    hal::host::present.cpu = 1;
    EXPECT_THROW((void)entry::secondary(1), Idles);
    hal::host::present.cpu = 0;
    ASSERT_LT(kernel().energy.model().capacity(0), kernel().energy.model().capacity(1));

    EXPECT_THROW(use(phone, 30), Idles) << "it still runs on the smaller CPU";
    EXPECT_EQ(busy.state, ThreadState::Ready);
    EXPECT_EQ(busy.cpu, 1U);
    hal::host::present.cpu = 1;
    EXPECT_EQ(kernel().scheduler.run_next(), &busy.frame);
    EXPECT_EQ(kernel().info.schedule.cpus[0].stolen, 0U);
}

TEST(Energy, GivesUpAPlatformThatFallsSilent) {
    FakeScmi scmi;
    RunningKernel phone(with(scmi, "governor=schedutil"));
    scmi.silent = true;
    phone.start_call(Call::ThreadSleep, {200'000'000});
    EXPECT_TRUE(said(phone,
                     "energy: the platform does not set clocks (unsupported), governor none "
                     "from now on\n"));
    const unsigned messages = scmi.messages;
    use(phone, 20);
    EXPECT_EQ(scmi.messages, messages);
}

}  // namespace
}  // namespace kernel
