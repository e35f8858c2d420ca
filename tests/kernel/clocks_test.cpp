// SPDX-License-Identifier: Apache-2.0
// Operating points: the driver of SCMI, the command line's wish, and the system calls.
#include "kernel/drivers/clocks.hpp"

#include <gtest/gtest.h>

#include "tests/kernel/fake_scmi.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

using Call = abi::SystemCall;

BootOptions with(FakeScmi& scmi, std::string command_line = "") {
    BootOptions options = RunningKernel::usual(std::move(command_line));
    options.scmi = true;
    options.device = &scmi;
    return options;
}

bool said(RunningKernel& phone, std::string_view text) {
    return phone.machine.take_output().find(text) != std::string::npos;
}

MachineDescription describe(const std::string& blob) {
    DeviceTree tree;
    EXPECT_EQ(tree.open(blob.data(), blob.size()), Status::Ok);
    MachineDescription machine;
    EXPECT_EQ(describe_machine(tree, machine), Status::Ok);
    return machine;
}

TEST(ScmiInTheTree, IsFoundThroughHandlesAndRanges) {
    const std::string blob = virt_tree({.cpus = 4, .scmi = true});
    const MachineDescription machine = describe(blob);
    EXPECT_EQ(machine.scmi.mailbox, mailbox_at);
    EXPECT_EQ(machine.scmi.channel, 1U);
    EXPECT_EQ(machine.scmi.doorbell, 2U);
    EXPECT_EQ(machine.scmi.shared_memory, scmi_memory_at + 0x80U);
    EXPECT_EQ(machine.scmi.shared_size, 0x80U);
    EXPECT_EQ(machine.cpu_domains[0], 1U) << "by clocks";
    EXPECT_EQ(machine.cpu_domains[1], 0U) << "by performance-domains";
    EXPECT_EQ(machine.cpu_domains[2], MachineDescription::no_domain) << "of another protocol";
    EXPECT_EQ(machine.cpu_domains[3], MachineDescription::no_domain);
}

TEST(ScmiInTheTree, IsNoneWithoutIt) {
    const std::string blob = virt_tree({.cpus = 1});
    const MachineDescription machine = describe(blob);
    EXPECT_EQ(machine.scmi.mailbox, 0U);
    EXPECT_EQ(machine.cpu_domains[0], MachineDescription::no_domain);
}

TEST(Clocks, SayThatThereAreNone) {
    RunningKernel phone;
    EXPECT_TRUE(said(phone, "clocks: no SCMI in the device tree, frequencies are fixed\n"));
    EXPECT_EQ(kernel().clocks.count(), 0U);
    EXPECT_EQ(phone.status_of(Call::PerformanceRead, {0, RunningKernel::buffer}), Status::NotFound);
    EXPECT_EQ(phone.status_of(Call::PerformanceSet, {0, 1000}), Status::NotFound);
}

