// SPDX-License-Identifier: Apache-2.0
// The AArch64 system registers and system instructions that the engine touches, by encoding.
#pragma once

#include <cstdint>

namespace orrery::engine {

struct SystemRegister final {
    std::uint32_t op0, op1, crn, crm, op2;
    bool operator==(const SystemRegister&) const = default;
};

// From the library's form, whose fields bear the same names.
template <typename Encoded>
[[nodiscard]] SystemRegister decode(const Encoded& encoded) {
    return {encoded.op0, encoded.op1, encoded.crn, encoded.crm, encoded.op2};
}

namespace system_register {
inline constexpr SystemRegister sctlr_el1{3, 0, 1, 0, 0};  // System Control
inline constexpr SystemRegister cpacr_el1{3, 0, 1, 0, 2};  // Architectural Feature Access Control
inline constexpr SystemRegister ttbr0_el1{3, 0, 2, 0, 0};  // Translation Table Base 0
inline constexpr SystemRegister ttbr1_el1{3, 0, 2, 0, 1};  // Translation Table Base 1
inline constexpr SystemRegister tcr_el1{3, 0, 2, 0, 2};    // Translation Control
inline constexpr SystemRegister spsr_el1{3, 0, 4, 0, 0};   // Saved Program Status
inline constexpr SystemRegister elr_el1{3, 0, 4, 0, 1};    // Exception Link
inline constexpr SystemRegister esr_el1{3, 0, 5, 2, 0};    // Exception Syndrome
inline constexpr SystemRegister far_el1{3, 0, 6, 0, 0};    // Fault Address
inline constexpr SystemRegister vbar_el1{3, 0, 12, 0, 0};  // Vector Base Address
inline constexpr SystemRegister mair_el1{3, 0, 10, 2, 0};  // Memory Attribute Indirection
inline constexpr SystemRegister cntkctl_el1{3, 0, 14, 1, 0};    // Counter-timer Kernel Control
inline constexpr SystemRegister hcr_el2{3, 4, 1, 1, 0};         // Hypervisor Configuration
inline constexpr SystemRegister vmpidr_el2{3, 4, 0, 0, 5};      // Virtualization Multiprocessor ID
inline constexpr SystemRegister scr_el3{3, 6, 1, 1, 0};         // Secure Configuration
inline constexpr SystemRegister cntfrq_el0{3, 3, 14, 0, 0};     // Counter-timer Frequency
inline constexpr SystemRegister cntpct_el0{3, 3, 14, 0, 1};     // Counter-timer Physical Count
inline constexpr SystemRegister cntvct_el0{3, 3, 14, 0, 2};     // Counter-timer Virtual Count
inline constexpr SystemRegister cntp_tval_el0{3, 3, 14, 2, 0};  // Physical Timer TimerValue
inline constexpr SystemRegister cntp_ctl_el0{3, 3, 14, 2, 1};   // Physical Timer Control
inline constexpr SystemRegister cntp_cval_el0{3, 3, 14, 2, 2};  // Physical Timer CompareValue
inline constexpr SystemRegister cntv_tval_el0{3, 3, 14, 3, 0};  // Virtual Timer TimerValue
inline constexpr SystemRegister cntv_ctl_el0{3, 3, 14, 3, 1};   // Virtual Timer Control
inline constexpr SystemRegister cntv_cval_el0{3, 3, 14, 3, 2};  // Virtual Timer CompareValue
}  // namespace system_register

namespace system_instruction {
inline constexpr SystemRegister ic_ivau{1, 3, 7, 5, 1};       // Instruction Cache Invalidate by VA
inline constexpr SystemRegister ic_iallu{1, 0, 7, 5, 0};      // Instruction Cache Invalidate, all
inline constexpr SystemRegister ic_ialluis{1, 0, 7, 1, 0};    // the same of all CPUs
inline constexpr SystemRegister dc_cvac{1, 3, 7, 10, 1};      // Data Cache Clean by VA to PoC
inline constexpr SystemRegister dc_cvau{1, 3, 7, 11, 1};      // Data Cache Clean by VA to PoU
inline constexpr SystemRegister dc_civac{1, 3, 7, 14, 1};     // the same as CVAC, and Invalidate
inline constexpr SystemRegister tlbi_vmalle1{1, 0, 8, 7, 0};  // TLB Invalidate, all at EL1 and EL0
inline constexpr SystemRegister tlbi_vae1{1, 0, 8, 7, 1};     // TLB Invalidate by VA
}  // namespace system_instruction

namespace bits {
// SCTLR_EL1: MMU and caches on; EL0 may use DC ZVA, CTR_EL0, WFI, WFE and cache maintenance by VA.
inline constexpr std::uint64_t sctlr_user =
    1u << 0 | 1u << 2 | 1u << 12 | 1u << 14 | 1u << 15 | 1u << 16 | 1u << 18 | 1u << 26;
// CPACR_EL1.FPEN: floating point and vectors are not trapped.
inline constexpr std::uint64_t cpacr_floating_point = 3u << 20;
// TCR_EL1: 48-bit addresses and 4 KiB granules on both sides, inner shareable write-back walks,
// 48-bit physical addresses, 16-bit ASIDs.
inline constexpr std::uint64_t tcr_4k_48bit = 16ull | 1ull << 8 | 1ull << 10 | 3ull << 12 |
                                              16ull << 16 | 1ull << 24 | 1ull << 26 | 3ull << 28 |
                                              2ull << 30 | 5ull << 32 | 1ull << 36;
// HCR_EL2.RW and SCR_EL3.{RW,HCE,NS}, RES1: EL1 is AArch64 and Non-secure.
inline constexpr std::uint64_t hcr_aarch64 = 1ull << 31;
inline constexpr std::uint64_t hcr_virtual_interrupts = 1u << 4;  // HCR_EL2.IMO
inline constexpr std::uint64_t hcr_interrupt_pending = 1u << 7;   // HCR_EL2.VI
inline constexpr std::uint64_t scr_aarch64_nonsecure = 0x501;
// CNTKCTL_EL1.{EL0PCTEN,EL0VCTEN}: EL0 reads the counters, but not the timers.
inline constexpr std::uint64_t cntkctl_counters = 3;
inline constexpr std::uint64_t vmpidr_res1 = 1ull << 31;
inline constexpr std::uint64_t pstate_nzcv = 0xf000'0000;
inline constexpr std::uint32_t pstate_daif = 0x3c0;
inline constexpr std::uint64_t pstate_irq = 1ull << 7;  // masks interrupts
inline constexpr std::uint32_t pstate_mode = 0x1f;
inline constexpr std::uint32_t pstate_level = 0xc;
inline constexpr std::uint32_t pstate_el1h = 5;
// SCTLR_EL1: the bits that are reserved as one; MMU and caches off.
inline constexpr std::uint64_t sctlr_reset = 0x30d0'0800;
inline constexpr std::uint64_t sctlr_mmu = 1;
// TCR_EL1.{T0SZ,TG0,T1SZ,TG1}.
inline constexpr std::uint64_t tcr_geometry = 0x3full | 3ull << 14 | 0x3full << 16 | 3ull << 30;
inline constexpr std::uint64_t address_mask = (1ull << 48) - 1;
inline constexpr unsigned ttbr_asid_shift = 48;
inline constexpr std::uint64_t page_size = 4096;
inline constexpr std::uint64_t page_mask = page_size - 1;
}  // namespace bits

}  // namespace orrery::engine
