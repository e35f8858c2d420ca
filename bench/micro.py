# SPDX-License-Identifier: Apache-2.0
"""Micro-benchmarks of kernel code and models on the host, with Google Benchmark (bench/micro/)."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from orrery import bench, paths

#: Room for thread-local data of a library that is loaded late (jemalloc in heap_bench).
LOADER = {"GLIBC_TUNABLES": "glibc.rtld.optional_static_tls=65536"}


def measure(sheet: bench.Sheet) -> None:
    """Runs the compiled benchmarks and repeats their medians."""
    for program in ("micro_bench", "frames_bench", "heap_bench"):
        times: dict[str, float] = {}
        for row in medians(program):
            # CPU time, of one thread however many there are: what else the host does is not in it.
            # (Google Benchmark divides real time by the threads.) Some take the time themselves.
            name, _, taken = row["run_name"].partition("/iterations:")
            own = taken.endswith("manual_time")
            times[name] = row["real_time"] if own else row["cpu_time"]
            sheet.row(name, times[name], row["time_unit"])
            if "of_buddy" in row:
                sheet.row(f"{name}: of the locked buddy's", row["of_buddy"], "")
        for name, ratio in ratios(times).items():
            sheet.row(name, ratio, "")


def ratios(times: dict[str, float]) -> dict[str, float]:
    """Times of the kernel heap `slab` against those of others on the same pattern."""
    result = {}
    for name, time in times.items():
        parts = name.split("/")  # heap/PATTERN/ALLOCATOR/real_time/threads:N
        if parts[0] != "heap" or parts[2] in ("slab", "none"):
            continue
        slab = times["/".join([*parts[:2], "slab", *parts[3:]])]
        result["/".join([*parts[:2], f"slab:{parts[2]}", *parts[4:]])] = round(slab / time, 3)
    return result


def medians(program: str) -> list[dict[str, Any]]:
    """The medians of a compiled benchmark."""
    result = subprocess.run(
        [str(paths.build_folder() / "bench" / program), "--benchmark_format=json",
         "--benchmark_repetitions=3", "--benchmark_report_aggregates_only=true",
         "--benchmark_min_time=0.1"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, timeout=1200,
        env=os.environ | LOADER,
    )
    rows = json.loads(result.stdout)["benchmarks"]
    return [row for row in rows if row["aggregate_name"] == "median"]
