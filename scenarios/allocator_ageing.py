# SPDX-License-Identifier: Apache-2.0
"""Ageing: page-frame strategies under workloads that fill memory, break it up and fight over it.

What the recipes do and what each metric means is in docs/allocation-workloads.md. By default a
survey of all of them is made in 64 MiB; `--set recipe=NAME` runs one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from orrery import MemoryNode, PageFrames, Phone, Preparation, UsageError, s, scenario, us
from orrery.allocation_trace import replay_words

#: Rounds of each recipe unless `--set rounds` says otherwise.
ROUNDS = {"bulk": 4, "repeat": 4, "random": 4, "filling": 100, "fragmentation": 100, "apps": 60}
RECIPES = (*ROUNDS, "replay")
FRAMES_A_MEBIBYTE = 256
HUGE = 512


def plan(phone: Preparation) -> dict[str, bytes]:
    """The file that tells the program what to do, and the trace to be replayed."""
    recipe = phone.parameter("recipe", "survey")
    threads, fill = phone.parameter("threads", 8), phone.parameter("fill", 50)
    rounds, orders = phone.parameter("rounds", 0), phone.parameter("orders", "0")
    memory, trace = phone.parameter("memory", 64), phone.parameter("trace", "")
    seeds = phone.random("recipes")

    def run(name: str, recipe: str, **choices: object) -> str:
        words = [f"run name={name} recipe={recipe}"]
        words += [f"{key}={value}" for key, value in choices.items()]
        return " ".join([*words, f"seed={seeds.getrandbits(64)}"])

    if not 1 <= threads <= 8:
        raise UsageError(f"threads lies between 1 and 8, not at {threads}")
    if not 0 <= fill <= 100:
        raise UsageError(f"fill is a percentage, not {fill}")
    files = {}
    lines = [f"memory frames={memory * FRAMES_A_MEBIBYTE}"]
    if recipe == "survey":
        lines += [run(f"cpus{n}", "bulk", threads=n, fill=0) for n in (1, 2, 4, 8)]
        lines += [run("orders", "random", threads=2, fill=0, rounds=8, orders="0,4,9")]
        lines += [run(f"fill{n}", "filling", threads=4, fill=n, rounds=20) for n in (50, 90, 99)]
        lines += [run("fragmentation", "fragmentation", threads=threads, fill=fill,
                      rounds=rounds or 50, map=1)]
        lines += [run("apps", "apps", threads=4, fill=90, rounds=rounds or 12, map=1)]
    elif recipe == "replay":
        if not trace:
            raise UsageError("give the recording to be replayed: --set trace=FILE")
        files["ageing/trace"] = replay_words(Path(trace))
        lines += [run("replay", "replay", threads=threads, trace="ageing/trace", map=1)]
    elif recipe in ROUNDS:
        rounds = rounds or ROUNDS[recipe]
        lines += [run(recipe, recipe, threads=threads, fill=fill, rounds=rounds, orders=orders,
                      map=1)]
    else:
        known = ", ".join(("survey", *RECIPES))
        raise UsageError(f'there is no recipe "{recipe}": choose from {known}')
    return files | {"ageing/plan": "\n".join(lines).encode()}


@scenario(program="bin/allocator_ageing", bootargs="task_memory=100", files=plan)
def allocator_ageing(phone: Phone) -> None:
    """How long page-frame operations take as memory ages, and what becomes of its large blocks."""
    recipe = phone.parameter("recipe", "survey")
    phone.boot()
    phone.console.wait_for(r"^ageing: (done|cannot do: .*|the archive .*)$", timeout=59 * s)
    results = Results(phone.console.text)
    assert results.done
    assert not phone.faults
    for run in results.runs.values():
        assert run.totals["wrong"] == 0, run.name
    phone.metrics.record("ageing.metadata", results.metadata, "B")
    moved = phone.metrics["memory.pages_moved"].value
    phone.metrics.record("ageing.pages_moved", moved, "pages")
    if recipe == "survey":
        survey(phone, results)
    else:
        run = results.runs[recipe]
        phone.metrics.record("ageing.throughput", run.throughput, "1/us")
        latencies(phone, results, [run])
        fragmentation(phone, results, "ageing", run)
    for what in ("failed", "unsupported"):
        total = sum(run.totals[what] for run in results.runs.values())
        phone.metrics.record(f"ageing.{what}", total)


def survey(phone: Phone, results: Results) -> None:
    """Figures of every recipe in turn."""
    runs = results.runs
    rate = phone.metrics.curve("ageing.throughput", "CPUs", "1/us")
    for cpus in (1, 2, 4, 8):
        rate.record(cpus, runs[f"cpus{cpus}"].throughput)
    latencies(phone, results, [runs["orders"]])
    for operation in ("allocate", "free"):
        for percent in (50, 99):
            curve = phone.metrics.curve(f"ageing.{operation}.p{percent}", "filled (%)", "ns")
            for fill in (50, 90, 99):
                ticks = runs[f"fill{fill}"].ticks[operation, 0]
                curve.record(fill, results.nanoseconds(percentile(ticks, percent)))
    fragmentation(phone, results, "ageing.fragmentation", runs["fragmentation"])
    fragmentation(phone, results, "ageing.apps", runs["apps"])


def latencies(phone: Phone, results: Results, runs: list[Run]) -> None:
    """A distribution for each operation and order."""
    for operation, order in sorted({key for run in runs for key in run.ticks}):
        ticks = sum((run.ticks[operation, order] for run in runs), Counter())
        if ticks:
            found = {results.nanoseconds(value): count for value, count in ticks.items()}
            phone.metrics.samples(f"ageing.{operation}.order{order}", found, "ns")


def fragmentation(phone: Phone, results: Results, name: str, run: Run) -> None:
    """What is left of large blocks, round by round: a strategy's pace has no part in it."""
    unusable = phone.metrics.curve(f"{name}.unusable_index", "rounds")
    index = phone.metrics.curve(f"{name}.fragmentation_index", "rounds")
    huge = phone.metrics.curve(f"{name}.free_2m", "rounds", "%")
    for number, point in enumerate(run.points):
        optimum = point.free // HUGE
        unusable.record(number, point.frames.unusable_free_space_index())
        index.record(number, point.frames.fragmentation_index())
        huge.record(number, 100 * point.frames.free_2m / optimum if optimum else 100)
    used = [HUGE - free for free, before in zip(run.map, results.map) if before]
    phone.metrics.map(f"{name}.map", used, "frames")


