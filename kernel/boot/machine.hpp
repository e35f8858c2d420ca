// SPDX-License-Identifier: Apache-2.0
// MachineDescription: what the kernel takes from the device tree, in plain values.
#pragma once

#include "hal/types.hpp"
#include "kernel/boot/device_tree.hpp"
#include "kernel/memory/frame_allocator.hpp"

namespace kernel {

// Where the SCMI platform is reached: a doorbell of a mailbox, and shared memory.
struct ScmiDescription {
    PhysicalAddress mailbox = 0;  // an MHU; 0: there is no SCMI
    uint32_t channel = 0;
    uint32_t doorbell = 0;  // number of the bit
    PhysicalAddress shared_memory = 0;
    uint64_t shared_size = 0;
};

struct MachineDescription {
    static constexpr uint32_t no_domain = UINT32_MAX;

    static constexpr unsigned max_banks = 8;
    static constexpr unsigned max_reserved = 16;

    FrameRange banks[max_banks] = {};  // RAM, whole frames
    unsigned bank_count = 0;
    FrameRange reserved[max_reserved] = {};  // not to be used: firmware, the tree's own list
    unsigned reserved_count = 0;

    uint64_t cpu_ids[hal::max_cpus] = {};  // MPIDR affinity, in the order of the tree
    // The SCMI performance domain of each CPU; no_domain where the tree names none.
    uint32_t cpu_domains[hal::max_cpus] = {};
    unsigned cpu_count = 0;
    hal::PowerConduit conduit = hal::PowerConduit::None;

    PhysicalAddress gic_distributor = 0;  // GICv2
    PhysicalAddress gic_cpu_interface = 0;
    uint32_t timer_interrupt = 0;  // INTID of the virtual timer
    PhysicalAddress uart = 0;      // PL011
    uint32_t uart_interrupt = 0;
    uint64_t uart_clock = 0;  // Hz, 0 when the tree does not say

    ScmiDescription scmi = {};

    FrameRange archive = {};  // bytes, as /chosen gives them
    std::string_view command_line;
    const char* missing = nullptr;  // what describe_machine() could not find
};

// Fills `machine`. NotFound, with `missing` set, when something the kernel needs is not described.
[[nodiscard]] Status describe_machine(const DeviceTree& tree, MachineDescription& machine);

}  // namespace kernel
