# SPDX-License-Identifier: Apache-2.0
"""What one sees of a comparison under way: a bar and live lines, or now and then a plain line."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from ..display import LiveLines
from ..units import format_seconds
from .plan import Comparison, Variant

_REDRAW_EVERY = 0.2
_PLAIN_EVERY = 30.0
_BAR = 30


class Progress:
    """Counts runs, and estimates how long the rest takes."""

    def __init__(self, comparison: Comparison, done: int, quiet: bool) -> None:
        self._total = len(comparison.variants) * comparison.seeds
        self._done = self._before = done
        self._failed = 0
        self._lines = LiveLines(quiet)
        self._started = time.monotonic()
        self._next = 0.0 if self._lines.live else self._started + _PLAIN_EVERY
        self._lines.say(
            f"comparing {len(comparison.variants)} variants of {comparison.template.scenario} "
            f"with {comparison.seeds} seeds each: {self._total} runs"
        )
        if done:
            self._lines.say(f"{done} of them are done already, {self._total - done} are missing")

    def finished(self, variant: Variant, seed: int, result: dict[str, Any]) -> None:
        """A run has ended."""
        self._done += 1
        if result["verdict"] != "passed":
            self._failed += 1
            verdict = self._lines.painted(result["verdict"])
            self._lines.complain(f"{verdict} {variant.label}, seed {seed}: {result['message']}")

    def update(self, running: Sequence[tuple[Any, str]]) -> None:
        """Time has gone on; shows it every so often. Each run comes with its variant's label."""
        moment = time.monotonic()
        if moment < self._next:
            return
        if self._lines.live:
            self._next = moment + _REDRAW_EVERY
            full = _BAR * self._done // self._total
            bar = f"[{'#' * full}{'.' * (_BAR - full)}]"
            rows = [self._row(run, label) for run, label in running]
            self._lines.draw([f"{bar} {self._count()}", *rows])
        else:
            self._next = moment + _PLAIN_EVERY
            self._lines.say(self._count())

    def ended(self) -> None:
        """Every run is there."""
        self._lines.clear()
        self._lines.say(self._count())

    def interrupted(self) -> None:
        """Somebody has ended it early."""
        self._lines.complain(
            f"{self._done} of {self._total} runs are done: the same command continues"
        )

    def say(self, text: str) -> None:
        """A line that stays."""
        self._lines.say(text)

    def complain(self, text: str) -> None:
        """A line that stays, however quiet."""
        self._lines.complain(text)

    def _count(self) -> str:
        elapsed = time.monotonic() - self._started
        parts = [f"{self._done} of {self._total} runs"]
        if self._failed:
            parts.append(f"{self._failed} failed")
        parts.append(f"{_clock(elapsed)} gone")
        new, left = self._done - self._before, self._total - self._done
        if new and left:
            parts.append(f"about {_clock(elapsed / new * left)} to go")
        return ", ".join(parts)

    @staticmethod
    def _row(run: Any, label: str) -> str:
        line = "".join(c if c.isprintable() else " " for c in run.line)
        name = f"{label}, seed {run.job.seed}"
        return f"  {name:<40} {format_seconds(run.now):>10} {run.elapsed:5.0f} s  {line}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
