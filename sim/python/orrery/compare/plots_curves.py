# SPDX-License-Identifier: Apache-2.0
"""Plots over something: over a key with numbers, over percentiles, over simulated time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from . import plots
from .analysis import Row, Table
from .plan import Variant, Variation
from .text import Scale, number

_HEIGHT = 2.9
_TIME_STEPS = 240
_MOST_TICKS = 8
#: Variants up to which lines and their bands can be told apart in one plot; more have one each.
MOST_TOGETHER = 3
_COLUMNS = 3
#: Samples above which an axis over percentiles shows the next nine.
_NINES = (0.0, 50.0, 90.0, 99.0, 99.9, 99.99)


def over_key(
    table: Table, variation: Variation, identifier: str, others: Sequence[Variation]
) -> str:
    """Medians over the values of one key, a line for each combination of all other keys."""
    scale = variation.scale()
    assert scale is not None
    numbers, unit = dict(zip(variation.values, scale[0])), scale[1]
    lines: dict[str, list[tuple[float, Row]]] = {}
    for row in table.rows:
        choices = dict(row.variant.choices)
        name = " ".join(f"{other.key}={choices[other.key]}" for other in others)
        lines.setdefault(name, []).append((numbers[choices[variation.key]], row))
    with plots.canvas(identifier, _HEIGHT) as canvas:
        axes = canvas.figure.subplots()
        for place, (name, points) in enumerate(lines.items()):
            _line(axes, sorted(points, key=lambda point: point[0]), table.scale, place, name)
        axes.set_xlabel(f"{variation.key} ({unit})" if unit else variation.key)
        axes.set_ylabel(table.scale.label(table.metric))
        axes.xaxis.set_major_locator(FixedLocator(sorted(numbers.values())))
        axes.set_xticklabels([number(value) for value in sorted(numbers.values())])
        axes.margins(y=0.12)
        plots.quiet_grid(axes, "y")
        _legend(axes, len(lines))
    return canvas.svg


def _line(
    axes: Axes, points: Sequence[tuple[float, Row]], scale: Scale, place: int, name: str
) -> None:
    estimates = [row.estimate for _, row in points]
    medians = numpy.array([one.median for one in estimates]) * scale.factor
    lows = numpy.array([one.median if one.low is None else one.low for one in estimates])
    highs = numpy.array([one.median if one.high is None else one.high for one in estimates])
    errors = numpy.abs(numpy.vstack([lows, highs]) * scale.factor - medians)
    axes.errorbar(
        [x for x, _ in points], medians, yerr=errors, capsize=2.5, elinewidth=0.9,
        label=name or None, **plots.style(place),
    )


@dataclass(frozen=True)
class Course:
    """What one variant does over an axis: the middle of its seeds, the lowest and the highest."""

    at: numpy.ndarray
    middle: numpy.ndarray
    low: numpy.ndarray
    high: numpy.ndarray


def percentiles(
    name: str, scale: Scale, quantiles: Mapping[Variant, Mapping[float, Sequence[float]]],
    identifier: str,
) -> str:
    """Distributions up to their last nines: percentiles of each run, over seeds."""
    courses = {
        variant: _percentile_course(found, scale) for variant, found in quantiles.items()
    }
    largest = max(course.at[-1] for course in courses.values())
    ticks = [percent for percent in _NINES if _nines(percent) <= largest]
    logarithmic = plots.log_worthy([
        value for course in courses.values() for value in (*course.low, *course.high)
    ])

    def finish(axes: Axes) -> None:
        if logarithmic:
            axes.set_yscale("log")
        axes.xaxis.set_major_locator(FixedLocator([_nines(percent) for percent in ticks]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xticklabels([f"{percent:g}" for percent in ticks])

    labels = "percentile of the samples of a run (%)", scale.label(name)
    return _drawn(courses, labels, identifier, finish, "default")


def _percentile_course(found: Mapping[float, Sequence[float]], scale: Scale) -> Course:
    # 100 % has no place on an axis of nines (tables have the maximum), nor has a percentile that
    # only some of the runs have samples enough for.
    runs = max(len(values) for values in found.values())
    percents = [p for p, values in found.items() if p < 100 and len(values) == runs]
    values = numpy.array([found[percent] for percent in percents]) * scale.factor
    at = numpy.array([_nines(percent) for percent in percents])
    return Course(at, numpy.median(values, axis=1), values.min(axis=1), values.max(axis=1))


def _nines(percent: float) -> float:
    """Where a percentile lies on an axis on which each further nine takes the same room."""
    return float(-numpy.log10(1 - percent / 100))


def over_time(
    name: str, scale: Scale,
    runs: Mapping[Variant, Sequence[tuple[Sequence[float], Sequence[float]]]],
    time: Scale, identifier: str,
) -> str:
    """A series over simulated time, over seeds."""
    courses = {variant: _time_course(found, scale, time) for variant, found in runs.items()}
    labels = time.label("simulated time since power-on"), scale.label(name)
    return _drawn(courses, labels, identifier, lambda axes: None, "steps-post")


def _time_course(
    runs: Sequence[tuple[Sequence[float], Sequence[float]]], scale: Scale, time: Scale
) -> Course:
    """The value of every run at common moments: the last point before counts."""
    begin = max(times[0] for times, _ in runs)
    end = max(min(times[-1] for times, _ in runs), begin)
    moments = numpy.linspace(begin, end, _TIME_STEPS)
    rows = []
    for times, values in runs:
        places = numpy.searchsorted(numpy.asarray(times, dtype=float), moments, side="right") - 1
        rows.append(numpy.asarray(values, dtype=float)[places.clip(0)])
    found = numpy.vstack(rows) * scale.factor
    return Course(
        moments * time.factor, numpy.median(found, axis=0), found.min(axis=0), found.max(axis=0)
    )


def over_places(
    name: str, scale: Scale, over: str,
    runs: Mapping[Variant, Mapping[float, Sequence[float]]], identifier: str,
) -> str:
    """A curve of the scenario's own: throughput over CPUs, say."""
    courses = {}
    for variant, found in runs.items():
        values = [numpy.array(found[place]) * scale.factor for place in sorted(found)]
        courses[variant] = Course(
            numpy.array(sorted(found)), numpy.array([numpy.median(one) for one in values]),
            numpy.array([one.min() for one in values]), numpy.array([one.max() for one in values]),
        )
    places = sorted({place for found in runs.values() for place in found})
    lowest = min(course.low.min() for course in courses.values())
    highest = max(course.high.max() for course in courses.values())
    logarithmic = plots.log_worthy([lowest, highest])

    def finish(axes: Axes) -> None:
        if len(places) <= _MOST_TICKS:
            axes.xaxis.set_major_locator(FixedLocator(places))
            axes.xaxis.set_minor_locator(NullLocator())
            axes.set_xticklabels([number(place) for place in places])
        if logarithmic:
            axes.set_yscale("log")
        elif 0 <= lowest < 0.7 * highest:
            axes.set_ylim(0, 1.06 * highest or None)

    return _drawn(courses, (over, scale.label(name)), identifier, finish, "default")


