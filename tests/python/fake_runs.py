# SPDX-License-Identifier: Apache-2.0
"""Runs that have ended as soon as they begin, for tests of comparisons: no process, no phone."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orrery.compare.execution import Execution
from orrery.compare.plan import Comparison, parse_variation
from orrery.compare.progress import Progress
from orrery.compare.store import Store
from orrery.metrics import Metrics, curves_csv, maps_csv, samples_csv, series_csv
from orrery.run_folder import RunFolder, write_result
from orrery.runner import Job, result_of

VERSIONS = {"simulator": "1"}


def factor_of(job: Job) -> float:
    """How much slower a variant is: what the words `slow=N` on its command line say."""
    words = dict(word.split("=", 1) for word in job.bootargs.split())
    return float(words.get("slow", 1))


def record(job: Job, metrics: Metrics) -> None:
    """What each run measures: `work` depends on seed and variant, `size` on the variant alone."""
    source = random.Random(job.seed)
    base = source.uniform(9, 11)
    metrics.record("work", base * factor_of(job), "ms")
    metrics.record("size", 10 * factor_of(job), "KiB")
    metrics.samples("latency", [base * source.expovariate(1) for _ in range(200)], "us")
    metrics.map("used", [
        source.random() * (cell < 40 / factor_of(job)) for cell in range(70)
    ], "frames")
    rate = metrics.curve("rate", "CPUs", "1/us")
    for cpus in (1, 2, 4):
        rate.record(cpus, 5 * cpus / factor_of(job))
    decay = metrics.curve("decay", "rounds", "%")
    for step in range(12):
        decay.record(step, 90 - step * base)
    course = metrics.series("free", "frames")
    for step in range(20):
        course.record(1000 - step * factor_of(job) * base)


class FakeRun:
    """A run that leaves a run folder like a real one."""

    def __init__(self, job: Job, folder: RunFolder, fails: bool) -> None:
        self.job, self.folder = job, folder
        self.now, self.line, self.elapsed = 0, "", 0.0
        self.result: dict[str, Any] | None = None
        self._fails = fails

    def check(self) -> bool:
        clock = iter(range(0, 1_000_000_000, 1_000_000))
        metrics = Metrics(lambda: {"frames.total": (1000, "")}, lambda: next(clock))
        record(self.job, metrics)
        self.result = result_of(self.job, 1 if self._fails else 0,
                                "it <did> not" if self._fails else "", 0.5)
        self.result["metrics"] = {name: one.as_dict() for name, one in metrics.items()}
        (self.folder.work / "samples.csv").write_text(samples_csv(metrics))
        (self.folder.work / "maps.csv").write_text(maps_csv(metrics))
        (self.folder.work / "curves.csv").write_text(curves_csv(metrics))
        (self.folder.work / "series.csv").write_text(series_csv(metrics))
        write_result(self.folder.work, self.result)
        self.folder.publish()
        return True

    def abandon(self) -> None:
        self.folder.discard()


class Fixture:
    """A comparison of fake runs in a folder."""

    def __init__(
        self, folder: Path, *variations: str, seeds: int = 8,
        fails: Callable[[Job], bool] = lambda job: False, **template: Any,
    ) -> None:
        self.folder = folder
        job = Job(file="/x/trial.py", scenario="trial", on="soc", folder="", **template)
        self.comparison = Comparison(
            job, tuple(parse_variation(text) for text in variations or ("slow=1,2",)), seeds
        )
        self.started: list[tuple[int, str]] = []
        self._fails = fails

    def open(self, versions: dict[str, str] | None = None) -> Store:
        """The database, made if it is not there."""
        return Store(self.folder, self.comparison, versions or VERSIONS)

    def run(self, store: Store, jobs: int = 2) -> None:
        """Runs what is missing."""
        progress = Progress(self.comparison, len(store.done()), quiet=True)
        Execution(
            self.comparison, store, self.folder, progress, self._start, lambda runs: None
        ).run(jobs)

    def _start(self, job: Job, folder: RunFolder) -> FakeRun:
        assert job.seed is not None
        self.started.append((job.seed, job.bootargs))
        return FakeRun(job, folder, self._fails(job))


def contents(store: Store) -> list[list[tuple[Any, ...]]]:
    """All that a database keeps of runs, but for the order in which they ended."""
    return [
        store.query("SELECT variant, seed, verdict, folder FROM runs ORDER BY variant, seed"),
        store.query("SELECT variant, seed, metric, kind, unit, value FROM results"),
        store.query(
            "SELECT variant, seed, metric, percent, value FROM quantiles JOIN runs USING (run) "
            "ORDER BY variant, seed, metric, percent"
        ),
        store.query(
            "SELECT variant, seed, metric, point, time_ns, value FROM series JOIN runs USING (run)"
            " ORDER BY variant, seed, metric, point"
        ),
        store.query(
            "SELECT variant, seed, metric, cell, value FROM maps JOIN runs USING (run) "
            "ORDER BY variant, seed, metric, cell"
        ),
    ]
