// SPDX-License-Identifier: Apache-2.0
// MachineDescription: what the kernel takes from the device tree, in plain values.
#pragma once

#include "hal/types.hpp"
#include "kernel/abi/info.hpp"
#include "kernel/boot/device_tree.hpp"
#include "kernel/memory/frames/frame_strategy.hpp"

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

    static constexpr unsigned max_nodes = abi::max_memory_nodes;

    FrameRange banks[max_banks] = {};   // RAM, whole frames
    uint32_t bank_ids[max_banks] = {};  // numa-node-id of each, 0 where the tree says nothing
    unsigned bank_count = 0;
    // NUMA nodes: those that have memory, by their least id first; other numbers are indices here.
    uint32_t node_ids[max_nodes] = {};
    unsigned node_count = 0;
    unsigned bank_nodes[max_banks] = {};
    unsigned cpu_nodes[hal::max_cpus] = {};         // 0 for a CPU of a node without memory
    uint32_t distances[max_nodes][max_nodes] = {};  // from, to; 0 where the tree says nothing
    FrameRange reserved[max_reserved] = {};         // not to be used: firmware, the tree's own list
    unsigned reserved_count = 0;

    uint64_t cpu_ids[hal::max_cpus] = {};  // MPIDR affinity, in the order of the tree
    // The SCMI performance domain of each CPU; no_domain where the tree names none.
    uint32_t cpu_domains[hal::max_cpus] = {};
    uint32_t cpu_capacities[hal::max_cpus] = {};  // capacity-dmips-mhz, or 0
    uint32_t cpu_node_ids[hal::max_cpus] = {};    // numa-node-id, 0 where the tree says nothing
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
    Property random_seed;           // /chosen/rng-seed, or not present
    const char* missing = nullptr;  // what describe_machine() could not find

    // Whether a range holds any RAM, or anything that the tree reserves.
    [[nodiscard]] bool has_memory_in(const FrameRange& range) const;
};

// Fills `machine`. NotFound, with `missing` set, when something the kernel needs is not described.
[[nodiscard]] Status describe_machine(const DeviceTree& tree, MachineDescription& machine);

}  // namespace kernel
