# SPDX-License-Identifier: Apache-2.0
"""What the kernel's short paths take: system calls, switches, messages, interrupts, wake-ups.

docs/kernel-benchmarks.md says what each figure is. Modelled cycles on both core types, natively and
on the instruction-set CPU; on QEMU instructions, as time there is a nanosecond an instruction.
`kernel_bench` does each thing many times and tells the nanoseconds that it took, its loop included;
a figure is the mean, unless it says otherwise.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import orrery
from orrery import bench, paths
from orrery.archive import with_files

#: CPUs of the phone that stand for its two core types, and their clocks in GHz.
CORES = {"cortex-a76": (4, 2.4), "cortex-a55": (0, 1.8)}
WAYS = ("native", "iss")
_DONE = r"init: bin/kernel_bench exited with code (\d+)"
_LINE = re.compile(
    r"^kernel_bench: (\w+) (\d+) times (\d+) ns(?:, 99 % within (\d+) ns, worst (\d+) ns)?$",
    re.MULTILINE)


@dataclass(frozen=True)
class Figure:
    """A line of `kernel_bench`."""

    text: str
    #: Aims on the big and the little core, in cycles.
    aims: tuple[float, float] | None = None
    published: str = ""
    #: What 99 of 100 should be within, in microseconds.
    percentile_aim: float | None = None
    #: Counts bytes: shown as MB/s.
    bytes: bool = False


@dataclass(frozen=True)
class Told:
    """What was measured for a figure, in nanoseconds; 99 % and worst where each time was looked at."""

    mean: float
    percentile: float | None
    worst: float | None


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
    "interrupt": Figure("device's interrupt to its program, same CPU, one way", (850, 850),
                        "seL4 890 (A57)"),
    "message_call": Figure("IPC call, other address space, 4 words, one way", (400, 650),
                           "seL4 413 (A57), L4Re 384 (A76), 691 (A53)", 1.0),
    "message_reply": Figure("IPC reply, other address space, 4 words, one way", (410, 410),
                            "seL4 426 (A57)", 1.0),
    "message_round": Figure("IPC call and reply, 4 words, round trip"),
    "far_call": Figure("IPC call to another, idle CPU, one way", percentile_aim=3.0),
    "far_reply": Figure("IPC reply to another, idle CPU, one way", percentile_aim=3.0),
    "far_round": Figure("IPC call to another, idle CPU, and reply, round trip"),
    "contained_null": Figure("null system call in a container, round trip"),
    "audited_rights_null": Figure("null system call, capability operations audited, round trip"),
    "audited_null": Figure("null system call, all calls audited, round trip"),
    "ring_near": Figure("shared-memory ring, same CPU", bytes=True),
    "ring_far": Figure("shared-memory ring, to another CPU", bytes=True),
    "near_loaded_call": Figure("IPC call, 6 other CPUs in the kernel, one way",
                               percentile_aim=1.0),
    "near_loaded_reply": Figure("IPC reply, 6 other CPUs in the kernel, one way",
                                percentile_aim=1.0),
    "near_loaded_round": Figure("IPC call and reply, 6 other CPUs in the kernel, round trip"),
    "far_loaded_call": Figure("IPC call to another CPU, 6 others in the kernel, one way",
                              percentile_aim=3.0),
    "far_loaded_reply": Figure("IPC reply to another CPU, 6 others in the kernel, one way",
                               percentile_aim=3.0),
    "far_loaded_round": Figure("IPC call to another CPU and reply, 6 others in the kernel, "
                               "round trip"),
}

for _name, _what in {"contained": "in a container",
                     "audited_rights": "capability operations audited",
                     "audited": "all calls audited"}.items():
    FIGURES[f"{_name}_call"] = Figure(f"IPC call {_what}, 4 words, one way")
    FIGURES[f"{_name}_reply"] = Figure(f"IPC reply {_what}, 4 words, one way")
    FIGURES[f"{_name}_round"] = Figure(f"IPC call and reply {_what}, 4 words, round trip")

#: Long messages; each goes there and comes back alike.
LONG_MESSAGES = {
    "bytes_4k": "4 KiB inline",
    "bytes_8k": "8 KiB inline",
    "rights_1": "1 right, moved",
    "rights_4": "4 rights, moved",
    "rights_16": "16 rights, moved",
    "memory_moved": "1 MiB out of line, moved",
    "memory_copied": "1 MiB out of line, copied on write",
}
for _name, _what in LONG_MESSAGES.items():
    FIGURES[f"{_name}_call"] = Figure(f"IPC with {_what}, one way")
    FIGURES[f"{_name}_reply"] = Figure(f"IPC reply with {_what}, one way")
    FIGURES[f"{_name}_round"] = Figure(f"IPC with {_what}, round trip")


def _archive(backend: str, folder: str) -> Path:
    """The initial archive, with the device whose interrupts are measured."""
    scenario = bench.load(paths.ROOT / "scenarios" / "device_interrupts.py")
    files = scenario.devices(orrery.Preparation({}, 0, backend))
    path = Path(folder) / "initrd.cpio"
    path.write_bytes(with_files(paths.initial_archive().read_bytes(), files))
    return path


def told(core: str, machine: str, mode: str = "") -> dict[str, Told]:
    """Nanoseconds of each figure; `machine` is native, iss or qemu, `mode` nothing or loaded."""
    first = CORES[core][0] if machine != "qemu" else 0
    backend = "qemu" if machine == "qemu" else "soc"
    cpu = None if machine == "qemu" else machine
    program = f"devices schedule bin/kernel_bench {first} {first + 1} {mode}".strip()
    with tempfile.TemporaryDirectory() as folder, \
            orrery.Phone.open(program, on=backend, cpu=cpu,
                              archive=_archive(backend, folder)) as phone:
        phone.boot()
        end = phone.console.wait_for(_DONE, timeout=60 * orrery.s)
        if end[1] != "0":
            raise RuntimeError(f"kernel_bench ended with {end[1]}")
        lines = _LINE.findall(phone.console.text)
    return {name: Told(int(time) / int(count), *(float(each) if each else None for each in rest))
            for name, count, time, *rest in lines}


def cycles(core: str, way: str) -> dict[str, float]:
    """Mean modelled cycles of each figure."""
    return {name: one.mean * CORES[core][1] for name, one in told(core, way).items()}


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


def _core_rows(sheet: bench.Sheet, core: str) -> None:
    big, clock = core == "cortex-a76", CORES[core][1]
    by_way = {way: bench.forked(told, core, way) | bench.forked(told, core, way, "loaded")
              for way in WAYS}
    for name in by_way["native"]:
        figure = FIGURES[name]
        aim = ""
        if figure.aims is not None:
            aim = f"at most {figure.aims[0 if big else 1]:.0f}"
            aim += f"; {figure.published}" if figure.published else ""
        for way in WAYS:
            one = by_way[way][name]
            if figure.bytes:
                sheet.row(f"{core}, {way}: {figure.text}", 1000 / one.mean, "MB/s")
                continue
            sheet.row(f"{core}, {way}: {figure.text}", one.mean * clock, "cycles", aim)
            if figure.percentile_aim is not None and one.percentile is not None:
                sheet.row(f"{core}, {way}: {figure.text}, 99 % within", one.percentile / 1000, "us",
                          f"at most {figure.percentile_aim:.0f}")
                sheet.row(f"{core}, {way}: {figure.text}, worst", one.worst / 1000, "us")


def measure(sheet: bench.Sheet) -> None:
    """All figures on all machines."""
    for core in CORES:
        _core_rows(sheet, core)
    for name, one in bench.forked(told, "cortex-a76", "qemu").items():
        unit = "instructions a byte" if FIGURES[name].bytes else "instructions"
        sheet.row(f"QEMU: {FIGURES[name].text}", one.mean, unit)
    late = bench.forked(wake_ups, 100)
    what = f"wake-up of a real-time thread, 8 busy CPUs, {late['wakes']} times"
    sheet.row(f"{what}: 99 % within", late["p99"], "us")
    sheet.row(f"{what}: worst", late["worst"], "us",
              "under 30; cyclictest on PREEMPT_RT, A53: 45")


if __name__ == "__main__":
    for each in CORES:
        for how in WAYS:
            print(each, how, bench.forked(cycles, each, how))
