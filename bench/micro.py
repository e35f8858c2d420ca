# SPDX-License-Identifier: Apache-2.0
"""Micro-benchmarks of kernel code and models on the host, with Google Benchmark (bench/micro/)."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from orrery import bench, paths


def measure(sheet: bench.Sheet) -> None:
    """Runs the compiled benchmarks and repeats their medians."""
    for program in ("micro_bench", "frames_bench"):
        for row in medians(program):
            # Of several threads, how long each of them took; alone, without what else the host does.
            # Some take the time themselves.
            name, _, taken = row["run_name"].partition("/iterations:")
            real = row.get("threads", 1) > 1 or taken.endswith("manual_time")
            sheet.row(name, row["real_time"] if real else row["cpu_time"], row["time_unit"])
            if "of_buddy" in row:
                sheet.row(f"{name}: of the locked buddy's", row["of_buddy"], "")


def medians(program: str) -> list[dict[str, Any]]:
    """The medians of a compiled benchmark."""
    result = subprocess.run(
        [str(paths.build_folder() / "bench" / program), "--benchmark_format=json",
         "--benchmark_repetitions=3", "--benchmark_report_aggregates_only=true",
         "--benchmark_min_time=0.1"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, timeout=1200,
    )
    rows = json.loads(result.stdout)["benchmarks"]
    return [row for row in rows if row["aggregate_name"] == "median"]