def percentile(ticks: Counter[int], percent: int) -> int:
    """By nearest rank."""
    rank = -(-ticks.total() * percent // 100)
    for value in sorted(ticks):
        rank -= ticks[value]
        if rank <= 0:
            return value
    raise ValueError("nothing was measured")


@dataclass(frozen=True)
class Point:
    """Memory at one moment, as the program saw it."""

    free: int
    frames: PageFrames


@dataclass
class Run:
    """What the program printed of one run."""

    name: str
    points: list[Point] = field(default_factory=list)
    #: Free frames of each 2 MiB at the end.
    map: list[int] = field(default_factory=list)
    #: How often an operation (allocate, free) on an order took so many ticks.
    ticks: dict[tuple[str, int], Counter[int]] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)

    @property
    def throughput(self) -> float:
        """Operations a microsecond, of all threads together."""
        return self.totals["operations"] * us / self.totals["nanoseconds"]


class Results:
    """Everything the program printed: see user/programs/ageing_results.hpp."""

    def __init__(self, text: str) -> None:
        self.runs: dict[str, Run] = {}
        #: Free frames of each 2 MiB before the first run: what is out of the way has none.
        self.map: list[int] = []
        self.done = False
        self.metadata = self._frequency = 0
        for line in text.splitlines():
            kind, _, rest = line.removeprefix("ageing: ").partition(" ")
            reader = getattr(self, f"_read_{kind}", None)
            if line.startswith("ageing: ") and reader:
                reader(rest.replace(",", "").split())

    def nanoseconds(self, ticks: int) -> float:
        """A number of ticks as time."""
        return ticks * s / self._frequency

    def _run(self, name: str) -> Run:
        return self.runs.setdefault(name, Run(name))

    def _read_memory(self, words: list[str]) -> None:
        self.metadata, self._frequency = int(words[6]), int(words[10])

    def _read_point(self, words: list[str]) -> None:
        _, free, _, *blocks = map(int, words[1:])
        node = MemoryNode(0, 0, free, self.metadata, tuple(blocks))
        frames = PageFrames("", False, 0, (node,))
        self._run(words[0]).points.append(Point(free, frames))

    def _read_ticks(self, words: list[str]) -> None:
        ticks = self._run(words[0]).ticks.setdefault((words[1], int(words[2])), Counter())
        for word in words[3:]:
            value, _, count = word.partition("*")
            ticks[int(value)] += int(count)

    def _read_map(self, words: list[str]) -> None:
        found = self.map if words[0] == "memory" else self._run(words[0]).map
        found.extend(map(int, words[2:]))

    def _read_result(self, words: list[str]) -> None:
        self._run(words[0]).totals.update(zip(words[1::2], map(int, words[2::2])))

    def _read_done(self, words: list[str]) -> None:
        self.done = True
