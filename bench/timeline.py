# SPDX-License-Identifier: Apache-2.0
"""Frames of the inspector's timeline on ten million events (docs/inspector-performance.md)."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from orrery import bench, paths

EVENTS = 10_000_000

AIMS = {"frame, all, CPU time, 95 %": "16 at most", "frame, all, wall clock, 95 %": "16 at most"}


def measure(sheet: bench.Sheet) -> None:
    """Writes a synthetic trace, opens it in the widget without a display, pans and zooms."""
    folder_of = paths.build_folder() / "bench"
    with tempfile.TemporaryDirectory(prefix="orrery-") as folder:
        trace = str(Path(folder) / "trace.pftrace")
        subprocess.run([str(folder_of / "trace_store_bench"), "generate", trace, str(EVENTS)],
                       check=True, timeout=1200)
        result = subprocess.run([str(folder_of / "timeline_bench"), trace], check=True,
                                timeout=1200, stdout=subprocess.PIPE, text=True)
    for line in result.stdout.splitlines():
        figure, value, unit = line.split("\t")
        sheet.row(figure, float(value), unit, AIMS.get(figure, ""))