def _drawn(
    courses: Mapping[Variant, Course], labels: tuple[str, str], identifier: str,
    finish: Callable[[Axes], None], steps: str,
) -> str:
    """All courses in one plot, or, where that could not be read, in a panel each."""
    if len(courses) <= MOST_TOGETHER:
        with plots.canvas(identifier, _HEIGHT) as canvas:
            axes = canvas.figure.subplots()
            for place, (variant, course) in enumerate(courses.items()):
                _course(axes, course, steps, place, plots.shortened(variant.label))
            finish(axes)
            axes.set(xlabel=labels[0], ylabel=labels[1])
            plots.quiet_grid(axes, "both")
            _legend(axes, len(courses))
        return canvas.svg
    lines = -(-len(courses) // _COLUMNS)
    with plots.canvas(identifier, 0.5 + 1.55 * lines) as canvas:
        panels = canvas.figure.subplots(lines, _COLUMNS, sharex=True, sharey=True).flatten()
        first = next(iter(courses.values()))
        for axes, (variant, course) in zip(panels, courses.items()):
            axes.plot(first.at, first.middle, ":", color=plots.GREY, linewidth=1, drawstyle=steps)
            _course(axes, course, steps)
            axes.set_title(plots.shortened(f"{variant.number}  {variant.label}", 44), fontsize=7.5)
            finish(axes)
            plots.quiet_grid(axes, "both")
        for axes in panels[len(courses):]:
            axes.set_axis_off()
        canvas.figure.supxlabel(labels[0], fontsize=8.5)
        canvas.figure.supylabel(labels[1], fontsize=8.5)
    return canvas.svg


def _course(axes: Axes, course: Course, steps: str, place: int = 0, name: str = "") -> None:
    look = plots.style(place)
    axes.fill_between(
        course.at, course.low, course.high, color=look["color"], alpha=0.13, linewidth=0,
        step="post" if steps == "steps-post" else None,
    )
    if not name:
        look["marker"] = ""
    every = max(1, len(course.at) // 8)
    axes.plot(
        course.at, course.middle, drawstyle=steps, label=name or None,
        markevery=(place * every // 4, every), **look,
    )


def _legend(axes: Axes, lines: int) -> None:
    """Beside the plot, where it hides nothing; none for a single line without a name."""
    if axes.get_legend_handles_labels()[1]:
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.02), handlelength=3.4,
                    ncols=1 if lines <= 14 else 2)
