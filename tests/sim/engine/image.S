// SPDX-License-Identifier: Apache-2.0
// The assembled programs, embedded in the host's test.
        .section .rodata
        .balign 16
        .globl  orrery_engine_programs
        .globl  orrery_engine_programs_end
orrery_engine_programs:
        .incbin PROGRAM_IMAGE
orrery_engine_programs_end:
        .section .note.GNU-stack, "", @progbits
