// SPDX-License-Identifier: Apache-2.0
// Driver of the Arm Generic Interrupt Controller, architecture version 2.
#include "kernel/drivers/gicv2.hpp"

#include "hal/machine.hpp"

namespace kernel {
namespace {

using hal::Machine;

// Distributor (IHI 0048B, section 4.1.2).
enum Distributor : uint64_t {
    GICD_CTLR = 0x000,        // rw  Distributor Control
    GICD_TYPER = 0x004,       // ro  Interrupt Controller Type
    GICD_ISENABLER = 0x100,   // rw  Interrupt Set-Enable, 1 bit each
    GICD_ICENABLER = 0x180,   // rw  Interrupt Clear-Enable, 1 bit each
    GICD_ICPENDR = 0x280,     // rw  Interrupt Clear-Pending, 1 bit each
    GICD_ICACTIVER = 0x380,   // rw  Interrupt Clear-Active, 1 bit each
    GICD_IPRIORITYR = 0x400,  // rw  Interrupt Priority, 8 bits each
    GICD_ITARGETSR = 0x800,   // rw  Interrupt Processor Targets, 8 bits each
    GICD_SGIR = 0xf00,        // wo  Software Generated Interrupt
    GICD_ICPIDR2 = 0xfe8,     // ro  Peripheral ID2: architecture revision in bits 7:4
};

// CPU interface (section 4.1.3).
enum CpuInterface : uint64_t {
    GICC_CTLR = 0x000,  // rw  CPU Interface Control
    GICC_PMR = 0x004,   // rw  Interrupt Priority Mask
    GICC_BPR = 0x008,   // rw  Binary Point
    GICC_IAR = 0x00c,   // ro  Interrupt Acknowledge
    GICC_EOIR = 0x010,  // wo  End of Interrupt
};

constexpr uint32_t private_interrupts = 32;
constexpr uint32_t default_priority = 0xa0;
constexpr uint32_t all_priorities = 0xf0;
constexpr uint32_t four_times = 0x0101'0101;

}  // namespace

Status Gicv2::initialise(hal::PhysicalAddress distributor, hal::PhysicalAddress cpu_interface) {
    distributor_ = Machine::map_device(distributor, 0x1000);
    cpu_interface_ = Machine::map_device(cpu_interface, 0x2000);
    if (distributor_ == 0 || cpu_interface_ == 0) return Status::NoMemory;
    const uint32_t architecture = Machine::read32(distributor_ + GICD_ICPIDR2) >> 4 & 0xf;
    if (architecture != 2) return Status::Unsupported;

    Machine::write32(distributor_ + GICD_CTLR, 0);
    const uint32_t interrupts = ((Machine::read32(distributor_ + GICD_TYPER) & 0x1f) + 1) * 32;
    lines_ = interrupts;
    for (uint32_t i = private_interrupts; i < interrupts; i += 32) {
        quieten(i);
    }
    for (uint32_t i = private_interrupts; i < interrupts; i += 4) {
        Machine::write32(distributor_ + GICD_IPRIORITYR + i, default_priority * four_times);
    }
    Machine::write32(distributor_ + GICD_CTLR, 1);
    return Status::Ok;
}

void Gicv2::initialise_cpu() {
    // The banked target registers of private interrupts read as the reader's own bit.
    own_target_[Machine::cpu_index()] =
        static_cast<uint8_t>(Machine::read32(distributor_ + GICD_ITARGETSR) & 0xff);
    quieten(0);
    for (uint32_t i = 0; i < private_interrupts; i += 4) {
        Machine::write32(distributor_ + GICD_IPRIORITYR + i, default_priority * four_times);
    }
    Machine::write32(distributor_ + GICD_ISENABLER, 0xffff);  // all SGIs
    Machine::write32(cpu_interface_ + GICC_PMR, all_priorities);
    Machine::write32(cpu_interface_ + GICC_BPR, 0);
    Machine::write32(cpu_interface_ + GICC_CTLR, 1);
}

// Whatever ran before may have left interrupts enabled, pending or active.
void Gicv2::quieten(uint32_t first) {
    Machine::write32(distributor_ + GICD_ICENABLER + first / 8, 0xffff'ffff);
    Machine::write32(distributor_ + GICD_ICPENDR + first / 8, 0xffff'ffff);
    Machine::write32(distributor_ + GICD_ICACTIVER + first / 8, 0xffff'ffff);
}

void Gicv2::enable(uint32_t interrupt) {
    if (interrupt >= private_interrupts) {
        const uint64_t target = distributor_ + GICD_ITARGETSR + interrupt / 4 * 4;
        const uint32_t shift = interrupt % 4 * 8;
        uint32_t value = Machine::read32(target) & ~(0xffU << shift);
        value |= static_cast<uint32_t>(own_target_[Machine::cpu_index()]) << shift;
        Machine::write32(target, value);
    }
    Machine::write32(distributor_ + GICD_ISENABLER + interrupt / 32 * 4, 1U << interrupt % 32);
}

void Gicv2::disable(uint32_t interrupt) {
    Machine::write32(distributor_ + GICD_ICENABLER + interrupt / 32 * 4, 1U << interrupt % 32);
}

uint32_t Gicv2::acknowledge() {
    return Machine::read32(cpu_interface_ + GICC_IAR);
}

void Gicv2::end(uint32_t acknowledged) {
    Machine::write32(cpu_interface_ + GICC_EOIR, acknowledged);
}

void Gicv2::send(unsigned cpu, uint32_t interrupt) {
    const uint32_t target = static_cast<uint32_t>(own_target_[cpu]) << 16;
    Machine::write32(distributor_ + GICD_SGIR, target | interrupt);
}

}  // namespace kernel
