# SPDX-License-Identifier: Apache-2.0
"""Micro-benchmarks of kernel code and models on the host, with Google Benchmark (bench/micro/)."""

from __future__ import annotations

import json
import subprocess

from orrery import bench, paths


def measure(sheet: bench.Sheet) -> None:
    """Runs the compiled benchmarks and repeats their medians."""
    program = paths.build_folder() / "bench" / "micro_bench"
    result = subprocess.run(
        [str(program), "--benchmark_format=json", "--benchmark_repetitions=3",
         "--benchmark_report_aggregates_only=true", "--benchmark_min_time=0.2"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, timeout=300,
    )
    for row in json.loads(result.stdout)["benchmarks"]:
        if row["aggregate_name"] == "median":
            sheet.row(row["run_name"], row["cpu_time"], row["time_unit"])
