# SPDX-License-Identifier: Apache-2.0
"""The cost model's cycles beside published ones, on small pieces of code (bench/core/)."""

from __future__ import annotations

import subprocess

from orrery import bench, paths


def _difference(cycles: float, least: float, most: float) -> float:
    """How far the model is from the published range, in percent of its nearer end."""
    nearest = min(max(cycles, least), most)
    return 100 * (cycles - nearest) / nearest


def measure(sheet: bench.Sheet) -> None:
    """Runs the compiled part; each row's aim is the published figure with its source."""
    program = paths.build_folder() / "bench" / "core_bench"
    result = subprocess.run([str(program)], stdout=subprocess.PIPE, text=True, check=True,
                            timeout=300)
    worst = 0.0
    for line in result.stdout.splitlines():
        core, what, cycles, least, most, source = line.split("\t")
        difference = _difference(float(cycles), float(least), float(most))
        worst = max(worst, abs(difference))
        published = least if least == most else f"{least} to {most}"
        sheet.row(f"{core}: {what}", float(cycles), "cycles",
                  f"{published}, {difference:+.1f} %; {source}")
    sheet.row("largest difference from what is published", worst, "%", "under 10 %")
