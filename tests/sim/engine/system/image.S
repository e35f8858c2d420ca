// SPDX-License-Identifier: Apache-2.0
// What the tests of the system engine run, from physical address `ram` on with the MMU off: a table
// of offsets, then the code. A program ends with HVC #0 and X0 = 0x1111, which the tests' firmware
// keeps. X1 is the address to use.
        .text
        .balign 8
#define PROGRAM(name) .word name - .Lstart
.Lstart:
#include "image.def"
#undef PROGRAM

.macro end
        mov     x0, #0x1111
        hvc     #0
.endm

// Goes to EL0 at \label.
.macro to_el0 label
        adr     x2, \label
        msr     elr_el1, x2
        mov     x2, #0
        msr     spsr_el1, x2
        eret
.endm

.macro use_vectors
        adr     x2, vectors
        msr     vbar_el1, x2
.endm

// Every vector leaves what it knows in X20 to X24, then ends, or goes to X28 if that is not zero.
.macro vector
        .balign 128
        adr     x20, .
        b       taken
.endm

        .balign 2048
vectors:
        .rept   16
        vector
        .endr
        .balign 128
taken:  adr     x21, vectors
        sub     x20, x20, x21
        mrs     x21, esr_el1
        mrs     x22, elr_el1
        mrs     x23, spsr_el1
        mrs     x24, far_el1
        cbz     x28, 1f
        br      x28
1:      end

identity:
        mrs     x2, mpidr_el1
        mrs     x3, CurrentEL
        mrs     x4, daif
        mrs     x5, sctlr_el1
        end

user_call:
        use_vectors
        to_el0  1f
1:      mov     x3, #7
        svc     #9

// Comes back from the call with ERET, three times.
user_return:
        use_vectors
        adr     x28, 2f
        mov     x3, #0
        to_el0  1f
1:      add     x3, x3, #1
        svc     #1
        cmp     x3, #3
        b.ne    1b
        mov     x28, #0
        svc     #2
2:      eret

kernel_load:
        use_vectors
        mov     x3, #1
        ldr     x0, [x1]
        end

user_load:
        use_vectors
        to_el0  1f
1:      ldr     x0, [x1]
        b       .

user_fetch:
        use_vectors
        msr     elr_el1, x1
        mov     x2, #0
        msr     spsr_el1, x2
        eret

kernel_fetch:
        use_vectors
        br      x1

undefined:
        use_vectors
        nop
        udf     #0

breakpoint:
        use_vectors
        brk     #3

monitor_call:
        use_vectors
        nop
        smc     #0

mask_interrupts_at_el0:
        use_vectors
        to_el0  1f
1:      msr     daifset, #2

// 64 exceptions, and no block between them that the budget could be asked at but the handler's.
count_in_a_row:
        use_vectors
        adr     x28, 2f
        mov     x3, #0
1:      brk     #0
        end
2:      add     x3, x3, #1
        cmp     x3, #64
        b.ne    3f
        add     x22, x22, #4
        msr     elr_el1, x22
3:      eret

// Counts with interrupts on.
interruptible:
        use_vectors
        mov     x3, #0
        msr     daifclr, #2
1:      add     x3, x3, #1
        b       1b

// The same at EL0.
interrupted:
        use_vectors
        mov     x3, #0
        to_el0  1f
1:      add     x3, x3, #1
        b       1b

wait:   mov     x3, #1
        wfi
        mov     x3, #2
        wfi
        mov     x3, #3
        end

status: mrs     x3, isr_el1
        end

timers: mov     x2, #1000
        msr     cntv_cval_el0, x2
        mov     x2, #1
        msr     cntv_ctl_el0, x2
        mov     x2, #50
        msr     cntp_tval_el0, x2
        mov     x2, #3
        msr     cntp_ctl_el0, x2
        mrs     x3, cntv_cval_el0
        mrs     x4, cntp_ctl_el0
        mrs     x5, cntvct_el0
        mrs     x6, cntpct_el0
        mrs     x7, cntfrq_el0
        end

user_timer:
        use_vectors
        to_el0  1f
1:      mrs     x3, cntv_ctl_el0
        b       .

// X1 goes to CNTKCTL_EL1.
user_counter:
        use_vectors
        msr     cntkctl_el1, x1
        to_el0  1f
1:      mrs     x3, cntvct_el0
        svc     #4

firmware:
        ldr     x0, =0x84000000
        mov     x1, #11
        mov     x2, #12
        mov     x3, #13
        hvc     #0
        mov     x5, x0
        end

// Turns translation on over the tables at X1, then goes on.
.macro translate
        use_vectors
        msr     ttbr0_el1, x1
        msr     ttbr1_el1, x1
        mov     x2, #0xff
        msr     mair_el1, x2
        ldr     x2, =0x5b5103510           // 4 KiB, 48 bits, on both sides
        msr     tcr_el1, x2
        tlbi    vmalle1
        dsb     sy
        isb
        mrs     x2, sctlr_el1
        orr     x2, x2, #1
        msr     sctlr_el1, x2
        isb
.endm

// Calls itself at its upper address.
translated:
        translate
        adr     x2, 1f
        movk    x2, #0xffff, lsl #48
        br      x2
1:      adr     x3, .
        end

translated_load:
        translate
        ldr     x3, [x5]
        end

// Stores X6 to the table entry at X4, then reads what X5 means now.
invalidate_and_load:
        str     x6, [x4]
        dsb     ishst
        lsr     x2, x5, #12
        tlbi    vae1is, x2
        dsb     ish
        isb
        ldr     x3, [x5]
        end

count_up:
        mov     x3, #0
1:      add     x3, x3, #1
        b       1b

spin:   mov     x3, #0
1:      add     x3, x3, #1
        yield
        b       1b

// Stores W4 as an instruction at X2, as code for all CPUs.
patch:  str     w4, [x2]
        dc      cvau, x2
        dsb     ish
        ic      ialluis
        dsb     ish
        isb
        end

call_x2:
        blr     x2
        mov     x3, x0
        end

// Reads a device word 100 times.
device_sum:
        mov     x3, #0
        mov     x4, #100
1:      ldr     w2, [x1]
        add     x3, x3, x2
        subs    x4, x4, #1
        b.ne    1b
        end

// Reads the device, in which an interrupt may rise, and counts until it is taken.
device_interrupt:
        use_vectors
        mov     x3, #0
        msr     daifclr, #2
        ldr     w2, [x1]
1:      add     x3, x3, #1
        b       1b

other_granule:
        use_vectors
        ldr     x2, =0x80803510            // 64 KiB above
        msr     tcr_el1, x2
        end
        .ltorg
