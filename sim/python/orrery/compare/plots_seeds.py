# SPDX-License-Identifier: Apache-2.0
"""Plots of what seeds did: a strip a variant, and the paired differences beside it."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from . import plots
from .analysis import Row, Table
from .statistics import Estimate
from .text import Scale

# Seeds lie above the line of their variant, the estimate below.
_ABOVE, _BELOW = 0.12, 0.27
_BOX_FROM = 8  # values: with fewer a box would say less than its points


def distributions(table: Table, identifier: str) -> str:
    """Values of every seed by variant, and differences to the first variant by pair."""
    rows = table.rows
    others = [row for row in rows if row.pairs]
    height = 0.85 + 0.34 * len(rows)
    with plots.canvas(identifier, height) as canvas:
        if others:
            left, right = canvas.figure.subplots(1, 2, sharey=True, width_ratios=(1.25, 1))
        else:
            left = canvas.figure.subplots()
        _strips(left, rows, table.scale)
        left.set_xlabel(table.scale.label(table.metric))
        left.set_title("each seed, median, 95 % interval")
        if others:
            _differences(right, rows, others, table.scale)
        if plots.log_worthy([value for row in rows for value in row.values.values()]):
            left.set_xscale("log")
    return canvas.svg


def grid(tables: Sequence[Table], identifier: str, columns: int = 3) -> str:
    """Many small strips, for figures that are only told in passing."""
    lines = -(-len(tables) // columns)
    variants = max(len(table.rows) for table in tables)
    with plots.canvas(identifier, lines * (0.62 + 0.2 * variants)) as canvas:
        grid = canvas.figure.subplots(lines, columns, squeeze=False).flat
        for axes, table in zip(grid, tables):
            _strips(axes, table.rows, table.scale, labels=False)
            axes.set_title(table.scale.label(table.metric), fontsize=7.5)
            axes.tick_params(labelsize=7)
            axes.locator_params(axis="x", nbins=3)
            axes.xaxis.get_offset_text().set_fontsize(7)
            axes.ticklabel_format(axis="x", useOffset=False)
        for axes in list(grid)[len(tables):]:
            axes.set_axis_off()
    return canvas.svg


def _strips(axes: Axes, rows: Sequence[Row], scale: Scale, labels: bool = True) -> None:
    for place, row in enumerate(rows):
        values = [value * scale.factor for value in row.values.values()]
        if len(values) >= _BOX_FROM:
            axes.boxplot(
                [values], positions=[place - _ABOVE], widths=0.4, vert=False, showfliers=False,
                showcaps=False, manage_ticks=False, zorder=1,
                boxprops={"color": "#b5b5b5", "linewidth": 0.7},
                whiskerprops={"color": "#b5b5b5", "linewidth": 0.7},
                medianprops={"linewidth": 0},
            )
        _points(axes, values, place)
        _estimate(axes, row.estimate, place, scale, filled=True)
    axes.set_yticks(range(len(rows)))
    axes.set_yticklabels([
        plots.shortened(row.variant.label) if labels else str(row.variant.number) for row in rows
    ])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    plots.quiet_grid(axes, "x")


def _differences(axes: Axes, rows: Sequence[Row], others: Sequence[Row], scale: Scale) -> None:
    axes.axvline(0, color="black", linewidth=0.8)
    for row in others:
        assert row.difference is not None
        place = rows.index(row)
        _points(axes, [value * scale.factor for value in row.pairs.values()], place)
        _estimate(axes, row.difference.estimate, place, scale, row.difference.significant)
    axes.set_xlabel(scale.label(f"difference to variant {rows[0].variant.number}"))
    axes.set_title("paired by seed")
    axes.tick_params(axis="y", length=0)
    plots.quiet_grid(axes, "x")


def _points(axes: Axes, values: Sequence[float], place: int) -> None:
    offsets = [place - _ABOVE + offset for offset in plots.spread(len(values), 0.26)]
    axes.plot(values, offsets, "o", markersize=3, markerfacecolor="none",
              markeredgecolor=plots.GREY, markeredgewidth=0.7, zorder=2)


def _estimate(
    axes: Axes, estimate: Estimate, place: int, scale: Scale, filled: bool
) -> None:
    if estimate.low is not None and estimate.high is not None:
        ends = [estimate.low * scale.factor, estimate.high * scale.factor]
        axes.plot(ends, [place + _BELOW] * 2, color="black", linewidth=1.4, zorder=3)
    axes.plot(estimate.median * scale.factor, place + _BELOW, "D", markersize=5, zorder=4,
              markerfacecolor="black" if filled else "white", markeredgecolor="black")
