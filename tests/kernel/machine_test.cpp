// SPDX-License-Identifier: Apache-2.0
// What the kernel takes from the device trees of whole machines.
#include "kernel/boot/machine.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "tests/kernel/machine_trees.hpp"
#include "tests/user/archive_builder.hpp"

namespace kernel {
namespace {

using user::ExactBytes;

struct Described {
    explicit Described(const std::string& tree) : bytes(tree) {
        DeviceTree reader;
        EXPECT_EQ(reader.open(bytes.span().data(), bytes.span().size()), Status::Ok);
        status = describe_machine(reader, machine);
    }
    ExactBytes bytes;  // the description points into it
    MachineDescription machine;
    Status status;
};

// A machine with nothing but `build`'s nodes below the root.
template <class Build>
std::string small_tree(const TreeBuilder::Reservations& reservations, Build build) {
    TreeBuilder tree(reservations);
    tree.begin("").child_cells(2, 2);
    build(tree);
    return tree.end().finish();
}

// Memory and CPUs of nodes 7, 2 and 5, of which 5 has no memory.
std::string numa_tree(bool with_distances) {
    return small_tree({}, [&](TreeBuilder& tree) {
        for (const auto& [base, id] :
             {std::pair{0x4000'0000U, 7U}, {0x8000'0000U, 2U}, {0x9000'0000U, 7U}}) {
            const std::string name = "memory@" + std::to_string(base);
            tree.begin(name.c_str())
                .texts("device_type", {"memory"})
                .cells("reg", {0, base, 0, 0x1000'0000})
                .cells("numa-node-id", {id})
                .end();
        }
        tree.begin("cpus").child_cells(1, 0);
        for (const uint32_t id : {7U, 2U, 5U}) {
            const std::string name = "cpu@" + std::to_string(id);
            tree.begin(name.c_str())
                .texts("device_type", {"cpu"})
                .cells("reg", {id})
                .cells("numa-node-id", {id})
                .end();
        }
        tree.end();
        if (!with_distances) return;
        tree.begin("distance-map")
            .texts("compatible", {"numa-distance-map-v1"})
            .cells("distance-matrix", {7, 7, 10, 7, 2, 31, 2, 2, 11, 5, 2, 99})
            .end();
    });
}

TEST(Machine, NumbersNumaNodesThatHaveMemory) {
    const Described got(numa_tree(true));
    const MachineDescription& machine = got.machine;
    ASSERT_EQ(machine.node_count, 2U);
    EXPECT_EQ(machine.node_ids[0], 2U);
    EXPECT_EQ(machine.node_ids[1], 7U);
    ASSERT_EQ(machine.bank_count, 3U);
    EXPECT_EQ(machine.bank_nodes[0], 1U);
    EXPECT_EQ(machine.bank_nodes[1], 0U);
    EXPECT_EQ(machine.bank_nodes[2], 1U);
    ASSERT_EQ(machine.cpu_count, 3U);
    EXPECT_EQ(machine.cpu_nodes[0], 1U);
    EXPECT_EQ(machine.cpu_nodes[1], 0U);
    EXPECT_EQ(machine.cpu_nodes[2], 0U);  // its own has no memory
    // Given in one direction, it holds for both.
    EXPECT_EQ(machine.distances[1][0], 31U);
    EXPECT_EQ(machine.distances[0][1], 31U);
    EXPECT_EQ(machine.distances[0][0], 11U);
}

TEST(Machine, KnowsNoDistancesThatTheTreeDoesNotGive) {
    const Described got(numa_tree(false));
    ASSERT_EQ(got.machine.node_count, 2U);
    EXPECT_EQ(got.machine.distances[0][1], 0U);
}

TEST(Machine, ATreeWithoutNodesHasOne) {
    const Described got(virt_tree({.command_line = "", .cpus = 2, .without = ""}));
    ASSERT_EQ(got.machine.node_count, 1U);
    EXPECT_EQ(got.machine.node_ids[0], 0U);
    EXPECT_EQ(got.machine.cpu_nodes[1], 0U);
}

TEST(Machine, RefusesMoreNodesThanItHasRoomFor) {
    const Described got(small_tree({}, [](TreeBuilder& tree) {
        for (uint32_t id = 0; id <= MachineDescription::max_nodes; ++id) {
            const std::string name = "memory@" + std::to_string(id);
            tree.begin(name.c_str())
                .texts("device_type", {"memory"})
                .cells("reg", {id + 1, 0, 0, 0x1000'0000})
                .cells("numa-node-id", {id})
                .end();
        }
    }));
    EXPECT_NE(got.status, Status::Ok);
    EXPECT_LE(got.machine.node_count, MachineDescription::max_nodes);
}

TEST(Machine, ReadsQemusVirtBoard) {
    const Described got(virt_tree({.command_line = "trace=off",
                                   .archive_begin = 0x4800'0000,
                                   .archive_end = 0x4800'1234,
                                   .cpus = 4,
                                   .without = ""}));
    const MachineDescription& machine = got.machine;
    EXPECT_EQ(got.status, Status::Ok);
    EXPECT_EQ(machine.missing, nullptr);
    ASSERT_EQ(machine.bank_count, 1U);
    EXPECT_EQ(machine.banks[0].begin, FakeMachine::memory_begin);
    EXPECT_EQ(machine.banks[0].end, FakeMachine::memory_end);
    EXPECT_EQ(machine.reserved_count, 0U);
    ASSERT_EQ(machine.cpu_count, 4U);
    EXPECT_EQ(machine.cpu_ids[3], 3U);
    EXPECT_EQ(machine.conduit, hal::PowerConduit::Hypervisor);
    EXPECT_EQ(machine.gic_distributor, FakeMachine::distributor);
    EXPECT_EQ(machine.gic_cpu_interface, FakeMachine::cpu_interface);
    EXPECT_EQ(machine.timer_interrupt, 27U);
    EXPECT_EQ(machine.uart, FakeMachine::uart);
    EXPECT_EQ(machine.uart_interrupt, 33U);
    EXPECT_EQ(machine.uart_clock, 24'000'000U);
    EXPECT_EQ(machine.archive.begin, 0x4800'0000U);
    EXPECT_EQ(machine.archive.end, 0x4800'1234U);
    EXPECT_EQ(machine.command_line, "trace=off");
}

TEST(Machine, ReadsAPhone) {
    const Described got(phone_tree());
    const MachineDescription& machine = got.machine;
    EXPECT_EQ(got.status, Status::Ok);
    ASSERT_EQ(machine.bank_count, 2U);
    EXPECT_EQ(machine.banks[0].begin, 0x8000'0000U);
    EXPECT_EQ(machine.banks[0].end, 0xc000'0000U);
    EXPECT_EQ(machine.banks[1].begin, 0x8'0000'1000U);  // whole frames inside the bank
    EXPECT_EQ(machine.banks[1].end, 0x8'2000'0000U);
    ASSERT_EQ(machine.reserved_count, 3U);
    EXPECT_EQ(machine.reserved[0].begin, 0x8000'0000U);  // whole frames around what is reserved
    EXPECT_EQ(machine.reserved[0].end, 0x8000'2000U);
    EXPECT_EQ(machine.reserved[1].begin, 0xbff0'0000U);
    EXPECT_EQ(machine.reserved[1].end, 0xc000'0000U);
    EXPECT_EQ(machine.reserved[2].begin, 0x9000'0000U);
    EXPECT_EQ(machine.reserved[2].end, 0x9000'1000U);
    EXPECT_TRUE(machine.has_memory_in({0x7fff'f000, 0x8000'1000}));
    EXPECT_TRUE(machine.has_memory_in({0x8'1fff'f000, 0x8'2000'1000}));
    EXPECT_FALSE(machine.has_memory_in({0xc000'0000, 0x8'0000'0000}));
    ASSERT_EQ(machine.cpu_count, 3U);
    EXPECT_EQ(machine.cpu_ids[0], 0U);
    EXPECT_EQ(machine.cpu_ids[1], 0x100U);
    EXPECT_EQ(machine.cpu_ids[2], 0x101U);
    EXPECT_EQ(machine.conduit, hal::PowerConduit::SecureMonitor);
    EXPECT_EQ(machine.gic_distributor, 0xa'0000'1000U);
    EXPECT_EQ(machine.gic_cpu_interface, 0xa'0000'2000U);
    EXPECT_EQ(machine.uart, 0x2000U);  // the one that stdout-path names
    EXPECT_EQ(machine.uart_interrupt, 38U);
    EXPECT_EQ(machine.uart_clock, 48'000'000U);
    EXPECT_EQ(machine.archive.begin, 0x9800'0010U);
    EXPECT_EQ(machine.archive.end, 0x9800'0444U);
    EXPECT_EQ(machine.command_line, "trace=on cpus=2 -- hello world");
}

TEST(Machine, SaysWhatIsMissing) {
    for (const char* without : {"memory", "cpus", "timer", "intc", "pl011"}) {
        const Described got(virt_tree({.command_line = "",
                                       .archive_begin = 0,
                                       .archive_end = 0,
                                       .cpus = 1,
                                       .without = without}));
        EXPECT_EQ(got.status, Status::NotFound) << without;
        EXPECT_NE(got.machine.missing, nullptr) << without;
    }
}

TEST(Machine, TakesAtMostAsManyCpusAndBanksAsThereIsRoomFor) {
    const Described got(small_tree({}, [](TreeBuilder& tree) {
        for (uint32_t i = 0; i < 12; ++i) {
            const std::string name = "memory@" + std::to_string(i);
            tree.begin(name.c_str()).texts("device_type", {"memory"});
            tree.cells("reg", {i, 0, 0, 0x1000}).end();
        }
        tree.begin("cpus").child_cells(1, 0);
        for (uint32_t i = 0; i < 12; ++i) {
            const std::string name = "cpu@" + std::to_string(i);
            tree.begin(name.c_str()).texts("device_type", {"cpu"}).cells("reg", {i}).end();
        }
        tree.end();
    }));
    EXPECT_EQ(got.machine.bank_count, MachineDescription::max_banks);
    EXPECT_EQ(got.machine.cpu_count, hal::max_cpus);
}

TEST(Machine, BanksThatWrapAroundAreNotMemory) {
    const Described got(small_tree({}, [](TreeBuilder& tree) {
        tree.begin("memory").texts("device_type", {"memory"});
        tree.cells("reg", {0xffff'ffff, 0xffff'ff00, 0, 0x50,         // rounds up to zero
                           0x1000'0000, 0, 0xffff'ffff, 0xffff'ffff,  // ends behind the end
                           0, 0x1080, 0, 0xf00,                       // no whole frame
                           0, 0x4000, 0, 0x2000});
        tree.end();
    }));
    ASSERT_EQ(got.machine.bank_count, 1U);
    EXPECT_EQ(got.machine.banks[0].begin, 0x4000U);
    EXPECT_EQ(got.machine.banks[0].end, 0x6000U);
}

TEST(Machine, ReservationsThatWrapAroundReachToTheEnd) {
    const Described got(
        small_tree({{0x4100'0000, ~uint64_t{0} - 0x80'0000}}, [](TreeBuilder& tree) {
            tree.begin("reserved-memory").child_cells(2, 2);
            tree.begin("top").cells("reg", {0xffff'ffff, 0xffff'f000, 0, 0x1000}).end().end();
        }));
    ASSERT_EQ(got.machine.reserved_count, 2U);
    for (unsigned i = 0; i < 2; ++i) {
        EXPECT_LE(got.machine.reserved[i].begin, got.machine.reserved[i].end);
        EXPECT_GE(got.machine.reserved[i].end, ~uint64_t{0} - 0xfff);
    }
}

TEST(Machine, AnAbsurdCellCountDoesNotStallTheBoot) {
    const Described got(small_tree({}, [](TreeBuilder& tree) {
        tree.begin("cpus").child_cells(0xffff'ffff, 0);
        for (uint32_t i = 0; i < 8; ++i) {
            const std::string name = "cpu@" + std::to_string(i);
            tree.begin(name.c_str()).texts("device_type", {"cpu"}).cells("reg", {i}).end();
        }
        tree.end();
    }));
    EXPECT_EQ(got.machine.cpu_count, 0U);
}

TEST(Machine, AnArchiveThatEndsBeforeItBeginsIsNone) {
    for (const auto& [begin, end] : {std::pair<uint64_t, uint64_t>{2, 1}, {5, 5}}) {
        const Described got(small_tree({}, [begin = begin, end = end](TreeBuilder& tree) {
            tree.begin("chosen");
            tree.wide("linux,initrd-start", begin).wide("linux,initrd-end", end).end();
        }));
        EXPECT_EQ(got.machine.archive.begin, got.machine.archive.end);
    }
}

}  // namespace
}  // namespace kernel
