# SPDX-License-Identifier: Apache-2.0
"""PSCI as an image calls it with `--cpu iss`: every function, by a small image of our own."""

from __future__ import annotations

import shutil
import struct
import subprocess
import unittest

from machine_case import MachineCase
from orrery import paths

# Ends with SYSTEM_OFF if all is as DEN 0022 says, else with SYSTEM_RESET.
PROGRAM = """
.macro call function, a=0, b=0, c=0
    ldr x0, =\\function
    ldr x1, =\\a
    mov x2, \\b
    mov x3, \\c
    hvc #0
.endm
.macro expect value
    ldr x9, =\\value
    cmp x0, x9
    b.ne wrong
.endm

    adr x20, second
    call 0x84000000                        // PSCI_VERSION: 1.0
    expect 0x10000
    call 0x8400000a, 0xc4000003            // PSCI_FEATURES: CPU_ON is there,
    expect 0
    call 0x8400000a, 0x84000001            // CPU_SUSPEND is not
    expect -1
    call 0x84000001                        // CPU_SUSPEND: NOT_SUPPORTED
    expect -1
    call 0xc4000004, 0x100                 // AFFINITY_INFO: off
    expect 1
    call 0xc4000004, 0x999
    expect -2
    call 0xc4000003, 0x999, x20            // CPU_ON: no such CPU, on already
    expect -2
    call 0xc4000003, 0x0, x20
    expect -4
    mov x21, #2                            // start the same CPU twice
again:
    adr x5, mark
    str xzr, [x5]
    call 0xc4000003, 0x100, x20, #77
    expect 0
    call 0x84000003, 0x100, x20, #77       // as 32-bit call: pending
    expect -5
    call 0x84000004, 0x100
    expect 2
1:  yield
    ldr x6, [x5]
    cbz x6, 1b
    ldr x7, =0x8000014d                    // 77 + 0x100, and what is reserved as one in MPIDR_EL1
    cmp x6, x7
    b.ne wrong
2:  yield
    call 0xc4000004, 0x100                 // until it is off
    cmp x0, #1
    b.ne 2b
    subs x21, x21, #1
    b.ne again
    call 0x84000008
wrong:
    call 0x84000009

second:
    mrs x6, mpidr_el1
    add x6, x6, x0
    adr x5, mark
    str x6, [x5]
    call 0x84000002                        // CPU_OFF
    b wrong
    .ltorg
    .balign 8
mark: .quad 0
"""


class Firmware(MachineCase):
    def image(self, program: str) -> str:
        """The header of the kernel's image, with a program of our own behind it."""
        source, built, code = (self.folder / f"program.{end}" for end in ("S", "o", "bin"))
        source.write_text(program)
        subprocess.run(["clang", "--target=aarch64-linux-gnu", "-c", source, "-o", built],
                       check=True, timeout=60)
        objcopy = shutil.which("llvm-objcopy") or "llvm-objcopy-14"
        subprocess.run([objcopy, "-O", "binary", "-j", ".text", built, code],
                       check=True, timeout=60)
        branch_behind_header = struct.pack("<I", 0x1400_0000 | 64 // 4)
        header = branch_behind_header + paths.kernel_image().read_bytes()[4:60] + bytes(4)
        path = self.folder / "psci.img"
        path.write_bytes((header + code.read_bytes()).ljust(400_000, b"\0"))
        return str(path)

    def test_functions(self) -> None:
        scenario = self.scenario("phone.boot()")
        done = self.run_on("iss", scenario, "--image", self.image(PROGRAM))
        self.assertEnded(done, 3, "the machine switched itself off without a word from the kernel")

    def test_a_wrong_answer_would_be_seen(self) -> None:
        program = PROGRAM.replace("expect 0x10000", "expect 0x20000")
        done = self.run_on("iss", self.scenario("phone.boot()"), "--image", self.image(program))
        self.assertEnded(done, 3, "the machine reset itself without a word from the kernel")


if __name__ == "__main__":
    unittest.main()
