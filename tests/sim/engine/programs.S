// SPDX-License-Identifier: Apache-2.0
// The programs that the tests of the engine run at EL0: a table of offsets, then the code. Each ends
// with SVC unless it says otherwise. X1 is the address to use, X0 the result.
        .text
        .balign 8
#define PROGRAM(name) .word name - .Lstart
.Lstart:
#include "programs.def"
#undef PROGRAM
        .balign 64

svc_7:  mov     x0, #5
        add     x0, x0, #1
        svc     #7

load:   nop
        ldr     x0, [x1]
        add     x9, x9, #1
        svc     #1

store:  nop
        str     x0, [x1]
        add     x9, x9, #1
        svc     #1

load_pair:
        ldp     x2, x3, [x1]
        svc     #1

load_post_index:
        ldr     x0, [x1], #8
        svc     #1

zero_block:
        dc      zva, x1
        svc     #1

branch: br      x1

load_exclusive:
        ldxr    x0, [x1]
        svc     #1

undefined:
        nop
        udf     #0

read_sctlr:
        mrs     x0, sctlr_el1
        svc     #1

read_current_el:
        mrs     x0, CurrentEL
        svc     #1

read_timer_control:
        mrs     x0, cntv_ctl_el0
        svc     #1

mask_interrupts:
        msr     daifset, #2
        svc     #1

hypervisor_call:
        .word   0xd4000002      // hvc #0
        svc     #1

monitor_call:
        .word   0xd4000003      // smc #0
        svc     #1

breakpoint:
        brk     #1

wait_for_interrupt:
        mov     x0, #1
        wfi
        mov     x0, #2
        svc     #1

wait_for_event:
        wfe
        yield
        sev
        svc     #1

read_counters:
        mrs     x2, cntvct_el0
        mrs     x3, cntpct_el0
        mrs     x4, cntfrq_el0
        mrs     xzr, cntvct_el0
        mrs     x30, cntvct_el0
        mrs     x5, ctr_el0
        mrs     x6, dczid_el0
        svc     #1

// Never ends: two instructions a block.
count_up:
        add     x0, x0, #1
        b       count_up

// Never ends: far more than a block may hold.
long_block:
        .rept   900
        add     x0, x0, #1
        .endr
        b       long_block

// Adds 1 to [X1] X2 times; the monitor must be held over a block boundary.
exclusive_increment:
        ldxr    x3, [x1]
        add     x3, x3, #1
        b       1f
1:      stxr    w4, x3, [x1]
        cbnz    w4, exclusive_increment
        subs    x2, x2, #1
        b.ne    exclusive_increment
        svc     #1

// W4 tells whether the store was done, after a trap in the middle.
load_linked_then_trap:
        ldxr    x3, [x1]
        svc     #2
        stxr    w4, x3, [x1]
        svc     #1

patch_x1_with_w0:
        str     w0, [x1]
        dc      cvau, x1
        dsb     ish
        ic      ivau, x1
        dsb     ish
        isb
        svc     #1

invalidate_x1:
        ic      ivau, x1
        dsb     ish
        isb
        svc     #1

return_1:
        mov     x0, #1
        svc     #1

return_2:
        mov     x0, #2
        svc     #1

flags_and_thread:
        cset    x2, eq
        cset    x3, cs
        mrs     x4, tpidr_el0
        msr     tpidr_el0, x5
        mov     x6, sp
        mov     sp, x7
        cmp     x8, x8
        svc     #1

double_v0:
        fadd    v0.2d, v0.2d, v0.2d
        add     v31.16b, v31.16b, v31.16b
        svc     #1

// Stores X2 words from X1 on.
fill_words:
        str     x0, [x1], #8
        subs    x2, x2, #1
        b.ne    fill_words
        svc     #1

// A load from X1 between counted instructions of one block.
device_in_the_middle:
        add     x9, x9, #1
        ldr     w0, [x1]
        add     x9, x9, #1
        str     w0, [x1, #4]
        add     x9, x9, #1
        svc     #1

device_exclusive:
        ldxr    w0, [x1]
        stxr    w2, w0, [x1]
        svc     #1

// Copies 4 KiB from X1 to X2.
copy_page:
        mov     x3, #64
1:      ldp     x4, x5, [x1], #16
        ldp     x6, x7, [x1], #16
        ldp     x10, x11, [x1], #16
        ldp     x12, x13, [x1], #16
        stp     x4, x5, [x2], #16
        stp     x6, x7, [x2], #16
        stp     x10, x11, [x2], #16
        stp     x12, x13, [x2], #16
        subs    x3, x3, #1
        b.ne    1b
        svc     #1

// Branches, loads, stores of every size and code that rewrites itself at X2; X3 rounds.
mixed_work:
        mov     w10, #0x0020
        movk    w10, #0xd280, lsl #16   // mov x0, #1
        mov     w11, #0x03c0
        movk    w11, #0xd65f, lsl #16   // ret
        mov     x12, x1
1:      and     x4, x3, #7
        add     w13, w10, w4, lsl #5
        stp     w13, w11, [x2]
        ic      ivau, x2
        dsb     ish
        isb
        blr     x2
        add     x9, x9, x0
        strb    w9, [x12], #1
        strh    w9, [x1, #256]
        str     w9, [x1, #512]
        str     x9, [x1, #1024]
        ldr     x5, [x1, #1024]
        tbz     x3, #0, 2f
        eor     x9, x9, x5, lsl #7
2:      subs    x3, x3, #1
        b.ne    1b
        svc     #1
