# SPDX-License-Identifier: Apache-2.0
"""Cycles of the kernel run natively, beside the same image on the instruction-set CPU.

A workload is a program that works in the kernel (`user/programs/kernel_load*.cpp`) or a whole
program of the phone. Its cost is what the kernel's cycles grow by over a run of one round, so that
booting and loading drop out; both ways of executing the kernel do exactly the same work. The
workloads that are held out were written after the method was frozen, and nothing was changed for
them: what they say of it is not what it was made to say.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import orrery
from orrery import bench, paths

_LOAD = "bin/kernel_load"
#: CPUs of the phone that stand for its two core types.
CORES = {"cortex-a55": 0, "cortex-a76": 4}


@dataclass(frozen=True)
class Workload:
    """Something for the kernel to do."""

    #: Name in kernel_load, or of a program in the archive.
    name: str
    #: How often, for cycles and for host time; a whole program is run once.
    rounds: int
    long_rounds: int
    held_out: bool

    @property
    def is_program(self) -> bool:
        """A program of its own, with output on the console."""
        return self.name.startswith("bin/")


WORKLOADS = [
    Workload("null_call", 10000, 300_000, False),
    Workload("copy_out", 10000, 300_000, False),
    Workload("switch_threads", 3000, 100_000, False),
    Workload("map_page", 2000, 100_000, False),
    Workload("map_region", 120, 8_000, False),
    Workload("protect_region", 800, 80_000, False),
    Workload("create_threads", 700, 40_000, False),
    Workload("spawn_tasks", 120, 4_000, False),
    Workload("scatter_regions", 50, 4_000, False),
    Workload("sleep_often", 2000, 20_000, False),
    Workload("bin/first_light", 1, 0, False),
    Workload("bin/thread_test", 1, 0, False),
    Workload("refused_calls", 3000, 80_000, False),
    Workload("small_calls", 6000, 200_000, False),
    Workload("map_far", 200, 8_000, False),
    Workload("grow_region", 100, 6_000, False),
    Workload("split_region", 300, 12_000, False),
    Workload("demand_too_much", 10000, 200_000, False),
    Workload("crowd", 60, 3_000, False),
    Workload("sleepers", 80, 2_000, False),
    Workload("interrupted", 800, 0, False),
    Workload("kill_tasks", 100, 4_000, False),
    Workload("map_archive", 150, 4_000, False),
    Workload("bin/isolation", 1, 0, False),
    Workload("map_taken_places", 300, 5_000, True),
    Workload("search_gaps", 250, 0, True),
    Workload("punch_holes", 70, 0, True),
    Workload("protect_many_pages", 400, 0, True),
    Workload("protect_every_other", 40, 0, True),
    Workload("execute_written", 1000, 40_000, True),
    Workload("map_executable", 200, 0, True),
    Workload("keep_pages_apart", 60, 0, True),
    Workload("cross_table_borders", 100, 0, True),
    Workload("reach_region_limit", 4, 0, True),
    Workload("cut_archive", 80, 0, True),
    Workload("write_nothing", 2500, 100_000, True),
    Workload("answer_anywhere", 6000, 0, True),
    Workload("answer_nowhere", 600, 0, True),
    Workload("spawn_missing", 150, 0, True),
    Workload("spawn_broken", 40, 1_500, True),
    Workload("reach_for_others", 600, 0, True),
    Workload("read_clocks", 300, 0, True),
    Workload("set_unknown_clocks", 1500, 0, True),
    Workload("change_clock", 60, 0, True),
    Workload("call_at_random", 8000, 0, True),
    Workload("yield_alone", 6000, 0, True),
    Workload("yield_in_circle", 1000, 15_000, True),
    Workload("sleep_briefly", 3000, 0, True),
    Workload("sleep_in_reverse", 50, 0, True),
    Workload("join_strangers", 2000, 0, True),
    Workload("contend_to_join", 60, 0, True),
    Workload("join_in_chain", 40, 0, True),
    Workload("reach_thread_limit", 5, 0, True),
    Workload("crash_children", 3, 0, True),
    Workload("kill_waiting_threads", 30, 0, True),
    Workload("exit_with_threads", 40, 500, True),
    Workload("leave_orphans", 15, 0, True),
    Workload("reach_child_limit", 2, 0, True),
    Workload("spawn_with_long_arguments", 70, 0, True),
    Workload("wait_in_reverse", 6, 0, True),
    Workload("bin/exit_race 50", 1, 0, True),
    Workload("bin/offender bad_calls", 1, 0, True),
    Workload("bin/offender bad_image", 1, 0, True),
    Workload("bin/offender threads", 1, 0, True),
]


def _run(program: str, cpu: str, fidelity: str, bootargs: str) -> dict[str, Any]:
    with orrery.Phone.open(program, cpu=cpu, fidelity=fidelity, bootargs=bootargs) as phone:
        phone.boot()
        begin = time.perf_counter()
        name = program.split()[0]
        phone.console.wait_for(rf"{name} exited with code 0", timeout=600 * orrery.s)
        seconds = time.perf_counter() - begin
        # Whoever still does something comes to rest.
        phone.run_for(2 * orrery.ms)
        work = phone.cpu_work
        text = [line for line in phone.console.text.splitlines() if not line.startswith("[")]
    return {
        "cycles": sum(cpu.kernel_cycles for cpu in work),
        "instructions": sum(cpu.kernel_instructions for cpu in work),
        "console": [line for line in text if "checksum" in line],
        "seconds": seconds,
    }


def run(program: str, cpu: str, fidelity: str = "cycle", bootargs: str = "") -> dict[str, Any]:
    """Runs a program on a phone of its own and says what the kernel did meanwhile."""
    result: dict[str, Any] = bench.forked(_run, program, cpu, fidelity, bootargs)
    return result


def cores_of(workload: Workload) -> list[str]:
    """The core types that a workload runs on: whole programs on the first CPU only."""
    return list(CORES)[:1] if workload.is_program else list(CORES)


def compare(workload: Workload, core: str, fidelity: str = "cycle") -> dict[str, Any]:
    """Kernel cycles and instructions of a workload, native and on the instruction-set CPU."""
    cpu = CORES[core]
    program, without = workload.name, f"{_LOAD} null_call 0"
    if not workload.is_program:
        program, without = (f"{_LOAD} {workload.name} {n} {cpu}" for n in (workload.rounds, 1))
    # One CPU alone, or idle company for the other core type.
    bootargs = "cpus=1" if cpu == 0 else ""
    row: dict[str, Any] = {
        "workload": f"{workload.name}@{core}", "held_out": workload.held_out, "fidelity": fidelity,
    }
    consoles = []
    for way in ("native", "iss"):
        before = run(without, way, fidelity, bootargs)
        after = run(program, way, fidelity, bootargs)
        row[f"cycles_{way}"] = after["cycles"] - before["cycles"]
        row[f"instructions_{way}"] = after["instructions"] - before["instructions"]
        consoles.append(after["console"])
    if consoles[0] != consoles[1]:
        raise RuntimeError(f"{workload.name} came to other results: {consoles[0]}, {consoles[1]}")
    row["error_percent"] = 100 * (row["cycles_native"] / row["cycles_iss"] - 1)
    return row


def _wall(workload: Workload, fidelity: str) -> float:
    """Host time on the instruction-set CPU over that of native execution, without booting."""
    def seconds(cpu: str, rounds: int) -> float:
        return run(f"{_LOAD} {workload.name} {rounds}", cpu, fidelity, "cpus=1")["seconds"]

    # Memory models take several times as long on both.
    rounds = workload.long_rounds // (8 if fidelity == "memory" else 1)
    native, iss = (
        bench.median(lambda c=cpu: seconds(c, rounds) - seconds(c, 1), runs=3)
        for cpu in ("native", "iss")
    )
    return iss / native


def _kernel_calls(kernel: str) -> dict[str, float]:
    """Nanoseconds of system calls in a kernel without a phone, by name."""
    result = subprocess.run(
        [str(paths.build_folder() / "bench" / f"kernel_calls_{kernel}"),
         "--benchmark_format=json", "--benchmark_min_time=0.1"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, timeout=300,
    )
    return {row["name"]: row["cpu_time"] for row in json.loads(result.stdout)["benchmarks"]}


def _slowdown(sheet: bench.Sheet) -> None:
    """Host time of the counting kernel over that of the plain one, by turns."""
    runs = {"plain": [], "counted": []}
    for _ in range(5):
        for kernel, results in runs.items():
            results.append(_kernel_calls(kernel))
    ratios = []
    for name in runs["plain"][0]:
        best = {kernel: min(run[name] for run in results) for kernel, results in runs.items()}
        ratios.append(best["counted"] / best["plain"])
        sheet.row(f"counting over plain: {name}", ratios[-1], "times")
    sheet.row("counting over plain: geometric mean", statistics.geometric_mean(ratios), "times",
              "at most 1.1")


def measure(sheet: bench.Sheet) -> None:
    """All workloads on both core types, and what host time they take."""
    for fidelity in ("cycle", "memory"):
        errors = []
        ratios = []
        for workload in WORKLOADS:
            for core in cores_of(workload):
                row = compare(workload, core, fidelity)
                timed = workload.long_rounds > 0 and core == "cortex-a55"
                row["wall_ratio"] = _wall(workload, fidelity) if timed else None
                errors.append(abs(row["error_percent"]))
                ratios += [row["wall_ratio"]] if timed else []
                sheet.table_row(row, _as_text(row))
        sheet.row(f"{fidelity}: mean error", sum(errors) / len(errors), "%",
                  "at most 1 %" if fidelity == "cycle" else "at most 3 %")
        sheet.row(f"{fidelity}: worst error", max(errors), "%",
                  "at most 3 %" if fidelity == "cycle" else "at most 8 %")
        sheet.row(f"{fidelity}: host time, iss over native", statistics.geometric_mean(ratios),
                  "times", "at least 30")
    _slowdown(sheet)


def _as_text(row: dict[str, Any]) -> str:
    ratio = f"{row['wall_ratio']:6.1f} times faster" if row["wall_ratio"] else ""
    mark = "held out" if row["held_out"] else ""
    return (f"{row['fidelity']:<6} {row['workload']:<28} {row['cycles_native']:>14,.0f} "
            f"{row['cycles_iss']:>14,.0f} cycles {row['error_percent']:>+6.2f} %  {mark:<8} {ratio}")


if __name__ == "__main__":
    # For looks at single workloads: bench/timing.py [FIDELITY] [NAME...].
    wanted = sys.argv[2:]
    for each in WORKLOADS:
        if not wanted or each.name in wanted:
            for chosen in cores_of(each):
                result = compare(each, chosen, sys.argv[1] if sys.argv[1:] else "cycle")
                print(json.dumps(result), flush=True)
