# SPDX-License-Identifier: Apache-2.0
"""Metrics of a run: named series of samples, and the figures taken from the kernel."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .errors import UsageError

#: What a metric is: a figure or a few, a distribution, a course over time, a picture of a moment, a
#: figure over a number such as that of CPUs, the phone's own figure.
KINDS = ("value", "samples", "series", "map", "curve", "built_in")

_COLUMNS = (
    "unit", "value", "count", "mean", "min", "max", "p50", "p90", "p99", "p99.9", "kind",
)


class UnknownMetric(UsageError, KeyError):
    """No metric has this name."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass
class Metric:
    """A named series of samples with one unit."""

    #: Name, words joined by dots: `boot.to_init`.
    name: str
    #: Unit of every sample; empty for a plain number.
    unit: str = ""
    #: The samples in the order they were recorded.
    samples: list[float] = field(default_factory=list)
    #: How it was recorded: `value`, `samples`, `series`, `map`, `curve`, or `built_in` for the
    #: phone's own.
    kind: str = "value"
    #: Of a series: simulated time of each sample, in nanoseconds.
    times: list[int] = field(default_factory=list)
    #: Of a distribution: how often each of `samples` occurred.
    counts: list[int] = field(default_factory=list)
    #: Of a curve: where each sample stands, and on which axis.
    places: list[float] = field(default_factory=list)
    over: str = ""

    @property
    def value(self) -> float:
        """The newest sample."""
        return self.samples[-1]

    @property
    def count(self) -> int:
        """Number of samples."""
        return sum(self.counts) if self.counts else len(self.samples)

    @property
    def mean(self) -> float:
        """Arithmetic mean."""
        return math.fsum(value * count for value, count in self.weighted()) / self.count

    @property
    def min(self) -> float:
        """Smallest sample."""
        return min(self.samples)

    @property
    def max(self) -> float:
        """Largest sample."""
        return max(self.samples)

    @property
    def p50(self) -> float:
        """Median, by nearest rank."""
        return self.percentile(50)

    @property
    def p90(self) -> float:
        """90th percentile, by nearest rank."""
        return self.percentile(90)

    @property
    def p99(self) -> float:
        """99th percentile, by nearest rank."""
        return self.percentile(99)

    @property
    def p99_9(self) -> float:
        """99.9th percentile, by nearest rank."""
        return self.percentile(99.9)

    def percentile(self, percent: float) -> float:
        """The smallest sample that `percent` of all samples do not exceed (nearest rank)."""
        if not 0 < percent <= 100:
            raise UsageError(f"a percentile lies above 0 and up to 100, not at {percent}")
        return nearest_rank(sorted(self.weighted()), percent)

    def weighted(self) -> list[tuple[float, int]]:
        """Every sample and how often it occurred, as recorded."""
        return list(zip(self.samples, self.counts or [1] * len(self.samples)))

    def as_dict(self) -> dict[str, float | int | str]:
        """The metric as it stands in run.json."""
        return {
            "unit": self.unit, "value": self.value, "count": self.count, "mean": self.mean,
            "min": self.min, "max": self.max, "p50": self.p50, "p90": self.p90, "p99": self.p99,
            "p99.9": self.p99_9, "kind": self.kind,
        }


