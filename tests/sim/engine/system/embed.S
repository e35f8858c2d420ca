// SPDX-License-Identifier: Apache-2.0
// The assembled image, embedded in the host's test.
        .section .rodata
        .balign 16
        .globl  orrery_system_image
        .globl  orrery_system_image_end
orrery_system_image:
        .incbin PROGRAM_IMAGE
orrery_system_image_end:
        .section .note.GNU-stack, "", @progbits
