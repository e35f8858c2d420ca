# SPDX-License-Identifier: Apache-2.0
"""EL0 speed: million instructions a host second, on a compute loop and on a memory copy.

The programs count their instructions by construction. The phone is timed from outside, between two
lengths of the same program, so that booting and loading drop out. QEMU runs the same program twice:
as it is fastest (its guest clock is the host's), and with -icount as scenarios run it.
"""

from __future__ import annotations

import re
import subprocess

from orrery import bench, paths

# Iterations of each program: a short run to subtract, and a long one.
_PROGRAMS = {"compute_loop": (1_000_000, 100_000_000), "copy_loop": (1_000, 40_000)}

_CODE = """
import json, re, sys, time
import orrery
program, on = sys.argv[1], sys.argv[2]
with orrery.Phone.open(program, on=on) as phone:
    begin = time.perf_counter()
    phone.boot()
    match = phone.console.wait_for(r"instructions=([0-9]+)", timeout=1000 * orrery.s)
    print(json.dumps({"host": time.perf_counter() - begin, "instructions": int(match.group(1))}))
"""


def _from_outside(name: str, machine: str) -> float:
    short, long = (
        bench.in_process(_CODE, f"bin/{name} {count}", machine) for count in _PROGRAMS[name]
    )
    instructions = long["instructions"] - short["instructions"]
    return instructions / (long["host"] - short["host"]) / 1e6


def _qemu_by_its_own_clock(name: str) -> float:
    program = f"bin/{name} {_PROGRAMS[name][1]}"
    with subprocess.Popen(
        ["qemu-system-aarch64", "-M", "virt,gic-version=2", "-cpu", "cortex-a72", "-smp", "1",
         "-m", "1G", "-nodefaults", "-display", "none", "-serial", "stdio",
         "-kernel", str(paths.kernel_image()), "-initrd", str(paths.initial_archive()),
         "-append", f"init=bin/init -- {program}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as qemu:
        assert qemu.stdout is not None
        try:
            for line in qemu.stdout:
                found = re.search(r"instructions=(\d+) nanoseconds=(\d+)", line)
                if found:
                    return int(found.group(1)) / int(found.group(2)) * 1e3
        finally:
            qemu.kill()
    raise RuntimeError("QEMU ended before the program did")


def measure(sheet: bench.Sheet) -> None:
    """Runs both programs on the phone and on QEMU, in turn."""
    for name in _PROGRAMS:
        phone = bench.median(lambda n=name: _from_outside(n, "soc"), runs=3)
        qemu = bench.median(lambda n=name: _qemu_by_its_own_clock(n), runs=3)
        counted = bench.median(lambda n=name: _from_outside(n, "qemu"), runs=3)
        sheet.row(f"{name}: phone", phone, "million instructions/s")
        sheet.row(f"{name}: QEMU", qemu, "million instructions/s")
        sheet.row(f"{name}: QEMU -icount", counted, "million instructions/s")
        sheet.row(f"{name}: phone / QEMU", phone / qemu, "")
