# SPDX-License-Identifier: Apache-2.0
"""What the driver shows while scenarios run: live lines on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import paths
from .backend import label
from .child import Child
from .units import format_seconds

_REDRAW_EVERY = 0.1
_PLAIN_EVERY = 30.0


class Display:
    """Shows progress and results; silent about everything but errors with `quiet`."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._live = sys.stdout.isatty() and not quiet and os.environ.get("TERM") != "dumb"
        self._drawn = 0
        self._next = 0.0

    def started(self, child: Child) -> None:
        """A scenario has been started."""
        if not self._live:
            self._say(f"running {child.job.scenario} on {child.job.label}")
        self._next = 0.0 if self._live else time.monotonic() + _PLAIN_EVERY

    def update(self, children: Sequence[Child]) -> None:
        """Time has gone on; draws again every so often."""
        moment = time.monotonic()
        if moment < self._next:
            return
        if self._live:
            self._next = moment + _REDRAW_EVERY
            self._draw([self._line_of(child) for child in children])
        else:
            self._next = moment + _PLAIN_EVERY
            for child in children:
                self._say(self._line_of(child).strip())

    def output(self, child: Child, text: str) -> None:
        """A scenario or its simulator has printed a line."""
        self._say(f"{child.job.scenario}: {text}")

    def finished(self, result: dict[str, Any], target: Path) -> None:
        """A scenario has ended."""
        verdict = result["verdict"]
        simulated = format_seconds(result["simulated_ns"])
        machine = label(result["backend"], result["cpu"])
        head = f"{self._painted(verdict)} {result['scenario']} on {machine}"
        times = f"{simulated} simulated, {result['host']['seconds']:.1f} s host"
        line = f"{head}: {times} -> {paths.display(target)}"
        if verdict == "passed":
            self._say(line)
        else:
            self._clear()
            print(f"{line}\n  {result['message']}", file=sys.stderr, flush=True)

    def summary(self, results: Sequence[dict[str, Any]], seconds: float) -> None:
        """All have ended."""
        self._clear()
        if len(results) < 2:
            return
        counts = [
            f"{sum(result['verdict'] == verdict for result in results)} {verdict}"
            for verdict in ("passed", "failed", "error")
            if any(result["verdict"] == verdict for result in results)
        ]
        self._say(f"{len(results)} scenarios: {', '.join(counts)} in {seconds:.1f} s")

    def clear(self) -> None:
        """Takes the live lines away."""
        self._clear()

    def _say(self, text: str) -> None:
        if not self._quiet:
            self._clear()
            print(text, flush=True)

    def _line_of(self, child: Child) -> str:
        name = f"{child.job.scenario} on {child.job.label}"
        line = "".join(c if c.isprintable() else " " for c in child.line)
        return f"  {name:<24} {format_seconds(child.now):>10} {child.elapsed:5.0f} s  {line}"

    def _draw(self, lines: Sequence[str]) -> None:
        self._clear()
        width = shutil.get_terminal_size().columns - 1
        for line in lines:
            print(line[:width])
        sys.stdout.flush()
        self._drawn = len(lines)

    def _clear(self) -> None:
        if self._drawn:
            print(f"\x1b[{self._drawn}A\x1b[J", end="", flush=True)
            self._drawn = 0

    def _painted(self, verdict: str) -> str:
        if not self._live or os.environ.get("NO_COLOR"):
            return verdict
        return f"\x1b[{'32' if verdict == 'passed' else '31'}m{verdict}\x1b[0m"
