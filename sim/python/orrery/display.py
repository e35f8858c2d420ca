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


class LiveLines:
    """Lines at the bottom of a terminal that are drawn again and again; none elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self.live = sys.stdout.isatty() and not quiet and os.environ.get("TERM") != "dumb"
        self._drawn = 0

    def say(self, text: str) -> None:
        """Prints a line that stays."""
        if not self._quiet:
            self.clear()
            print(text, flush=True)

    def complain(self, text: str) -> None:
        """Prints a line that stays, however quiet."""
        self.clear()
        print(text, file=sys.stderr, flush=True)

    def draw(self, lines: Sequence[str]) -> None:
        """Draws lines in place of those before."""
        self.clear()
        width = shutil.get_terminal_size().columns - 1
        for line in lines:
            print(line[:width])
        sys.stdout.flush()
        self._drawn = len(lines)

    def clear(self) -> None:
        """Takes the lines away."""
        if self._drawn:
            print(f"\x1b[{self._drawn}A\x1b[J", end="", flush=True)
            self._drawn = 0

    def painted(self, verdict: str) -> str:
        """A verdict in green or red, where there are colours."""
        if not self.live or os.environ.get("NO_COLOR"):
            return verdict
        return f"\x1b[{'32' if verdict == 'passed' else '31'}m{verdict}\x1b[0m"


class Display:
    """Shows progress and results; silent about everything but errors with `quiet`."""

    def __init__(self, quiet: bool) -> None:
        self._lines = LiveLines(quiet)
        self._live = self._lines.live
        self._next = 0.0

    def started(self, child: Child) -> None:
        """A scenario has been started."""
        if not self._live:
            self._lines.say(f"running {child.job.scenario} on {child.job.label}")
        self._next = 0.0 if self._live else time.monotonic() + _PLAIN_EVERY

    def update(self, children: Sequence[Child]) -> None:
        """Time has gone on; draws again every so often."""
        moment = time.monotonic()
        if moment < self._next:
            return
        if self._live:
            self._next = moment + _REDRAW_EVERY
            self._lines.draw([self._line_of(child) for child in children])
        else:
            self._next = moment + _PLAIN_EVERY
            for child in children:
                self._lines.say(self._line_of(child).strip())

    def output(self, child: Child, text: str) -> None:
        """A scenario or its simulator has printed a line."""
        self._lines.say(f"{child.job.scenario}: {text}")

    def finished(self, result: dict[str, Any], target: Path) -> None:
        """A scenario has ended."""
        verdict = result["verdict"]
        simulated = format_seconds(result["simulated_ns"])
        machine = label(result["backend"], result["cpu"])
        head = f"{self._lines.painted(verdict)} {result['scenario']} on {machine}"
        times = f"{simulated} simulated, {result['host']['seconds']:.1f} s host"
        line = f"{head}: {times} -> {paths.display(target)}"
        if verdict == "passed":
            self._lines.say(line)
        else:
            self._lines.complain(f"{line}\n  {result['message']}")

    def summary(self, results: Sequence[dict[str, Any]], seconds: float) -> None:
        """All have ended."""
        self._lines.clear()
        if len(results) < 2:
            return
        counts = [
            f"{sum(result['verdict'] == verdict for result in results)} {verdict}"
            for verdict in ("passed", "failed", "error")
            if any(result["verdict"] == verdict for result in results)
        ]
        self._lines.say(f"{len(results)} scenarios: {', '.join(counts)} in {seconds:.1f} s")

    def clear(self) -> None:
        """Takes the live lines away."""
        self._lines.clear()

    def _line_of(self, child: Child) -> str:
        name = f"{child.job.scenario} on {child.job.label}"
        line = "".join(c if c.isprintable() else " " for c in child.line)
        return f"  {name:<24} {format_seconds(child.now):>10} {child.elapsed:5.0f} s  {line}"
