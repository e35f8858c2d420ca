# SPDX-License-Identifier: Apache-2.0
"""What a run folder tells for a comparison: figures, quantiles of distributions, series, maps,
curves."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from ..metrics import nearest_rank

#: Figures that stand for a distribution or a series; a metric recorded one by one has its median.
SUMMARIES = {
    "samples": ("p50", "p90", "p99", "p99.9", "max", "mean"),
    "series": ("mean", "min", "max", "value"),
    "map": ("mean",),
    "curve": ("mean", "min", "max", "value"),
}
#: Points up to which a curve has a figure for each of them, instead of those.
MOST_PLACES = 8
#: Samples with which a percentile is more than another word for the largest of them.
NEEDED_FOR = {"p90": 10, "p99": 100, "p99.9": 1000}
#: The names of figures as a report shows them, where run.json has another word.
_SHOWN = {"value": "last"}

#: Where a distribution is looked at, in percent: even steps, then nines.
PERCENTS = (*range(0, 95, 5), 95.0, 97.5, 99.0, 99.5, 99.9, 99.95, 99.99, 100.0)


@dataclass(frozen=True)
class Figure:
    """One number of one run."""

    #: Name of the metric, with `.p99` and the like where the metric has many samples.
    metric: str
    #: Name under which the scenario, or the phone, recorded it.
    recorded: str
    #: How it was recorded: one of `metrics.KINDS`.
    kind: str
    unit: str
    value: float


@dataclass(frozen=True)
class Outcome:
    """A run that has ended, as the database keeps it."""

    result: dict[str, Any]
    figures: tuple[Figure, ...] = ()
    #: (metric, unit, percent, value) of every distribution.
    quantiles: tuple[tuple[str, str, float, float], ...] = ()
    #: (metric, unit, simulated nanoseconds, value) of every series.
    series: tuple[tuple[str, str, int, float], ...] = ()
    #: (metric, unit, cell, value) of every map.
    maps: tuple[tuple[str, str, int, float], ...] = ()
    #: (metric, unit, over what, place, value) of every curve.
    curves: tuple[tuple[str, str, str, float, float], ...] = ()

    @property
    def passed(self) -> bool:
        """Whether its figures count."""
        return self.result["verdict"] == "passed"


def outcome_of(result: dict[str, Any], folder: Path) -> Outcome:
    """What a run folder tells; a run that has not passed has no figures that could be compared."""
    if result["verdict"] != "passed":
        return Outcome(result)
    curves = tuple(_curves(folder / "curves.csv"))
    return Outcome(
        result, tuple(_figures(result["metrics"], curves)),
        tuple(_quantiles(folder / "samples.csv")),
        tuple(_numbered(folder / "series.csv", "time_ns")),
        tuple(_numbered(folder / "maps.csv", "cell")), curves,
    )


def _figures(
    metrics: dict[str, dict[str, Any]], curves: tuple[tuple[str, str, str, float, float], ...]
) -> Iterator[Figure]:
    for name, metric in metrics.items():
        kind, unit = metric["kind"], metric["unit"]
        if kind == "curve" and metric["count"] <= MOST_PLACES:
            for place, value in [row[3:] for row in curves if row[0] == name]:
                yield Figure(f"{name}.{place:g}", name, kind, unit, value)
            continue
        for part in SUMMARIES.get(kind, ()):
            if metric["count"] < NEEDED_FOR.get(part, 1):
                continue
            yield Figure(f"{name}.{_SHOWN.get(part, part)}", name, kind, unit, metric[part])
        if kind not in SUMMARIES:
            yield Figure(name, name, kind, unit, metric["p50"])


def _rows(path: Path) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The rows of each metric, in the order in which they were written."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as file:
        for name, rows in groupby(csv.DictReader(file), key=lambda row: row["metric"]):
            yield name, list(rows)


def _quantiles(path: Path) -> Iterator[tuple[str, str, float, float]]:
    for name, rows in _rows(path):
        ordered = sorted((float(row["value"]), int(row["count"])) for row in rows)
        total = sum(count for _, count in ordered)
        for percent in PERCENTS:
            if percent < 100 and (100 - percent) * total < 100:
                continue  # no sample lies above
            yield name, rows[0]["unit"], float(percent), nearest_rank(ordered, percent)


def _curves(path: Path) -> Iterator[tuple[str, str, str, float, float]]:
    for name, rows in _rows(path):
        for row in rows:
            yield name, row["unit"], row["over"], float(row["place"]), float(row["value"])


def _numbered(path: Path, column: str) -> Iterator[tuple[str, str, int, float]]:
    """Values with the whole number that stands beside each: a time, a place."""
    for name, rows in _rows(path):
        for row in rows:
            yield name, row["unit"], int(row[column]), float(row["value"])
