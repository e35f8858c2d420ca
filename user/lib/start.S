// SPDX-License-Identifier: Apache-2.0
// Where a program begins: x0 and x1 hold address and length of its argument string, sp is aligned
// to 16. user_start() calls the program's user_main() and never returns.
    .section .text.start, "ax"
    .global _start
    .type _start, %function
_start:
    mov x29, xzr        // the outermost frame: a walk up the stack ends here
    mov x30, xzr
    bl user_start
    udf #0
    .size _start, . - _start

// Until the program is relocated: the address at which this very word was linked.
    .section .data.linked_at, "aw"
    .balign 8
    .global linked_at
    .hidden linked_at
linked_at:
    .quad linked_at

    .section .note.GNU-stack, "", %progbits
