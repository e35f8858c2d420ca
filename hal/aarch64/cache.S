// SPDX-License-Identifier: Apache-2.0
// Makes code that was written as data executable.
.section .text.cache, "ax"

// x0 = begin, x1 = end of the code, by any mapping. The code runs at another address than the one
// that it was written by, so all of the instruction caches are emptied.
.global hal_synchronise_code
hal_synchronise_code:
    mrs     x2, ctr_el0
    ubfx    x2, x2, #16, #4            // DminLine
    mov     x3, #4
    lsl     x2, x3, x2                 // bytes of a line
    sub     x3, x2, #1
    bic     x0, x0, x3
path_synchronise_line:
1:  dc      cvau, x0
    add     x0, x0, x2
    cmp     x0, x1
    b.lo    1b
path_synchronise_line_end:
    dsb     ish
    ic      ialluis
    dsb     ish
    isb
    ret
path_synchronise_end:
