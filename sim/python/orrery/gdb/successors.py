# SPDX-License-Identifier: Apache-2.0
"""Where an instruction may lead to, for a step: without what an exception does.

Encodings are those of the Arm Architecture Reference Manual (DDI 0487), C4.1.66, "Branches,
Exception generating and System instructions", as far as Armv8.0 has them.
"""

from __future__ import annotations

#: The exception return: where it leads is in system registers.
ERET = 0xD69F03E0

_MASK = (1 << 64) - 1


def successors(word: int, registers: dict[str, int]) -> set[int]:
    """The addresses of which one is executed next, after the instruction at `pc`; not of ERET."""
    pc = registers["pc"]
    following = pc + 4 & _MASK
    if word & 0x7C000000 == 0x14000000:  # B, BL
        return {pc + _offset(word, 0, 26) & _MASK}
    if word & 0xFF000010 == 0x54000000 or word & 0x7E000000 == 0x34000000:  # B.cond, CBZ, CBNZ
        return {following, pc + _offset(word, 5, 19) & _MASK}
    if word & 0x7E000000 == 0x36000000:  # TBZ, TBNZ
        return {following, pc + _offset(word, 5, 14) & _MASK}
    if word & 0xFF9FFC1F == 0xD61F0000 and word >> 21 & 3 != 3:  # BR, BLR, RET
        number = word >> 5 & 31
        return {registers[f"x{number}"] if number < 31 else 0}
    return {following}


def _offset(word: int, shift: int, width: int) -> int:
    value = word >> shift & (1 << width) - 1
    return (value - (value >> width - 1 << width)) * 4
