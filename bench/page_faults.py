# SPDX-License-Identifier: Apache-2.0
"""What a page fault costs, from the touch of a page to the next instruction, by kind."""

from __future__ import annotations

import re

import orrery
from orrery import bench

#: CPUs of the phone that stand for its two core types, and their clocks in GHz.
CORES = {"cortex-a55": (0, 1.8), "cortex-a76": (4, 2.4)}


def cycles(core: str, cpu: str = "native", fidelity: str = "cycle") -> dict[str, float]:
    """Cycles for each kind of fault that `page_faults` tells."""
    index, gigahertz = CORES[core]
    with orrery.Phone.open(f"bin/page_faults {index}", cpu=cpu, fidelity=fidelity) as phone:
        phone.boot()
        phone.console.wait_for(r"page_faults exited with code 0", timeout=60 * orrery.s)
        told = re.findall(r"^page_faults: (\w+) ([0-9.]+) ns$", phone.console.text, re.MULTILINE)
    return {kind: float(nanoseconds) * gigahertz for kind, nanoseconds in told}


def measure(sheet: bench.Sheet) -> None:
    """All kinds on both core types."""
    for core in CORES:
        for kind, cost in bench.forked(cycles, core).items():
            aim = "under 1,500" if (core, kind) == ("cortex-a76", "zero") else ""
            sheet.row(f"{core}: {kind}", cost, "cycles a page", aim)


if __name__ == "__main__":
    for each in CORES:
        for way in ("native", "iss"):
            print(each, way, bench.forked(cycles, each, way))
