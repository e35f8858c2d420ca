# SPDX-License-Identifier: Apache-2.0
"""The memory models beside published figures (bench/memory_levels/)."""

from __future__ import annotations

import json
import subprocess

from orrery import bench, paths


def measure(sheet: bench.Sheet) -> None:
    """Repeats what the model measures of itself, with the difference from what is published."""
    program = paths.build_folder() / "bench" / "memory_levels"
    result = subprocess.run([str(program)], stdout=subprocess.PIPE, text=True, check=True,
                            timeout=300)
    for row in json.loads(result.stdout):
        sheet.row(row["name"], row["model"], row["unit"], _aim(row))


def _aim(row: dict[str, object]) -> str:
    published = float(str(row["published"]))
    if published == 0:
        return ""
    difference = (float(str(row["model"])) / published - 1) * 100
    kind = ", calibrated" if row["calibrated"] else ""
    return f"{published:g}, {difference:+.1f} %{kind}; {row['source']}"
