// SPDX-License-Identifier: Apache-2.0
// Device trees of whole machines.
#pragma once

#include <string>
#include <string_view>

#include "tests/kernel/fake_machine.hpp"
#include "tests/kernel/tree_builder.hpp"

namespace kernel {

// What the tests vary.
struct TreeOptions {
    std::string_view command_line;
    uint64_t archive_begin = 0;
    uint64_t archive_end = 0;
    unsigned cpus = 1;
    std::string_view without;  // a node that is left out
    bool scmi = false;         // an SCMI platform behind a mailbox
    bool two_nodes = false;    // each half of the memory is one; all CPUs are on the first
};

constexpr uint32_t mailbox_at = 0x0a00'0000;
constexpr uint32_t scmi_memory_at = 0x0b00'0000;  // of the bus; the channel lies 0x80 behind

// After the bindings arm,mhu-doorbell and arm,scmi: channel 1, doorbell 2.
inline void add_scmi(TreeBuilder& tree) {
    tree.begin("mailbox@a000000")
        .texts("compatible", {"arm,mhu-doorbell", "arm,primecell"})
        .cells("reg", {0, mailbox_at, 0, 0x1000})
        .cells("#mbox-cells", {2})
        .cells("phandle", {0x9000})
        .end();
    tree.begin("sram@b000000")
        .texts("compatible", {"mmio-sram"})
        .cells("reg", {0, scmi_memory_at, 0, 0x1000})
        .child_cells(1, 1)
        .cells("ranges", {0, 0, scmi_memory_at, 0x1000});
    tree.begin("scp-sram-section@0").cells("reg", {0, 0x80}).end();
    tree.begin("scp-sram-section@80")
        .texts("compatible", {"arm,scmi-shmem"})
        .cells("reg", {0x80, 0x80})
        .cells("phandle", {0x9001})
        .end()
        .end();
    tree.begin("firmware")
        .begin("scmi")
        .texts("compatible", {"arm,scmi"})
        .cells("mboxes", {0x9000, 1, 2})
        .cells("shmem", {0x9001})
        .child_cells(1, 0);
    tree.begin("protocol@13").cells("reg", {0x13}).cells("phandle", {0x9002}).end();
    tree.begin("protocol@14").cells("reg", {0x14}).cells("phandle", {0x9003}).end();
    tree.end().end();
}

// The fake machine, laid out like QEMU's "virt" board.
inline std::string virt_tree(const TreeOptions& options) {
    constexpr auto low = [](uint64_t value) { return static_cast<uint32_t>(value); };
    TreeBuilder tree;
    tree.begin("").child_cells(2, 2).texts("compatible", {"linux,dummy-virt"});
    tree.begin("psci")
        .texts("compatible", {"arm,psci-1.0", "arm,psci-0.2", "arm,psci"})
        .texts("method", {"hvc"})
        .end();
    if (options.two_nodes) {
        constexpr uint32_t half = FakeMachine::memory_size / 2;
        for (uint32_t node = 0; node < 2; ++node) {
            const uint32_t begin = low(FakeMachine::memory_begin) + node * half;
            tree.begin(node == 0 ? "memory@0" : "memory@1")
                .cells("reg", {0, begin, 0, half})
                .cells("numa-node-id", {node})
                .texts("device_type", {"memory"})
                .end();
        }
    } else if (options.without != "memory") {
        tree.begin("memory@40000000")
            .cells("reg", {0, low(FakeMachine::memory_begin), 0, low(FakeMachine::memory_size)})
            .texts("device_type", {"memory"})
            .end();
    }
    if (options.without != "cpus") {
        tree.begin("cpus").child_cells(1, 0);
        for (unsigned cpu = 0; cpu < options.cpus; ++cpu) {
            const std::string name = "cpu@" + std::to_string(cpu);
            tree.begin(name.c_str())
                .texts("device_type", {"cpu"})
                .texts("compatible", {"arm,cortex-a72"})
                .cells("reg", {cpu});
            if (options.scmi && cpu == 0) tree.cells("clocks", {0x9002, 1});
            if (options.scmi && cpu == 1) tree.cells("performance-domains", {0x9002, 0});
            if (options.scmi && cpu == 2) tree.cells("clocks", {0x9003, 1});
            tree.end();
        }
        tree.end();
    }
    if (options.without != "timer") {
        tree.begin("timer")
            .texts("compatible", {"arm,armv8-timer", "arm,armv7-timer"})
            .cells("interrupts", {1, 13, 0x104, 1, 14, 0x104, 1, 11, 0x104, 1, 10, 0x104})
            .end();
    }
    if (options.without != "intc") {
        tree.begin("intc@8000000")
            .texts("compatible", {"arm,cortex-a15-gic"})
            .cells("phandle", {0x8001})
            .cells("reg", {0, low(FakeMachine::distributor), 0, 0x10000, 0,
                           low(FakeMachine::cpu_interface), 0, 0x10000})
            .begin("v2m@8020000")
            .texts("compatible", {"arm,gic-v2m-frame"})
            .end()
            .end();
    }
    if (options.without != "pl011") {
        tree.begin("pl011@9000000")
            .texts("compatible", {"arm,pl011", "arm,primecell"})
            .cells("reg", {0, low(FakeMachine::uart), 0, 0x1000})
            .cells("interrupts", {0, 1, 4})
            .cells("clocks", {0x8000, 0x8000})
            .end();
    }
    tree.begin("apb-pclk")
        .texts("compatible", {"fixed-clock"})
        .cells("clock-frequency", {24'000'000})
        .cells("phandle", {0x8000})
        .end();
    if (options.scmi) add_scmi(tree);
    tree.begin("chosen").texts("stdout-path", {"/pl011@9000000"});
    if (options.archive_end != 0) {
        tree.wide("linux,initrd-start", options.archive_begin);
        tree.wide("linux,initrd-end", options.archive_end);
    }
    if (!options.command_line.empty()) tree.texts("bootargs", {options.command_line});
    return tree.end().end().finish();
}

// A phone: two banks, reserved memory, two clusters of which one CPU is off, a second UART.
inline std::string phone_tree() {
    TreeBuilder tree({{0x8000'0000, 0x1800}});
    tree.begin("").child_cells(2, 1).texts("compatible", {"vendor,phone"});
    tree.begin("memory")
        .texts("device_type", {"memory"})
        .cells("reg", {0, 0x8000'0000, 0x4000'0000, 8, 0x0000'0800, 0x2000'0000})
        .end();
    tree.begin("reserved-memory").child_cells(2, 2).bytes("ranges", "");
    tree.begin("firmware@bff00000").cells("reg", {0, 0xbff0'0000, 0, 0x10'0000}).end();
    tree.begin("modem@9000800").cells("reg", {0, 0x9000'0800, 0, 0x800}).end();
    tree.end();
    tree.begin("cpus").child_cells(2, 0);
    for (uint32_t cpu = 0; cpu < 4; ++cpu) {
        const std::string name = "cpu@" + std::to_string(cpu);
        tree.begin(name.c_str()).texts("device_type", {"cpu"});
        tree.cells("reg", {0, (cpu / 2) << 8 | cpu % 2});
        if (cpu == 1) tree.texts("status", {"disabled"});
        if (cpu == 2) tree.texts("status", {"okay"});
        tree.end();
    }
    tree.begin("cpu-map").begin("cluster0").end().end().end();
    tree.begin("psci").texts("compatible", {"arm,psci-0.2"}).texts("method", {"smc"}).end();
    tree.begin("serial@1000")
        .texts("compatible", {"arm,pl011"})
        .cells("reg", {0, 0x1000, 0x1000})
        .cells("interrupts", {0, 5, 4})
        .end();
    tree.begin("serial@2000")
        .texts("compatible", {"vendor,uart", "arm,pl011"})
        .cells("reg", {0, 0x2000, 0x1000})
        .cells("interrupts", {0, 6, 4})
        .cells("clocks", {7})
        .end();
    tree.begin("clock").cells("phandle", {7}).wide("clock-frequency", 48'000'000).end();
    tree.begin("gic")
        .texts("compatible", {"vendor,gic", "arm,gic-400"})
        .cells("reg", {0xa, 0x1000, 0x1000, 0xa, 0x2000, 0x2000, 0xa, 0x4000, 0x2000})
        .end();
    tree.begin("timer")
        .texts("compatible", {"arm,armv8-timer"})
        .cells("interrupts", {1, 13, 8, 1, 14, 8, 1, 11, 8})
        .end();
    tree.begin("chosen")
        .texts("stdout-path", {"/serial@2000:115200n8"})
        .texts("bootargs", {"trace=on cpus=2 -- hello world"})
        .cells("linux,initrd-start", {0x9800'0010})
        .cells("linux,initrd-end", {0x9800'0444})
        .end();
    return tree.end().finish();
}

}  // namespace kernel
