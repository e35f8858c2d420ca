// SPDX-License-Identifier: Apache-2.0
// Machine: what a phone is made of, as data. The SystemC model is built from it, and the device
// tree is generated from it, so the two cannot disagree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace orrery::phone {

struct CpuCore {
    std::string compatible;  // as in the device tree
    uint64_t mpidr;          // affinity: cluster in bits 15:8, core in bits 7:0
    uint64_t frequency;      // Hz
    uint32_t capacity;       // relative, as capacity-dmips-mhz

    // CPUs of a cluster share a clock and a rail.
    [[nodiscard]] size_t cluster() const { return mpidr >> 8 & 0xff; }
    // Its file of sim/data/cores: "arm,cortex-a55" is "cortex-a55".
    [[nodiscard]] std::string type() const { return compatible.substr(compatible.find(',') + 1); }
};

struct MemoryNode {
    uint64_t base;
    uint64_t size;
};

struct Machine {
    std::string name;
    std::string model;
    std::vector<CpuCore> cpus;
    std::vector<MemoryNode> memory;  // one NUMA node each
    uint64_t timer_frequency;        // Hz, of the generic timer's counter

    uint64_t gic_distributor;
    uint64_t gic_cpu_interface;
    uint64_t uart;
    uint32_t uart_spi;
    uint64_t uart_clock;
    uint64_t rtc;
    uint32_t rtc_spi;
    uint32_t rtc_epoch;  // seconds since 1970 at power-on
    uint64_t mailbox;
    uint32_t mailbox_low_spi;
    uint32_t mailbox_high_spi;
    uint64_t shared_memory;  // of the system control processor; the SCMI channel is at its start
    uint64_t shared_memory_size;
};

// The default machine: 4 little and 4 big CPUs, two memory nodes. Device addresses follow the Arm
// Versatile Express memory map (DUI 0447), those of mailbox and shared memory the Juno board
// (DDI 0515). Clock rates are of the class of such a phone; they are
// modelled, not calibrated against a product. Throws std::runtime_error for an unknown name.
[[nodiscard]] const Machine& machine_by_name(const std::string& name);

// Interrupt ids of the generic timer (Base System Architecture, DEN 0094, table of PPIs).
constexpr uint32_t virtual_timer_interrupt = 27;
constexpr uint32_t physical_timer_interrupt = 30;

}  // namespace orrery::phone
