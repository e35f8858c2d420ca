# SPDX-License-Identifier: Apache-2.0
"""The inspector's trace store on a trace of ten million events (docs/inspector-performance.md)."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from orrery import bench, paths

EVENTS = 10_000_000

#: What the page of figures aims at.
AIMS = {
    "first picture": "2 at most",
    "indexed": "10 at most",
    "memory of the process, greatest": "1000 at most",
    "frame, all zooms, 95 %": "16 at most",
}


def measure(sheet: bench.Sheet) -> None:
    """Writes a synthetic trace, reads it, and asks what a timeline asks."""
    program = str(paths.build_folder() / "bench" / "trace_store_bench")
    with tempfile.TemporaryDirectory(prefix="orrery-") as folder:
        trace = str(Path(folder) / "trace.pftrace")
        subprocess.run([program, "generate", trace, str(EVENTS)], check=True, timeout=1200)
        result = subprocess.run([program, "measure", trace], check=True, timeout=1200,
                                stdout=subprocess.PIPE, text=True)
    for line in result.stdout.splitlines():
        figure, value, unit = line.split("\t")
        sheet.row(figure, float(value), unit, AIMS.get(figure, ""))
