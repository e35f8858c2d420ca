# SPDX-License-Identifier: Apache-2.0
"""The kernel's host build, its image on the phone's CPUs and its image on QEMU say the same."""

from __future__ import annotations

import re
import unittest

from machine_case import MACHINES, MEASURES, MachineCase
from orrery import paths

SCENARIOS = sorted(path.stem for path in (paths.ROOT / "scenarios").glob("*.py"))

# Its programs race each other, and what they come to depends on who wins.
RACES = ("monkeys",)

# They are about something that QEMU's board has not, and do something else there.
WITHOUT_QEMU = ("clocks",)

# What must differ, and why.
DIFFERENCES = (
    # Time passes differently on each.
    (r"^\[ *\d+\.\d+\] ", ""),
    # QEMU's board has a counter of another frequency.
    (r"timer \d+ Hz", "timer Hz"),
    # The image and its tables take memory that the host build does not, and boards differ in what
    # they keep.
    (r"^(memory:|frames |exhaust:).*$", ""),
    # QEMU's board has fixed clocks, and its kernel says so.
    (r"^(clocks:|clock_steps:) .*$", ""),
    # The host build has other kernel addresses, so that one there ends in another table or none.
    (r"^(case \w*kernel\w*|task \d+ .* f{4}[08]0{11},)(.*)\bsyndrome[= ](0x)?[0-9a-f]+", r"\1\2"),
    # QEMU 7.2 exchanges op1 and op2 in the syndrome of a trapped MSR DAIFSet.
    (r"\b(0x)?620(cd|79)3fe\b", "620cd3fe"),
    # Who waits for how long.
    (r"^lock_contest: seen .*$", ""),
    # So does how many frames are free, by some hundred of 260 thousand.
    (r"\b2[56]\d{4}\b", "frames"),
    # Which CPUs are at home on which node, and how far away it is.
    (r"^numa: (CPU|node) .*$", ""),
    # Where a scenario stops, init has or has not yet said that its program has ended.
    (r"^init: .* exited with code 0$", ""),
)


class Agreement(MachineCase):
    def words(self, name: str, machine: str) -> list[str]:
        """The words on the console, sorted: lines of several writers mix differently."""
        out = f"{name}-{machine}"
        # The boards' seeds differ, and so would addresses.
        done = self.orrery("run", name, *MACHINES[machine], "--out", out, "--bootargs", "aslr=off")
        self.assertEqual((done.code, done.err), (0, ""), str(done))
        text = (self.folder / out / "console.log").read_text()
        for pattern, replacement in DIFFERENCES:
            text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
        return sorted(text.split())

    def test_consoles(self) -> None:
        for name in SCENARIOS:
            with self.subTest(name):
                words = {machine: self.words(name, machine) for machine in MACHINES}
                if name in RACES or name in MEASURES:
                    continue
                self.assertGreater(len(words["iss"]), 20)
                self.assertEqual(words["iss"], words["soc"])
                if name not in WITHOUT_QEMU:
                    self.assertEqual(words["iss"], words["qemu"])


if __name__ == "__main__":
    unittest.main()
