# SPDX-License-Identifier: Apache-2.0
"""What the kernel's short paths take: system calls, switches, wake-ups (docs/kernel-benchmarks.md).

Modelled cycles on both core types, natively and on the instruction-set CPU; on QEMU instructions,
as time there is a nanosecond an instruction. `kernel_bench` does each thing many times and tells
the nanoseconds that it took, its loop included; a figure is the mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import orrery
from orrery import bench

#: CPUs of the phone that stand for its two core types, and their clocks in GHz.
CORES = {"cortex-a76": (4, 2.4), "cortex-a55": (0, 1.8)}
WAYS = ("native", "iss")
_DONE = r"init: bin/kernel_bench exited with code (\d+)"
_LINE = re.compile(r"^kernel_bench: (\w+) (\d+) times (\d+) ns$", re.MULTILINE)


@dataclass(frozen=True)
class Figure:
    """A line of `kernel_bench`."""

    text: str
    #: Aims on the big and the little core, in cycles.
    aims: tuple[float, float] | None = None
    published: str = ""


#: From the address space of one task to that of another in less than half a microsecond.
_HALF_MICROSECOND = (1200.0, 900.0)

FIGURES = {
    "null_call": Figure("null system call, round trip", (130, 220), "L4Re 138 (A76), 230 (A53)"),
    "yield_alone": Figure("yield with nobody else, round trip"),
    "clock_now": Figure("clock read by a call, round trip"),
    "switch_threads": Figure("switch by yield, same task, one way"),
    "switch_tasks": Figure("switch by yield, other address space, one way", _HALF_MICROSECOND,
                           "1 us is the target of comparable designs"),
    "wake_from_idle": Figure("timer to program on an idle CPU, one way"),
    "message_call": Figure("IPC call, other address space, 4 words, one way", (400, 650),
                           "seL4 413 (A57), L4Re 384 (A76), 691 (A53)"),
    "message_reply": Figure("IPC reply, other address space, 4 words, one way", (410, 410),
                            "seL4 426 (A57)"),
    "far_call": Figure("IPC call to another, idle CPU, one way"),
    "far_reply": Figure("IPC reply to another, idle CPU, one way"),
}


def nanoseconds(core: str, machine: str) -> dict[str, float]:
    """Mean nanoseconds of each figure; `machine` is native, iss or qemu."""
    index = CORES[core][0] if machine != "qemu" else 0
    options = {"on": "qemu"} if machine == "qemu" else {"on": "soc", "cpu": machine}
    with orrery.Phone.open(f"bin/kernel_bench {index} {index + 1}", **options) as phone:
        phone.boot()
        end = phone.console.wait_for(_DONE, timeout=60 * orrery.s)
        if end[1] != "0":
            raise RuntimeError(f"kernel_bench ended with {end[1]}")
        told = _LINE.findall(phone.console.text)
    return {name: int(time) / int(count) for name, count, time in told}


def cycles(core: str, way: str) -> dict[str, float]:
    """Mean modelled cycles of each figure."""
    return {name: time * CORES[core][1] for name, time in nanoseconds(core, way).items()}


def wake_ups(milliseconds: int) -> dict[str, float]:
    """Microseconds by which real-time threads wake late while all CPUs are busy."""
    with orrery.Phone.open(f"schedule bin/wakeup_latency {milliseconds}") as phone:
        phone.boot()
        phone.console.wait_for(r"^wakeup_latency: 0 threads failed$",
                               timeout=(milliseconds + 10_000) * orrery.ms)
        text = phone.console.text
    worst = re.findall(r"^wakeup_latency: CPU .* (\d+) ns at worst$", text, re.MULTILINE)
    counts = re.findall(r"^wakeup_latency: (\d+) us (\d+) times$", text, re.MULTILINE)
    wakes = sum(int(count) for _, count in counts)
    below = 0
    for bucket, count in counts:
        below += int(count)
        if below >= 0.99 * wakes:
            break
    return {"worst": max(int(one) for one in worst) / 1000, "p99": int(bucket) + 1.0,
            "wakes": wakes}


def measure(sheet: bench.Sheet) -> None:
    """All figures on all machines."""
    for core in CORES:
        big = core == "cortex-a76"
        by_way = {way: bench.forked(cycles, core, way) for way in WAYS}
        for name in by_way["native"]:
            figure = FIGURES[name]
            aim = ""
            if figure.aims is not None:
                aim = f"at most {figure.aims[0 if big else 1]:.0f}"
                aim += f"; {figure.published}" if figure.published else ""
            for way in WAYS:
                sheet.row(f"{core}, {way}: {figure.text}", by_way[way][name], "cycles", aim)
    for name, count in bench.forked(nanoseconds, "cortex-a76", "qemu").items():
        sheet.row(f"QEMU: {FIGURES[name].text}", count, "instructions")
    late = bench.forked(wake_ups, 100)
    what = f"wake-up of a real-time thread, 8 busy CPUs, {late['wakes']} times"
    sheet.row(f"{what}: 99 % within", late["p99"], "us")
    sheet.row(f"{what}: worst", late["worst"], "us",
              "under 30; cyclictest on PREEMPT_RT, A53: 45")


if __name__ == "__main__":
    for each in CORES:
        for how in WAYS:
            print(each, how, bench.forked(cycles, each, how))
