# SPDX-License-Identifier: Apache-2.0
"""The cost model and the memory models beside published figures (bench/core/)."""

from __future__ import annotations

import subprocess

from orrery import bench, paths


def _difference(figure: float, least: float, most: float) -> float:
    """How far the model is from the published range, in percent of its nearer end."""
    nearest = min(max(figure, least), most)
    return 100 * (figure - nearest) / nearest


def measure(sheet: bench.Sheet) -> None:
    """Runs the compiled part; each row's aim is the published figure with its source."""
    program = paths.build_folder() / "bench" / "core_bench"
    result = subprocess.run([str(program)], stdout=subprocess.PIPE, text=True, check=True,
                            timeout=300)
    worst: dict[str, float] = {}
    for line in result.stdout.splitlines():
        part, core, what, figure, unit, least, most, source = line.split("\t")
        if float(least) == 0:
            sheet.row(f"{core}: {what}", float(figure), unit)
            continue
        difference = _difference(float(figure), float(least), float(most))
        worst[part] = max(worst.get(part, 0.0), abs(difference))
        published = least if least == most else f"{least} to {most}"
        sheet.row(f"{core}: {what}", float(figure), unit,
                  f"{published}, {difference:+.1f} %; {source}")
    for part, difference in worst.items():
        sheet.row(f"largest difference, {part}", difference, "%", "under 10 %")
