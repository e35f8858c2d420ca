# SPDX-License-Identifier: Apache-2.0
"""Metrics of a run: named series of samples, and the figures taken from the kernel."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from .errors import UsageError


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

    @property
    def value(self) -> float:
        """The newest sample."""
        return self.samples[-1]

    @property
    def count(self) -> int:
        """Number of samples."""
        return len(self.samples)

    @property
    def mean(self) -> float:
        """Arithmetic mean."""
        return math.fsum(self.samples) / len(self.samples)

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
    def p99(self) -> float:
        """99th percentile, by nearest rank."""
        return self.percentile(99)

    def percentile(self, percent: float) -> float:
        """The smallest sample that `percent` of all samples do not exceed (nearest rank)."""
        if not 0 < percent <= 100:
            raise UsageError(f"a percentile lies above 0 and up to 100, not at {percent}")
        ordered = sorted(self.samples)
        return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]

    def as_dict(self) -> dict[str, float | int | str]:
        """The metric as it stands in run.json."""
        return {
            "unit": self.unit, "value": self.value, "count": self.count, "mean": self.mean,
            "min": self.min, "max": self.max, "p50": self.p50, "p99": self.p99,
        }


class Metrics(Mapping[str, Metric]):
    """Mapping of name to `Metric`: what the scenario recorded beside what the kernel counts.

    The kernel's own figures are read anew at each look. They are there once the kernel runs:
    `boot.to_init`, `cpuN.busy`, `system_calls`, `interrupts`, `faults`, `context_switches`,
    `frames.free`, `frames.total`, `frames.free_2m` (free frames of 2 MiB),
    `frames.unusable_index` and `frames.fragmentation_index` (both of order 9, see `PageFrames`),
    `frames.metadata`, `frames.nodeN.free`, `frames.nodeN.total`, `simulated_time`; where power is
    modelled, also `modelled.energy.RAIL`, `modelled.temperature.NODE` and `modelled.battery`.
    """

    def __init__(self, built_in: Callable[[], dict[str, tuple[float, str]]]) -> None:
        self._built_in = built_in
        self._recorded: dict[str, Metric] = {}

    def record(self, name: str, value: float, unit: str = "") -> None:
        """Adds a sample to the metric `name`, which begins with its first sample."""
        if name in self._built_in():
            raise UsageError(f'the metric "{name}" is the kernel\'s own: record under another name')
        number = float(value) if not isinstance(value, int) else value
        if not math.isfinite(number):
            raise UsageError(f'the metric "{name}" cannot take the value {value}')
        metric = self._recorded.setdefault(name, Metric(name, unit))
        if metric.unit != unit:
            raise UsageError(f'the metric "{name}" is in "{metric.unit}", not in "{unit}"')
        metric.samples.append(number)

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

    def _all(self) -> dict[str, Metric]:
        built_in = {n: Metric(n, unit, [value]) for n, (value, unit) in self._built_in().items()}
        return built_in | self._recorded


def as_csv(metrics: Mapping[str, Metric]) -> str:
    """Metrics as CSV, a row each."""
    out = io.StringIO()
    columns = ("unit", "value", "count", "mean", "min", "max", "p50", "p99")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("metric", *columns))
    for name, metric in metrics.items():
        row = metric.as_dict()
        writer.writerow((name, *(row[column] for column in columns)))
    return out.getvalue()
