// SPDX-License-Identifier: Apache-2.0
// Registers of the Arm Generic Interrupt Controller, architecture version 2 (Arm IHI 0048B), as
// seen without the Security Extensions, and the identification of a GIC-400 r0p1 (Arm DDI 0471).
#pragma once

#include <cstdint>

namespace orrery::devices {

// Distributor. B: one copy a CPU for interrupts 0 to 31. b: bytes may be accessed as well as words.
enum class GicDistributor : uint32_t {
    GICD_CTLR = 0x000,        // RW     Distributor Control Register
    GICD_TYPER = 0x004,       // RO     Interrupt Controller Type Register
    GICD_IIDR = 0x008,        // RO     Distributor Implementer Identification Register
    GICD_IGROUPR = 0x080,     // RAZ/WI Interrupt Group Registers: all in Group 0
    GICD_ISENABLER = 0x100,   // RW B   Interrupt Set-Enable Registers
    GICD_ICENABLER = 0x180,   // RW B   Interrupt Clear-Enable Registers
    GICD_ISPENDR = 0x200,     // RW B   Interrupt Set-Pending Registers
    GICD_ICPENDR = 0x280,     // RW B   Interrupt Clear-Pending Registers
    GICD_ISACTIVER = 0x300,   // RW B   Interrupt Set-Active Registers
    GICD_ICACTIVER = 0x380,   // RW B   Interrupt Clear-Active Registers
    GICD_IPRIORITYR = 0x400,  // RW Bb  Interrupt Priority Registers
    GICD_ITARGETSR = 0x800,   // RW Bb  Interrupt Processor Targets Registers
    GICD_ICFGR = 0xC00,       // RW B   Interrupt Configuration Registers
    GICD_SGIR = 0xF00,        // WO     Software Generated Interrupt Register
    GICD_CPENDSGIR = 0xF10,   // RW Bb  SGI Clear-Pending Registers
    GICD_SPENDSGIR = 0xF20,   // RW Bb  SGI Set-Pending Registers
    GICD_PIDR4 = 0xFD0,       // RO     Peripheral Identification Registers 4 to 7
    GICD_PIDR0 = 0xFE0,       // RO     Peripheral Identification Registers 0 to 3
    GICD_CIDR0 = 0xFF0,       // RO     Component Identification Registers 0 to 3
};

// CPU interface: every register has one copy a CPU.
enum class GicCpuInterface : uint32_t {
    GICC_CTLR = 0x0000,   // RW  CPU Interface Control Register
    GICC_PMR = 0x0004,    // RW  Interrupt Priority Mask Register
    GICC_BPR = 0x0008,    // RW  Binary Point Register
    GICC_IAR = 0x000C,    // RO  Interrupt Acknowledge Register
    GICC_EOIR = 0x0010,   // WO  End of Interrupt Register
    GICC_RPR = 0x0014,    // RO  Running Priority Register
    GICC_HPPIR = 0x0018,  // RO  Highest Priority Pending Interrupt Register
    GICC_APR0 = 0x00D0,   // RW  Active Priorities Register
    GICC_IIDR = 0x00FC,   // RO  CPU Interface Identification Register
    GICC_DIR = 0x1000,    // WO  Deactivate Interrupt Register
};

struct GicDistributorControl final {  // GICD_CTLR
    static constexpr uint32_t ENABLE = 1U << 0U;
};

struct GicCpuControl final {  // GICC_CTLR
    static constexpr uint32_t ENABLE = 1U << 0U;
    static constexpr uint32_t EOIMODE = 1U << 9U;  // GICC_EOIR drops the priority only
};

struct GicIdentification final {
    static constexpr uint32_t GICD_IIDR = 0x0200143B;
    static constexpr uint32_t GICC_IIDR = 0x0202143B;
    static constexpr uint32_t PIDR = 0x002BB490;  // PIDR3 to PIDR0
    static constexpr uint32_t PIDR4 = 0x04;
};

}  // namespace orrery::devices
