# SPDX-License-Identifier: Apache-2.0
"""Runs what is missing of a comparison, a few runs at a time, and keeps each as it ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from .. import driver
from ..child import Child
from ..run_folder import RunFolder
from ..runner import Job
from .figures import outcome_of
from .plan import Comparison, Variant
from .progress import Progress
from .store import Store


class Running(Protocol):
    """A run under way: a `Child`, or what a test puts in its place."""

    job: Job
    folder: RunFolder
    result: dict[str, Any] | None
    #: Simulated time and last console line, as last reported; host seconds since the start.
    now: int
    line: str
    elapsed: float

    def check(self) -> bool:
        """Whether it has ended; its result and its run folder are then in their places."""

    def abandon(self) -> None:
        """Ends it and forgets its run."""


#: Starts a job whose results go to a run folder.
Start = Callable[[Job, RunFolder], Running]
#: Waits a moment for something to happen to one of those that run.
Wait = Callable[[Sequence[Any]], None]


def start_child(host_limit: float | None) -> Start:
    """Starts runs in processes of their own."""

    def start(job: Job, folder: RunFolder) -> Running:
        # What scenarios print would drown the progress of many; the last words of one that fails
        # are in its message.
        return Child(job, folder, host_limit, lambda text: None)

    return start


class Execution:
    """The runs of a comparison that are not in its database yet."""

    def __init__(
        self, comparison: Comparison, store: Store, out: Path, progress: Progress,
        start: Start, wait: Wait = driver.wait,
    ) -> None:
        self._comparison = comparison
        self._store = store
        self._out = out
        self._progress = progress
        self._start_run = start
        self._wait = wait
        self._running: dict[int, tuple[Running, Variant, int]] = {}

    def run(self, jobs: int) -> None:
        """Runs everything that is missing, `jobs` at a time; an exception leaves no run behind."""
        done = self._store.done()
        waiting = [
            (variant, seed) for variant, seed in self._comparison.runs
            if (variant.number, seed) not in done
        ]
        try:
            while waiting or self._running:
                while waiting and len(self._running) < jobs:
                    self._start(*waiting.pop(0))
                self._wait([running for running, _, _ in self._running.values()])
                for key in [key for key, (one, _, _) in self._running.items() if one.check()]:
                    self._keep(key)
                self._progress.update([(one, v.label) for one, v, _ in self._running.values()])
        except BaseException:
            for running, _, _ in self._running.values():
                running.abandon()
            raise

    def _start(self, variant: Variant, seed: int) -> None:
        folder = RunFolder(self._out / self._place(variant, seed))
        job = replace(self._comparison.job(variant, seed), folder=str(folder.work))
        running = self._start_run(job, folder)
        self._running[id(running)] = (running, variant, seed)

    def _keep(self, key: int) -> None:
        running, variant, seed = self._running[key]
        result = running.result
        assert result is not None
        outcome = outcome_of(result, running.folder.target)
        self._store.keep(variant, seed, self._place(variant, seed), outcome)
        del self._running[key]
        self._progress.finished(variant, seed, result)

    @staticmethod
    def _place(variant: Variant, seed: int) -> str:
        """A run folder, as the database names it: from the folder of the comparison."""
        return f"runs/{variant.folder}/seed-{seed}"