def nearest_rank(ordered: Sequence[tuple[float, int]], percent: float) -> float:
    """The sample at a percentile of (sample, count) in ascending order; at 0 the smallest one."""
    # In whole thousandths of a percent, so that 99.9 of 1000 samples is the 999th.
    total = sum(count for _, count in ordered)
    rank = max(1, -(-round(percent * 1000) * total // 100_000))
    for value, count in ordered:
        rank -= count
        if rank <= 0:
            break
    return value


class Series:
    """A metric over simulated time, to which a scenario adds points."""

    def __init__(self, metric: Metric, now: Callable[[], int]) -> None:
        self._metric = metric
        self._now = now

    def record(self, value: float, at: int | None = None) -> None:
        """Adds the point (now, `value`), with simulated time as it is now.

        `at` is another time, in nanoseconds: of something that the phone has noted down itself.
        """
        number = _number(self._metric.name, value)
        if at is not None and self._metric.times and at < self._metric.times[-1]:
            raise UsageError(
                f'the series "{self._metric.name}" goes back in time, to {at} ns: '
                "record its points in their order"
            )
        self._metric.times.append(self._now() if at is None else at)
        self._metric.samples.append(number)


class Curve:
    """A metric over a number of the scenario's choice, to which a scenario adds points."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric

    def record(self, place: float, value: float) -> None:
        """Adds the point (`place`, `value`)."""
        number = _number(self._metric.name, value)
        self._metric.places.append(_number(self._metric.name, place))
        self._metric.samples.append(number)


class Metrics(Mapping[str, Metric]):
    """Mapping of name to `Metric`: what the scenario recorded beside what the kernel counts.

    The kernel's own figures are read anew at each look. They are there once the kernel runs:
    `boot.to_init`, `cpuN.busy`, `system_calls`, `interrupts`, `faults`, `context_switches`,
    `frames.free`, `frames.total`, `frames.free_2m` (free frames of 2 MiB),
    `frames.unusable_index` and `frames.fragmentation_index` (both of order 9, see `PageFrames`),
    `frames.metadata`, `frames.records`, `frames.owner.NAME` (see `PageFrames.owners`),
    `frames.nodeN.free`, `frames.nodeN.total`, `memory.NAME` (page faults, reclaim, swap, see
    docs/memory-pressure.md), `simulated_time`; where power is
    modelled, also `modelled.energy.RAIL`, `modelled.temperature.NODE` and `modelled.battery`.
    """

    def __init__(
        self,
        built_in: Callable[[], dict[str, tuple[float, str]]],
        now: Callable[[], int] = lambda: 0,
    ) -> None:
        self._built_in = built_in
        self._now = now
        self._recorded: dict[str, Metric] = {}

    def record(self, name: str, value: float, unit: str = "") -> None:
        """Adds a sample to the metric `name`, which begins with its first sample."""
        number = _number(name, value)
        self._of_kind("value", name, unit).samples.append(number)

    def samples(
        self, name: str, values: Iterable[float] | Mapping[float, int], unit: str = ""
    ) -> None:
        """Adds many samples to the distribution `name`: of latencies, say.

        A mapping tells how often each value occurred: `{0.5: 1000, 0.8: 3}`. Percentiles are in
        metrics.csv, all samples in samples.csv of the run folder.
        """
        pairs = values.items() if isinstance(values, Mapping) else ((one, 1) for one in values)
        numbers = [(_number(name, value), count) for value, count in pairs]
        if not numbers:
            raise UsageError(f'the metric "{name}" was given no samples: record at least one')
        for value, count in numbers:
            if isinstance(count, bool) or not isinstance(count, int) or count < 1:
                raise UsageError(f'the metric "{name}" cannot have the value {value} {count} times')
        metric = self._of_kind("samples", name, unit)
        metric.samples.extend(value for value, _ in numbers)
        metric.counts.extend(count for _, count in numbers)

    def curve(self, name: str, over: str, unit: str = "") -> Curve:
        """The curve `name`, a figure over a number: throughput over CPUs, say.

        Its points are in curves.csv of the run folder::

            rate = phone.metrics.curve("work.rate", over="CPUs", unit="1/s")
            for cpus in (1, 2, 4, 8):
                rate.record(cpus, measure(phone, cpus))
        """
        metric = self._of_kind("curve", name, unit)
        metric.over = over
        return Curve(metric)

    def series(self, name: str, unit: str = "") -> Series:
        """The series `name`, a value over simulated time; it begins with its first point.

        Its points are in series.csv of the run folder::

            free = phone.metrics.series("memory.free", "frames")
            for _ in range(100):
                phone.run_for(10 * ms)
                free.record(phone.metrics["frames.free"].value)
        """
        return Series(self._of_kind("series", name, unit), self._now)

    def map(self, name: str, cells: Iterable[float], unit: str = "") -> None:
        """Keeps the map `name`: a value for each cell of something, memory say, at this moment.

        Its cells are in maps.csv of the run folder. A later map of that name takes its place::

            phone.metrics.map("memory.used", [region.used for region in regions], "frames")
        """
        numbers = [_number(name, value) for value in cells]
        if not numbers:
            raise UsageError(f'the map "{name}" was given no cells: record at least one')
        self._of_kind("map", name, unit).samples[:] = numbers

    def __getitem__(self, name: str) -> Metric:
        metrics = self._all()
        if name not in metrics:
            known = ", ".join(metrics) or "none yet"
            raise UnknownMetric(f'there is no metric "{name}" (there are: {known})')
        return metrics[name]

    def __contains__(self, name: object) -> bool:
        return name in self._all()

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _of_kind(self, kind: str, name: str, unit: str) -> Metric:
        """The metric that a scenario records under this name; made when it is new."""
        if name in self._built_in():
            raise UsageError(f'the metric "{name}" is the kernel\'s own: record under another name')
        metric = self._recorded.setdefault(name, Metric(name, unit, kind=kind))
        if metric.unit != unit:
            raise UsageError(f'the metric "{name}" is in "{metric.unit}", not in "{unit}"')
        if metric.kind != kind:
            raise UsageError(
                f'the metric "{name}" was recorded as {metric.kind} before: '
                f"record {kind} under another name"
            )
        return metric

    def _all(self) -> dict[str, Metric]:
        built_in = {
            name: Metric(name, unit, [value], "built_in")
            for name, (value, unit) in self._built_in().items()
        }
        # A series without a point has nothing to tell yet.
        return built_in | {name: one for name, one in self._recorded.items() if one.samples}


def _number(name: str, value: float) -> float:
    number = float(value) if not isinstance(value, int) else value
    if not math.isfinite(number):
        raise UsageError(f'the metric "{name}" cannot take the value {value}')
    return number


def as_csv(metrics: Mapping[str, Metric]) -> str:
    """Metrics as CSV, a row each."""
    rows = (
        (name, *(row[column] for column in _COLUMNS))
        for name, row in ((name, metric.as_dict()) for name, metric in metrics.items())
    )
    return _csv(("metric", *_COLUMNS), rows)


def samples_csv(metrics: Mapping[str, Metric]) -> str:
    """The samples of all distributions as CSV, a row for each and how often it occurred; empty if
    there is none."""
    chosen = [metric for metric in metrics.values() if metric.kind == "samples"]
    rows = [(one.name, one.unit, *pair) for one in chosen for pair in one.weighted()]
    return _csv(("metric", "unit", "value", "count"), rows) if rows else ""


def curves_csv(metrics: Mapping[str, Metric]) -> str:
    """The points of all curves as CSV, a row each; empty if there is none."""
    chosen = [metric for metric in metrics.values() if metric.kind == "curve"]
    rows = [
        (one.name, one.unit, one.over, place, value)
        for one in chosen for place, value in zip(one.places, one.samples)
    ]
    return _csv(("metric", "unit", "over", "place", "value"), rows) if rows else ""


def maps_csv(metrics: Mapping[str, Metric]) -> str:
    """The cells of all maps as CSV, a row each; empty if there is none."""
    chosen = [metric for metric in metrics.values() if metric.kind == "map"]
    rows = [
        (one.name, one.unit, cell, value)
        for one in chosen for cell, value in enumerate(one.samples)
    ]
    return _csv(("metric", "unit", "cell", "value"), rows) if rows else ""


def series_csv(metrics: Mapping[str, Metric]) -> str:
    """The points of all series as CSV, a row each; empty if there is none."""
    chosen = [metric for metric in metrics.values() if metric.kind == "series"]
    rows = [
        (one.name, one.unit, time, value)
        for one in chosen for time, value in zip(one.times, one.samples)
    ]
    return _csv(("metric", "unit", "time_ns", "value"), rows) if rows else ""


def _csv(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()