TEST(Clocks, AreDiscoveredAndSetToTheHighest) {
    FakeScmi scmi;
    scmi.domains[1].current = 1;
    RunningKernel phone(with(scmi));
    EXPECT_TRUE(said(phone, "clocks: big 100000 to 2400000 kHz, 11 levels, now 2400000: ok\n"));
    ASSERT_EQ(kernel().clocks.count(), 2U);
    const abi::PerformanceDomain& big = kernel().clocks.domain(1);
    EXPECT_STREQ(big.name, "big");
    EXPECT_EQ(big.cpu_mask, 1U);
    EXPECT_EQ(big.level_count, 11U);
    EXPECT_EQ(big.levels[0], 100'000U);
    EXPECT_EQ(big.levels[10], 2'400'000U);
    EXPECT_EQ(big.highest, 2'400'000U);
    EXPECT_EQ(big.lowest, 100'000U);
    EXPECT_EQ(scmi.domains[1].current, 24U);
}

TEST(Clocks, FollowTheCommandLine) {
    struct Case {
        const char* wish;
        uint32_t little;
        uint32_t big;
    };
    for (const Case& wish : {Case{"lowest", 10, 1}, Case{"50%", 10, 24}, Case{"25%", 10, 6},
                             Case{"800000", 10, 8}, Case{"9000000", 18, 24}}) {
        FakeScmi scmi;
        RunningKernel phone(with(scmi, std::string("cpu_performance=") + wish.wish));
        EXPECT_EQ(scmi.domains[0].current, wish.little) << wish.wish;
        EXPECT_EQ(scmi.domains[1].current, wish.big) << wish.wish;
    }
}

TEST(Clocks, AreReadAndSetByPrograms) {
    FakeScmi scmi;
    RunningKernel phone(with(scmi));
    EXPECT_EQ(phone.call(Call::PerformanceSet, {1, 300'000}), 0U);
    EXPECT_EQ(scmi.domains[1].current, 3U);
    scmi.domains[1].current = 2;  // throttled
    EXPECT_EQ(phone.call(Call::PerformanceRead, {1, RunningKernel::buffer}), 0U);
    const auto domain = phone.peek<abi::PerformanceDomain>(RunningKernel::buffer);
    EXPECT_STREQ(domain.name, "big");
    EXPECT_EQ(domain.current, 200'000U);
    EXPECT_EQ(domain.levels[2], 300'000U);

    EXPECT_EQ(phone.status_of(Call::PerformanceSet, {1, 300'001}), Status::InvalidArgument);
    EXPECT_EQ(phone.status_of(Call::PerformanceSet, {1, uint64_t{1} << 40}),
              Status::InvalidArgument);
    EXPECT_EQ(phone.status_of(Call::PerformanceSet, {2, 300'000}), Status::NotFound);
    EXPECT_EQ(phone.status_of(Call::PerformanceRead, {2, RunningKernel::buffer}), Status::NotFound);
    EXPECT_EQ(phone.status_of(Call::PerformanceRead, {1, 0}), Status::BadAddress);
    EXPECT_TRUE(HeldRanks::none());
}

TEST(Clocks, LeaveATraceRecord) {
    FakeScmi scmi;
    RunningKernel phone(with(scmi, "trace=on"));
    phone.call(Call::PerformanceSet, {1, 300'000});
    const abi::TraceRing& ring = kernel().info.rings[0];
    const auto* records = static_cast<const abi::TraceRecord*>(hal::Machine::direct(ring.records));
    std::vector<abi::TraceRecord> found;
    for (uint64_t i = 0; i < ring.head; ++i) {
        if (records[i].type == abi::TraceType::CpuFrequency) found.push_back(records[i]);
    }
    ASSERT_EQ(found.size(), 3U) << "two at boot";
    EXPECT_EQ(found[2].a, 300'000U);
    EXPECT_EQ(found[2].b, 1U);
    EXPECT_EQ(found[2].thread, phone.thread().id);
}

TEST(Clocks, BootWithAPlatformThatDoesNotAnswer) {
    FakeScmi scmi;
    scmi.silent = true;
    RunningKernel phone(with(scmi));
    EXPECT_TRUE(said(phone, "clocks: the SCMI platform cannot be used (unsupported)"));
    EXPECT_EQ(kernel().clocks.count(), 0U);
}

TEST(Clocks, GiveUpAPlatformThatFallsSilent) {
    FakeScmi scmi;
    RunningKernel phone(with(scmi));
    scmi.silent = true;
    EXPECT_EQ(phone.status_of(Call::PerformanceSet, {1, 300'000}), Status::Unsupported);
    scmi.silent = false;
    const unsigned messages = scmi.messages;
    EXPECT_EQ(phone.status_of(Call::PerformanceSet, {1, 300'000}), Status::Unsupported);
    EXPECT_EQ(scmi.messages, messages) << "the lost answer may still come";
}

TEST(Clocks, RefuseAPlatformThatTalksNonsense) {
    FakeScmi broken;
    broken.broken = true;
    FakeScmi descends;
    descends.descends = true;
    FakeScmi endless;
    endless.levels_at_once = 0;
    FakeScmi many;
    many.domains[0].levels.assign(17, 1);
    FakeScmi frozen;
    frozen.domains[0].levels = {0};
    for (FakeScmi* scmi : {&broken, &descends, &endless, &many, &frozen}) {
        RunningKernel phone(with(*scmi));
        EXPECT_TRUE(said(phone, "clocks: the SCMI platform cannot be used ("));
        EXPECT_EQ(kernel().clocks.count(), 0U);
    }
}

}  // namespace
}  // namespace kernel
