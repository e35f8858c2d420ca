// SPDX-License-Identifier: Apache-2.0
// Exception vectors and the way back to EL0.
//
// While a thread runs, SP_EL1 points behind its UserFrame: an exception from EL0 stores the
// registers there, then takes the CPU's kernel stack. Inside the kernel SP_EL1 is that stack.
//
// Labels path_... bound the stretches whose cost the simulator's native kernel is charged
// (sim/compiler/path_costs.cpp).

.equ frame_size, 288
.equ frame_x30_sp, 240                 // x[30], sp
.equ frame_pc_pstate, 256
.equ frame_tpidr, 272

.equ kind_synchronous, 0
.equ kind_interrupt, 1
.equ kind_system_error, 2

.macro user_entry kind
    .align 7
    stp     x0, x1, [sp, #-frame_size]!
    mov     x0, #\kind
    b       from_user
.endm

.macro kernel_fault kind
    .align 7
    msr     spsel, #0                  // the kernel stack may be what is broken
    mov     x2, #\kind
    b       from_kernel_fault
.endm

.section .text.vectors, "ax"
.align 11
.global vectors
vectors:
    kernel_fault kind_synchronous      // current EL, SP_EL0: never used
    kernel_fault kind_interrupt
    kernel_fault kind_interrupt
    kernel_fault kind_system_error

    kernel_fault kind_synchronous      // current EL, SP_EL1: the kernel itself
    .align 7
path_kernel_vector:
    b       interrupt_in_kernel
path_kernel_vector_end:
    kernel_fault kind_interrupt
    kernel_fault kind_system_error

    .align 7
path_user_vector:
    user_entry kind_synchronous        // EL0, AArch64
path_user_vector_end:
    user_entry kind_interrupt
    user_entry kind_interrupt
    user_entry kind_system_error

    kernel_fault kind_synchronous      // EL0, AArch32: no thread ever is
    kernel_fault kind_interrupt
    kernel_fault kind_interrupt
    kernel_fault kind_system_error
    .align 7

// sp = UserFrame with x0 and x1 stored, x0 = kind.
from_user:
path_from_user:
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    mrs     x2, sp_el0
    stp     x30, x2, [sp, #frame_x30_sp]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x2, x3, [sp, #frame_pc_pstate]
    mrs     x2, tpidr_el0
    str     x2, [sp, #frame_tpidr]
    mrs     x2, tpidr_el1              // CpuLocal
    ldr     x2, [x2]
    mov     sp, x2
    mov     x29, #0                    // backtraces end here
    mrs     x2, esr_el1                // hal::Trap in x0 and x1
    orr     x0, x0, x2, lsl #32
    mrs     x1, far_el1
    bl      hal_trap                   // hal::Resume in x0 and x1
    cbnz    x1, resume_same
    cbz     x0, leave_above

// x0 = UserFrame of the thread to run.
.global resume_user
resume_user:
    ldp     x2, x3, [x0, #frame_pc_pstate]
    msr     elr_el1, x2
    and     x3, x3, #0xf0000000        // only NZCV: EL0, AArch64, interrupts on
    msr     spsr_el1, x3
    ldr     x2, [x0, #frame_tpidr]
    msr     tpidr_el0, x2
    ldp     x30, x2, [x0, #frame_x30_sp]
    msr     sp_el0, x2
    add     sp, x0, #frame_size
    ldp     x2, x3, [x0, #16]
    ldp     x4, x5, [x0, #32]
    ldp     x6, x7, [x0, #48]
    ldp     x8, x9, [x0, #64]
    ldp     x10, x11, [x0, #80]
    ldp     x12, x13, [x0, #96]
    ldp     x14, x15, [x0, #112]
    ldp     x16, x17, [x0, #128]
    ldp     x18, x19, [x0, #144]
    ldp     x20, x21, [x0, #160]
    ldp     x22, x23, [x0, #176]
    ldp     x24, x25, [x0, #192]
    ldp     x26, x27, [x0, #208]
    ldp     x28, x29, [x0, #224]
    ldp     x0, x1, [x0]
    eret

// x0 = UserFrame of the thread that has trapped, which goes on where it was: without an interrupt
// in the kernel, ELR_EL1, SPSR_EL1, SP_EL0 and TPIDR_EL0 are still its own, and so are x19 to x28,
// which C++ functions preserve.
resume_same:
    add     sp, x0, #frame_size
    ldp     x2, x3, [x0, #16]
    ldp     x4, x5, [x0, #32]
    ldp     x6, x7, [x0, #48]
    ldp     x8, x9, [x0, #64]
    ldp     x10, x11, [x0, #80]
    ldp     x12, x13, [x0, #96]
    ldp     x14, x15, [x0, #112]
    ldp     x16, x17, [x0, #128]
    ldr     x18, [x0, #144]
    ldp     x29, x30, [x0, #232]
    ldp     x0, x1, [x0]
    eret

// void hal_run_above(UserFrame*): the thread runs, and what traps starts its stack below what is in
// use. The caller's registers lie there, and where the stack started before.
.global hal_run_above
hal_run_above:
    stp     x29, x30, [sp, #-112]!
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    mrs     x1, tpidr_el1              // CpuLocal
    ldr     x2, [x1]
    str     x2, [sp, #96]
    mov     x2, sp
    str     x2, [x1]
    b       resume_user
path_run_above_end:

// Nothing runs above any more: hal_run_above() returns.
leave_above:
    mrs     x1, tpidr_el1
    ldr     x2, [x1]
    mov     sp, x2
    ldr     x2, [sp, #96]
    str     x2, [x1]
    ldp     x19, x20, [sp, #16]
    ldp     x21, x22, [sp, #32]
    ldp     x23, x24, [sp, #48]
    ldp     x25, x26, [sp, #64]
    ldp     x27, x28, [sp, #80]
    ldp     x29, x30, [sp], #112
    ret
path_leave_above_end:

// An interrupt between interrupts_on() and interrupts_off(): only what a C++ function may change
// has to be kept.
interrupt_in_kernel:
    stp     x0, x1, [sp, #-192]!
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x29, [sp, #144]
    mrs     x0, elr_el1
    mrs     x1, spsr_el1
    stp     x30, x0, [sp, #160]
    str     x1, [sp, #176]
    bl      hal_interrupt_in_kernel
path_kernel_return:
    ldr     x1, [sp, #176]
    ldp     x30, x0, [sp, #160]
    msr     elr_el1, x0
    msr     spsr_el1, x1
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x29, [sp, #144]
    ldp     x0, x1, [sp], #192
    eret
path_kernel_return_end:

// x2 = kind, SP_EL0 selected. The kernel is done for; all CPUs share the last stack, the first to
// fall says what there is to say.
from_kernel_fault:
    ldr     x0, =last_stack_top
    mov     sp, x0
    mrs     x3, esr_el1
    orr     x0, x2, x3, lsl #32
    mrs     x1, far_el1
    mrs     x2, elr_el1
    bl      hal_fault_in_kernel

// A place for a debugger's breakpoint; the first instruction may be skipped.
.section .text.kernel_hold, "ax"
.global kernel_hold
kernel_hold:
    nop
    ret

.section .bss.last_stack, "aw", %nobits
.align 4
    .skip   8192
last_stack_top:
