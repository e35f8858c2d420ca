# SPDX-License-Identifier: Apache-2.0
"""Same scenario and seed, same run: traced or not, on an idle host or a busy one."""

from __future__ import annotations

import re
import subprocess
import sys
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from machine_case import MACHINES, MEASURES, MachineCase
from orrery import paths

SCENARIOS = sorted(path.stem for path in (paths.ROOT / "scenarios").glob("*.py"))
BUSY_PROCESSES = 2
# Host seconds after which a busy process ends by itself.
BUSY_LIMIT = 100

# What a run folder must hold again, byte for byte; the last ones where a scenario records such.
RECORDS = ("console.log", "metrics.csv", "samples.csv", "series.csv", "maps.csv", "curves.csv")

# The kernel keeps its trace rings in the phone's memory, so a traced phone has less of it free.
MEMORY_METRICS = "frames."
MEMORY_LINES = re.compile(r"^.*\b(memory:|frames |exhaust:).*$", re.MULTILINE)
# It uses up all memory, which takes longer where there is more.
MEASURES_MEMORY = ("isolation",)

# They live off what memory there is, and tell of it in everything they say. They also take long.
LIVE_OFF_MEMORY = ("allocator_ageing", "full_node", "pressure")

# These take so long that two runs must do.
LONG = ("memory_basics", "realtime")

# Long waits for its lock are what it wants to see, and with a fixed cost a trap there are none.
FAILS_WITH_FIXED_COSTS = ("lock_contest",)

# Their programs race each other, and what they come to depends on who wins.
RACES = ("monkeys", "lock_contest", *LIVE_OFF_MEMORY)
STAMP = re.compile(r"^\[ *\d+\.\d+\] ")
# What a program has measured, in instructions and so in time, but for other CPUs' turns.
MEASURED = re.compile(r"\d+ ps an access$")


@contextmanager
def busy_host() -> Iterator[None]:
    """Keeps all CPUs of this host busy."""
    code = f"import time\nend = time.monotonic() + {BUSY_LIMIT}\nwhile time.monotonic() < end: pass"
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(BUSY_PROCESSES)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


class Soc(MachineCase):
    """The phone in SystemC repeats itself to the last byte."""

    machine = "soc"

    def recorded(self, name: str, out: str, *options: str) -> Path:
        done = self.orrery("run", name, *MACHINES[self.machine], "--out", out, *options)
        self.assertEqual((done.code, done.err), (0, ""), str(done))
        self.assertWhole(out)
        return self.folder / out

    def record(self, folder: Path) -> dict[str, Any]:
        """run.json without what is this host's."""
        result = self.result(folder.name)
        self.assertGreater(result.pop("host")["seconds"], 0)
        return result

    def assertSame(self, first: Path, second: Path, *names: str) -> None:
        for name in names:
            same = (first / name).read_bytes() == (second / name).read_bytes()
            self.assertTrue(same, f"{name} differs between {first.name} and {second.name}")
        self.assertEqual(self.record(first), self.record(second))

    def test_repeats(self) -> None:
        for name in SCENARIOS:
            with self.subTest(name):
                traced = self.recorded(name, f"{name}-1", "--trace")
                files = [one for one in RECORDS if (traced / one).exists()]
                with busy_host():
                    loaded = self.recorded(name, f"{name}-3", "--trace")
                if name in LIVE_OFF_MEMORY or name in LONG:
                    self.assertSame(traced, loaded, "trace.pftrace", *files)
                    continue
                again = self.recorded(name, f"{name}-2", "--trace")
                plain = self.recorded(name, f"{name}-4")
                self.assertSame(traced, again, "trace.pftrace", *files)
                self.assertSame(traced, loaded, "trace.pftrace", *files)
                self.assertSame(plain, self.recorded(name, f"{name}-5"), *files)
                trace = (traced / "trace.pftrace").read_bytes()
                self.assertGreater(len(trace), 1000)
                self.assertEqual(self.record(traced)["trace_lost"], 0)
                self.assertFalse((plain / "trace.pftrace").exists())

    def test_seed_is_recorded(self) -> None:
        self.scenario('phone.boot()\nprint(f"{phone.now}")')
        first, second = (self.recorded("trial.py", f"seed{seed}", "--seed", str(seed))
                         for seed in (1, 2))
        self.assertEqual([self.record(one)["seed"] for one in (first, second)], [1, 2])


class InstructionSet(Soc):
    """So it does when it executes the kernel's image."""

    machine = "iss"


class OtherFidelities(Soc):
    """Whatever is modelled of time."""

    # Those that take little time, with programs on one CPU and on all.
    scenarios = ("first_light", "threads", "echo_shell")

    def test_repeats(self) -> None:
        for fidelity in ("functional", "memory"):
            for name in self.scenarios:
                with self.subTest(f"{name}, {fidelity}"):
                    options = ("--fidelity", fidelity, "--trace")
                    first = self.recorded(name, f"{name}-{fidelity}-1", *options)
                    with busy_host():
                        loaded = self.recorded(name, f"{name}-{fidelity}-2", *options)
                    self.assertSame(first, loaded, "trace.pftrace", "console.log", "metrics.csv")


class OtherFidelitiesOfTheImage(OtherFidelities):
    """The same with the kernel's image."""

    machine = "iss"


class Traced(Soc):
    """Where kernel code costs a fixed time, to record costs none."""

    def test_repeats(self) -> None:
        for name in SCENARIOS:
            if name in FAILS_WITH_FIXED_COSTS:
                continue
            with self.subTest(name):
                traced = self.recorded(name, "traced", "--fidelity", "functional", "--trace")
                plain = self.recorded(name, "plain", "--fidelity", "functional")
                self.assertSameButMemory(name, traced, plain)

    def assertSameButMemory(self, name: str, traced: Path, plain: Path) -> None:
        """Being traced changes nothing but how much memory is free."""
        texts = [MEMORY_LINES.sub("", (folder / "console.log").read_text())
                 for folder in (traced, plain)]
        records = [self.record(folder) for folder in (traced, plain)]
        if name in LIVE_OFF_MEMORY:
            self.assertEqual(*(record["verdict"] for record in records))
            return
        self.assertEqual(len({record["metrics"]["frames.free"]["value"] for record in records}), 2)
        for record in records:
            del record["trace_lost"]
            for metric in [name for name in record["metrics"] if name.startswith(MEMORY_METRICS)]:
                del record["metrics"][metric]
        if name in MEASURES_MEMORY:
            texts = [re.sub(r"\b0x[0-9a-f]+|\d+\.\d+", "", text) for text in texts]
            records = [{key: record[key] for key in ("verdict", "message")} for record in records]
        self.assertEqual(*texts)
        self.assertEqual(*records)


class Qemu(MachineCase):
    """QEMU comes to the same verdict and the same words, though not at the same times."""

    def lines(self, name: str, out: str) -> list[str]:
        done = self.orrery("run", name, "--on", "qemu", "--out", out)
        self.assertEqual((done.code, done.err), (0, ""), str(done))
        text = (self.folder / out / "console.log").read_text()
        return sorted(MEASURED.sub("", STAMP.sub("", line)) for line in text.splitlines())

    def test_repeats(self) -> None:
        for name in SCENARIOS:
            with self.subTest(name):
                first, second = (self.lines(name, f"{name}-{run}") for run in (1, 2))
                self.assertGreater(len(first), 3)
                if name not in RACES and name not in MEASURES:
                    self.assertEqual(first, second)


if __name__ == "__main__":
    unittest.main()
