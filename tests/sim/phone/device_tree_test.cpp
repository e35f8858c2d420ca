// SPDX-License-Identifier: Apache-2.0
// The generated device tree says what the machine is: read back with libfdt and by the kernel.
#include "sim/phone/device_tree.hpp"

#include <gtest/gtest.h>
#include <libfdt.h>

#include "kernel/boot/machine.hpp"

namespace {

using namespace orrery::phone;

const BootChoices choices{.command_line = "init=bin/init -- bin/shell",
                          .archive_begin = 0x8200'0000,
                          .archive_end = 0x8200'1234,
                          .seed = 0x1122'3344'5566'7788};

class GeneratedTree : public ::testing::Test {
  protected:
    const Machine& machine = machine_by_name("phone8");
    const std::vector<std::byte> blob = make_device_tree(machine, choices);

    [[nodiscard]] std::string text(const char* path, const char* name) const {
        const int node = fdt_path_offset(blob.data(), path);
        int size = 0;
        const void* value = node < 0 ? nullptr : fdt_getprop(blob.data(), node, name, &size);
        return value == nullptr ? "" : static_cast<const char*>(value);
    }
};

TEST_F(GeneratedTree, is_well_formed) {
    EXPECT_EQ(fdt_check_full(blob.data(), blob.size()), 0);
    EXPECT_EQ(text("/", "compatible"), "orrery,phone8");
}

TEST_F(GeneratedTree, carries_the_choices_of_this_boot) {
    EXPECT_EQ(text("/chosen", "bootargs"), choices.command_line);
    EXPECT_EQ(text("/chosen", "stdout-path"), "/serial@1c090000");
    const int chosen = fdt_path_offset(blob.data(), "/chosen");
    int size = 0;
    const void* seed = fdt_getprop(blob.data(), chosen, "rng-seed", &size);
    ASSERT_EQ(size, 8);
    EXPECT_EQ(fdt64_ld(static_cast<const fdt64_t*>(seed)), choices.seed);
}

TEST_F(GeneratedTree, tells_the_kernel_what_the_model_is_built_of) {
    kernel::DeviceTree tree;
    ASSERT_EQ(tree.open(blob.data(), blob.size()), kernel::Status::Ok);
    kernel::MachineDescription found;
    ASSERT_EQ(kernel::describe_machine(tree, found), kernel::Status::Ok) << found.missing;

    ASSERT_EQ(found.cpu_count, machine.cpus.size());
    for (size_t i = 0; i < machine.cpus.size(); ++i) {
        EXPECT_EQ(found.cpu_ids[i], machine.cpus[i].mpidr) << "CPU " << i;
    }
    ASSERT_EQ(found.bank_count, machine.memory.size());
    for (size_t i = 0; i < machine.memory.size(); ++i) {
        EXPECT_EQ(found.banks[i].begin, machine.memory[i].base);
        EXPECT_EQ(found.banks[i].end, machine.memory[i].base + machine.memory[i].size);
    }
    EXPECT_EQ(found.gic_distributor, machine.gic_distributor);
    EXPECT_EQ(found.gic_cpu_interface, machine.gic_cpu_interface);
    EXPECT_EQ(found.timer_interrupt, virtual_timer_interrupt);
    EXPECT_EQ(found.uart, machine.uart);
    EXPECT_EQ(found.uart_interrupt, machine.uart_spi + 32);
    EXPECT_EQ(found.uart_clock, machine.uart_clock);
    EXPECT_EQ(found.conduit, hal::PowerConduit::Hypervisor);
    EXPECT_EQ(found.archive.begin, choices.archive_begin);
    EXPECT_EQ(found.archive.end, choices.archive_end);
    EXPECT_EQ(found.command_line, choices.command_line);
}

TEST_F(GeneratedTree, leads_the_kernel_to_the_clocks_of_the_cpus) {
    kernel::DeviceTree tree;
    ASSERT_EQ(tree.open(blob.data(), blob.size()), kernel::Status::Ok);
    kernel::MachineDescription found;
    ASSERT_EQ(kernel::describe_machine(tree, found), kernel::Status::Ok) << found.missing;
    EXPECT_EQ(found.scmi.mailbox, machine.mailbox);
    EXPECT_EQ(found.scmi.channel, 0U);
    EXPECT_EQ(found.scmi.doorbell, 0U);
    EXPECT_EQ(found.scmi.shared_memory, machine.shared_memory);
    EXPECT_EQ(found.scmi.shared_size, 0x80U);
    for (size_t i = 0; i < machine.cpus.size(); ++i) {
        EXPECT_EQ(found.cpu_domains[i], machine.cpus[i].cluster()) << "CPU " << i;
    }
}

TEST_F(GeneratedTree, says_how_cpus_are_grouped_and_what_they_draw) {
    const auto cell = [this](const char* path, const char* name) {
        int size = 0;
        const int node = fdt_path_offset(blob.data(), path);
        const void* value = fdt_getprop(blob.data(), node, name, &size);
        return value == nullptr ? 0U : fdt32_ld(static_cast<const fdt32_t*>(value));
    };
    EXPECT_EQ(cell("/cpus/cpu@0", "dynamic-power-coefficient"), 228U);
    EXPECT_EQ(cell("/cpus/cpu@103", "dynamic-power-coefficient"), 416U);
    const uint32_t handle = cell("/cpus/cpu-map/cluster1/core3", "cpu");
    EXPECT_NE(handle, 0U);
    EXPECT_EQ(handle, cell("/cpus/cpu@103", "phandle"));
    EXPECT_EQ(fdt_path_offset(blob.data(), "/cpus/idle-states"), -FDT_ERR_NOTFOUND)
        << "the firmware has no CPU_SUSPEND";
}

TEST(Machines, an_unknown_name_is_refused_with_the_known_ones) {
    try {
        (void)machine_by_name("phone9");
        FAIL() << "phone9 was accepted";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "there is no machine \"phone9\": choose phone8");
    }
}

}  // namespace
