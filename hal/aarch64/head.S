// SPDX-License-Identifier: Apache-2.0
// Where the image starts: the header of the Linux arm64 boot protocol (Documentation/arch/arm64/
// booting.rst), the way from whatever level and with the MMU off into C++ at the high addresses.
//
// At entry: x0 = physical address of the device tree, MMU off, EL2 or EL1, interrupts masked.

.equ stack_slot, 4096 + 32768         // sizeof(GuardedStack)
.equ cpu_local_size, 64               // sizeof(CpuLocal)

.section .head, "ax"
.balign 8
image_head:
    b       primary_entry              // code0
    .word   header_placed_offset       // code1, never executed: offset of image_placed
    .quad   0                          // text_offset: a 2 MiB border itself
    .quad   header_image_size
    .quad   0xa                        // flags: little-endian, 4 KiB pages, anywhere in memory
    .quad   header_hold_offset         // 0x20, reserved: offset of kernel_hold()
    .quad   header_info_offset         // 0x28, reserved: offset of KernelInfo
    .quad   image_begin                // 0x30, reserved: address of the image, once it is placed
    .ascii  "ARM\x64"
    .word   header_file_size           // 0x3c, reserved: bytes of the file, to notice a cut-off one

.section .text.head, "ax"
primary_entry:
    msr     daifset, #0xf
    mov     x19, x0                    // device tree
    adrp    x20, image_begin           // physical, as the MMU is off
    bl      enter_el1

    adrp    x0, bss_begin
    adrp    x1, image_end
1:  stp     xzr, xzr, [x0], #16
    cmp     x0, x1
    b.lo    1b

    adrp    x0, kernel_stacks
    add     x0, x0, :lo12:kernel_stacks
    add     sp, x0, #4096              // the first stack, by its physical address
    add     sp, sp, #32768
    mov     x0, x19
    mov     x1, x20
    bl      place_image                // C++, runs anywhere: how far from where it is linked
    mov     x1, x0
    mov     x0, x20
    bl      build_boot_tables          // C++, likewise

    // What was written with caches off must not be hidden by stale lines.
    adrp    x0, bss_begin
    adrp    x1, image_end
2:  dc      ivac, x0
    add     x0, x0, #16                // the smallest line the architecture allows
    cmp     x0, x1
    b.lo    2b
    dsb     sy

.global image_placed
image_placed:                          // a debugger stops here to learn where: header word 0x30
    mov     x21, #0                    // CPU index
    bl      enable_mmu
    ldr     x0, =primary_high
    br      x0

primary_high:
    bl      become_cpu
    mov     x0, x19
    mov     x1, x20
    bl      hal_boot                   // C++, returns the first thread's frame
    b       resume_user

// Entry of a CPU that PSCI CPU_ON started; x0 = CPU index.
.global secondary_entry
secondary_entry:
    msr     daifset, #0xf
    mov     x21, x0
    bl      enter_el1
    bl      enable_mmu
    ldr     x0, =secondary_high
    br      x0

secondary_high:
    bl      become_cpu
    mov     x0, x21
    bl      hal_secondary
    b       resume_user

// Sets stack, vectors and TPIDR_EL1 of the CPU in x21.
become_cpu:
    ldr     x0, =vectors
    msr     vbar_el1, x0
    ldr     x0, =cpu_locals
    mov     x1, #cpu_local_size
    madd    x0, x21, x1, x0
    msr     tpidr_el1, x0
    str     x21, [x0, #8]
    ldr     x2, =kernel_stacks
    mov     x1, #stack_slot
    madd    x2, x21, x1, x2
    add     x2, x2, x1
    str     x2, [x0]
    mov     sp, x2
    isb
    ret

// Leaves EL2 for EL1, or stays at EL1. Clobbers x0, x1.
enter_el1:
    mrs     x0, currentel
    cmp     x0, #(2 << 2)
    b.ne    3f
    mov     x0, #(1 << 31)             // HCR_EL2.RW: EL1 is AArch64
    msr     hcr_el2, x0
    isb                                // EL2 registers have their plain layout from here on
    msr     mdcr_el2, xzr              // no trap of debug and performance registers
    mov     x0, #3                     // EL1 may use the physical counter and timer
    msr     cnthctl_el2, x0
    msr     cntvoff_el2, xzr
    mrs     x0, midr_el1
    msr     vpidr_el2, x0
    mrs     x0, mpidr_el1
    msr     vmpidr_el2, x0
    mov     x0, #0x33ff                // CPTR_EL2: no trap of FP and SIMD
    msr     cptr_el2, x0
    msr     hstr_el2, xzr
    msr     vttbr_el2, xzr
    ldr     x0, =0x30d00800            // SCTLR_EL1: reserved-one bits, MMU off
    msr     sctlr_el1, x0
    mov     x0, #0x3c5                 // EL1h, all interrupts masked
    msr     spsr_el2, x0
    msr     elr_el2, x30
    isb
    eret
3:  ret

// Turns translation on over the boot tables; returns at the physical address. Clobbers x0 to x3.
enable_mmu:
    ldr     x0, =0x04ff                // MAIR: 0 = write-back memory, 1 = Device-nGnRE
    msr     mair_el1, x0
    // TCR: 48 bits and 4 KiB on both sides, write-back inner-shareable walks, 16-bit ASIDs.
    ldr     x0, =0x10b5103510
    mrs     x1, id_aa64mmfr0_el1
    and     x1, x1, #0xf               // PARange becomes IPS
    cmp     x1, #5
    b.ls    4f
    mov     x1, #5                     // at most 48 bits with this granule
4:  bfi     x0, x1, #32, #3
    msr     tcr_el1, x0
    adrp    x0, boot_identity_table
    add     x0, x0, :lo12:boot_identity_table
    msr     ttbr0_el1, x0
    adrp    x0, kernel_root_table
    add     x0, x0, :lo12:kernel_root_table
    msr     ttbr1_el1, x0
    mov     x0, #(3 << 20)             // CPACR: FP and SIMD at EL0 and EL1
    msr     cpacr_el1, x0
    mov     x0, #2                     // CNTKCTL: EL0 may read the virtual counter
    msr     cntkctl_el1, x0
    mov     x0, #(1 << 12)             // MDSCR: no debug from EL0's own comms channel
    msr     mdscr_el1, x0
    msr     tpidrro_el0, xzr
    mrs     x0, id_aa64dfr0_el1        // PMUVer: 0 none, 15 not the architecture's
    ubfx    x0, x0, #8, #4
    cbz     x0, 5f
    cmp     x0, #15
    b.eq    5f
    msr     pmuserenr_el0, xzr         // EL0 has no performance counters
5:
    dsb     sy
    tlbi    vmalle1
    ic      iallu
    dsb     sy
    isb
    // SCTLR: reserved-one bits; MMU, caches, stack alignment checks; EL0 may use WFI, WFE, DC ZVA,
    // cache maintenance by address and CTR_EL0.
    ldr     x0, =0x34d5d91d
    msr     sctlr_el1, x0
    isb
    ret
.ltorg
