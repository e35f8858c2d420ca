# SPDX-License-Identifier: Apache-2.0
"""Running a comparison: everything once, resuming after an interrupt at any point, refusals."""

import sqlite3
import sys
import tempfile
import unittest
from pathlib import Path
from types import FrameType
from typing import Any

from fake_runs import VERSIONS, Fixture, contents
from orrery import UsageError
from orrery.compare import execution, figures, store
from support import FolderCase

# Lines between two places where a comparison is interrupted: a prime, so that all kinds are met.
_STRIDE = 53
_TRACED = {module.__file__ for module in (execution, store, figures)}


class InterruptAt:
    """Raises KeyboardInterrupt before the N-th line that is executed in the code under test."""

    def __init__(self, line: int) -> None:
        self._left = line
        self.happened = False

    def __enter__(self) -> "InterruptAt":
        sys.settrace(self._call)
        return self

    def __exit__(self, *error: object) -> None:
        sys.settrace(None)

    def _call(self, frame: FrameType, event: str, argument: Any) -> Any:
        return self._line if frame.f_code.co_filename in _TRACED else None

    def _line(self, frame: FrameType, event: str, argument: Any) -> Any:
        self._left -= 1
        if self._left <= 0 and not self.happened:
            self.happened = True
            raise KeyboardInterrupt
        return self._line


class Runs(FolderCase):
    def test_every_variant_with_every_seed_once(self) -> None:
        fixture = Fixture(self.folder / "out", "slow=1,2,3", seeds=4)
        database = fixture.open()
        self.addCleanup(database.close)
        fixture.run(database)
        wanted = [(seed, f"slow={slow}") for seed in range(1, 5) for slow in (1, 2, 3)]
        self.assertEqual(fixture.started, wanted)
        self.assertEqual(len(database.done()), 12)
        for (folder,) in database.query("SELECT folder FROM runs"):
            self.assertTrue((self.folder / "out" / folder / "run.json").is_file())
        fixture.run(database)
        self.assertEqual(len(fixture.started), 12)

    def test_figures(self) -> None:
        fixture = Fixture(self.folder / "out", seeds=1)
        database = fixture.open()
        self.addCleanup(database.close)
        fixture.run(database)
        rows = database.query("SELECT metric, recorded, kind, unit FROM results WHERE variant = 1")
        self.assertEqual(rows, [
            ("frames.total", "frames.total", "built_in", ""), ("work", "work", "value", "ms"),
            ("size", "size", "value", "KiB"),
            *((f"latency.{part}", "latency", "samples", "us")
              for part in ("p50", "p90", "p99", "max", "mean")),  # p99.9 takes 1000 samples
            ("used.mean", "used", "map", "frames"),
            *((f"rate.{cpus}", "rate", "curve", "1/us") for cpus in (1, 2, 4)),
            *((f"decay.{part}", "decay", "curve", "%") for part in ("mean", "min", "max", "last")),
            *((f"free.{part}", "free", "series", "frames")
              for part in ("mean", "min", "max", "last")),
        ])
        (values,) = zip(*database.query("SELECT value FROM quantiles WHERE run = 1"))
        self.assertEqual(list(values), sorted(values))
        cells = database.query("SELECT cell FROM maps WHERE run = 1 ORDER BY cell")
        self.assertEqual(cells, [(cell,) for cell in range(70)])
        times = database.query("SELECT time_ns FROM series WHERE run = 1 ORDER BY point")
        self.assertEqual(times, [(step * 1_000_000,) for step in range(20)])

    def test_failures_are_kept_and_stop_nothing(self) -> None:
        fixture = Fixture(
            self.folder / "out", seeds=3,
            fails=lambda job: (job.seed, job.bootargs) == (2, "slow=2"),
        )
        database = fixture.open()
        self.addCleanup(database.close)
        fixture.run(database)
        self.assertEqual(len(database.done()), 6)
        self.assertEqual(
            database.query("SELECT variant, seed, message FROM failures JOIN runs USING (run)"),
            [(2, 2, "it <did> not")],
        )
        self.assertEqual(
            database.query("SELECT count(*) FROM results WHERE variant = 2 AND metric = 'work'"),
            [(2,)],
        )
        fixture.run(database)
        self.assertEqual(len(fixture.started), 6)
        database.forget_failures()
        fixture.run(database)
        self.assertEqual(fixture.started[6:], [(2, "slow=2")])


class Resuming(FolderCase):
    def test_interrupted_anywhere(self) -> None:
        whole = Fixture(self.folder / "whole", seeds=2)
        database = whole.open()
        whole.run(database)
        wanted = contents(database)
        database.close()
        line, met = 1, 0
        while True:
            with tempfile.TemporaryDirectory(dir=self.folder) as folder, self.subTest(line):
                fixture = Fixture(Path(folder) / "out", seeds=2)
                happened = self.interrupt(fixture, line)
                again = fixture.open()
                done = len(again.done())
                before = len(fixture.started)
                fixture.run(again)
                self.assertEqual(contents(again), wanted)
                self.assertEqual(len(fixture.started) - before, 4 - done)
                again.close()
            if not happened:
                break
            met += 1
            line += _STRIDE
        self.assertGreater(met, 40)

    def interrupt(self, fixture: Fixture, line: int) -> bool:
        database: store.Store | None = None
        with InterruptAt(line) as interrupt:
            try:
                database = fixture.open()
                fixture.run(database)
            except KeyboardInterrupt:
                pass
        if database is not None:
            database.close()
        return interrupt.happened


class Refusals(FolderCase):
    def setUp(self) -> None:
        super().setUp()
        self.out = self.folder / "out"
        Fixture(self.out).open().close()

    def refused(self, words: str, *variations: str, versions: Any = None, **more: Any) -> None:
        with self.subTest(words), self.assertRaisesRegex(UsageError, f"{words}.*--out"):
            Fixture(self.out, *variations, **more).open(versions)

    def test_another_comparison(self) -> None:
        self.refused("--vary differs", "slow=2,1")
        self.refused("--seeds differs", seeds=9)
        self.refused("--bootargs differs", bootargs="cpus=1")
        self.refused("--set differs", settings={"n": "1"})
        self.refused("--time-limit differs", time_limit=5)
        Fixture(self.out).open().close()

    def test_other_versions(self) -> None:
        self.refused("simulator has changed", versions={"simulator": "2"})
        self.refused("QEMU has changed", versions=VERSIONS | {"QEMU": "7.2"})

    def test_no_comparison(self) -> None:
        (self.folder / "notes").mkdir()
        (self.folder / "notes" / "thesis.tex").write_text("years")
        self.out = self.folder / "notes"
        self.refused("holds no comparison")
        (self.out / store.NAME).write_text("no database " * 100)
        self.refused("cannot be read")
        (self.out / store.NAME).unlink()
        other = sqlite3.connect(self.out / store.NAME)
        other.execute("CREATE TABLE recipes (name)")
        other.close()
        self.refused("cannot be read")


if __name__ == "__main__":
    unittest.main()
