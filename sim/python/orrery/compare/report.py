# SPDX-License-Identifier: Apache-2.0
"""report.html: one file that tells a comparison, without a network or a script to read it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from . import plots, plots_curves, plots_maps, plots_seeds, statistics, text
from .analysis import Analysis, Row, Table
from .plan import Comparison, Variant
from .store import Store

NAME = "report.html"
#: Variants that fit beside each other in a table of all metrics.
SIDE_BY_SIDE = 5


@dataclass(frozen=True)
class Section:
    """One recorded metric: its tables, and its plots with what they show."""

    name: str
    tables: list[Table]
    plots: list[tuple[str, Markup]]
    #: Plots that show every seed.
    seeds: list[tuple[str, Markup]]

    @property
    def flat(self) -> bool:
        """Whether neither seed nor variant changes anything."""
        return all(table.flat for table in self.tables)

    def column(self, table: Table) -> str:
        """What a figure is called beside the others of its metric."""
        return table.metric.removeprefix(self.name).lstrip(".") or "median"


def write_report(
    store: Store, comparison: Comparison, analysis: Analysis, facts: dict[str, Any], folder: Path
) -> Path:
    """Writes the report; whole or not at all.

    `facts` are `command`, `summary` and `versions`, as the template shows them.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True,
        trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"percent": text.percent, "probability": text.probability}
    page = environment.get_template("report.html.jinja").render(
        comparison=comparison, analysis=analysis, sections=_sections(store, analysis),
        own_figures=_own_figures(analysis), own_plot=_own_plot(analysis),
        needed=statistics.seeds_needed, side_by_side=SIDE_BY_SIDE, mark=_mark,
        verdict=_verdict, interval=_interval, extremes=_extremes, **facts,
    )
    path, draft = folder / NAME, folder / f".{NAME}"
    draft.write_text(page + "\n", "utf-8")
    os.replace(draft, path)
    return path


def _sections(store: Store, analysis: Analysis) -> list[Section]:
    names = plots.identifiers("plot")
    groups: dict[str, list[Table]] = {}
    for table in analysis.recorded:
        groups.setdefault(table.recorded, []).append(table)
    return [
        Section(
            name, tables, list(_plots(name, tables, store, analysis, names)),
            list(_seed_plots(tables, names)),
        )
        for name, tables in groups.items()
    ]


def _plots(
    name: str, tables: list[Table], store: Store, analysis: Analysis, names: Iterator[str]
) -> Iterator[tuple[str, Markup]]:
    kind = tables[0].kind
    if kind == "samples":
        svg = plots_curves.percentiles(
            name, tables[0].scale, _quantiles(store, name, analysis), next(names)
        )
        yield f"{name}: all samples of a run; {_over_seeds(analysis)}", Markup(svg)
    if kind == "series":
        svg = plots_curves.over_time(
            name, tables[0].scale, _courses(store, name, analysis), _time_scale(store, name),
            next(names),
        )
        yield f"{name} over simulated time; {_over_seeds(analysis)}", Markup(svg)
    if kind == "map":
        seed, maps = _maps(store, name, analysis)
        svg = plots_maps.side_by_side(name, tables[0].scale, maps, next(names))
        yield f"{name} with seed {seed}, {plots_maps.CELLS_IN_ROW} cells a row", Markup(svg)
    if kind == "curve":
        over, curves = _curves(store, name, analysis)
        svg = plots_curves.over_places(name, tables[0].scale, over, curves, next(names))
        yield f"{name} over {over}; {_over_seeds(analysis)}", Markup(svg)
    for table in tables:
        if not table.headline or kind == "curve":
            continue
        for variation in analysis.variations:
            scale, others = variation.scale(), [v for v in analysis.variations if v != variation]
            if scale and len(scale[0]) > 2:
                svg = plots_curves.over_key(table, variation, next(names), others)
                yield f"{table.metric} over {variation.key}: medians, 95 % intervals", Markup(svg)


def _seed_plots(tables: list[Table], names: Iterator[str]) -> Iterator[tuple[str, Markup]]:
    for table in tables:
        if table.headline and table.kind != "curve" and not table.deterministic:
            yield f"{table.metric}: every seed, and paired differences (filled: significant)", \
                Markup(plots_seeds.distributions(table, next(names)))


def _over_seeds(analysis: Analysis) -> str:
    apart = len(analysis.variants) > plots_curves.MOST_TOGETHER
    return "median over seeds, shaded from the lowest to the highest seed" + (
        "; variant 1 dotted in every panel" if apart else ""
    )


def _own_figures(analysis: Analysis) -> dict[str, list[Table]]:
    """The phone's own figures: those that differ, and those that are the same everywhere."""
    return {
        "differ": [table for table in analysis.built_in if not table.flat],
        "same": [table for table in analysis.built_in if table.flat],
    }


def _own_plot(analysis: Analysis) -> Markup | None:
    varying = [table for table in analysis.built_in if not table.deterministic]
    return Markup(plots_seeds.grid(varying, "own")) if varying else None


def _quantiles(
    store: Store, metric: str, analysis: Analysis
) -> dict[Variant, dict[float, list[float]]]:
    found: dict[Variant, dict[float, list[float]]] = {}
    for number, percent, value in store.query(
        "SELECT variant, percent, value FROM quantiles JOIN runs USING (run) WHERE metric = ? "
        "ORDER BY variant, percent, seed", metric,
    ):
        by_percent = found.setdefault(analysis.variants[number - 1], {})
        by_percent.setdefault(percent, []).append(value)
    return found


def _courses(
    store: Store, metric: str, analysis: Analysis
) -> dict[Variant, list[tuple[list[float], list[float]]]]:
    runs: dict[tuple[int, int], tuple[list[float], list[float]]] = {}
    for number, seed, time, value in store.query(
        "SELECT variant, seed, time_ns, value FROM series JOIN runs USING (run) WHERE metric = ? "
        "ORDER BY variant, seed, point", metric,
    ):
        times, values = runs.setdefault((number, seed), ([], []))
        times.append(time)
        values.append(value)
    found: dict[Variant, list[tuple[list[float], list[float]]]] = {}
    for (number, _), course in runs.items():
        found.setdefault(analysis.variants[number - 1], []).append(course)
    return found


def _curves(
    store: Store, metric: str, analysis: Analysis
) -> tuple[str, dict[Variant, dict[float, list[float]]]]:
    """What a curve is over, and its values by place."""
    found: dict[Variant, dict[float, list[float]]] = {}
    over = ""
    for number, over, place, value in store.query(
        "SELECT variant, over, place, value FROM curves JOIN runs USING (run) WHERE metric = ? "
        "ORDER BY variant, place, seed", metric,
    ):
        by_place = found.setdefault(analysis.variants[number - 1], {})
        by_place.setdefault(place, []).append(value)
    return over, found


def _maps(
    store: Store, metric: str, analysis: Analysis
) -> tuple[int, dict[Variant, list[float]]]:
    """The maps of one seed: the first of those that most variants have."""
    (seed, _), = store.query(
        "SELECT seed, count(DISTINCT variant) AS variants FROM maps JOIN runs USING (run) "
        "WHERE metric = ? GROUP BY seed ORDER BY variants DESC, seed LIMIT 1", metric,
    )
    found: dict[Variant, list[float]] = {}
    for number, value in store.query(
        "SELECT variant, value FROM maps JOIN runs USING (run) WHERE metric = ? AND seed = ? "
        "ORDER BY variant, cell", metric, seed,
    ):
        found.setdefault(analysis.variants[number - 1], []).append(value)
    return seed, found


def _time_scale(store: Store, metric: str) -> text.Scale:
    (latest,), = store.query("SELECT max(time_ns) FROM series WHERE metric = ?", metric)
    return text.scale_of("ns", [latest])


# Words of the template


def _mark(row: Row) -> str:
    """What a number in an overview carries: stars for significance, = for no randomness."""
    if row.difference is None:
        return ""
    if row.difference.constant:
        return "="
    if not row.difference.significant:
        return ""
    strong = row.p_of_all is not None and row.p_of_all < statistics.SIGNIFICANCE
    return "**" if strong else "*"


def _verdict(row: Row, table: Table) -> str:
    """A row's last column, in words."""
    found = row.difference
    if found is None:
        return ""
    median = found.estimate.median
    if not any(row.pairs.values()):
        return "equal in all pairs"
    if found.constant:
        return "deterministic"
    if found.p is None:
        return f"needs {statistics.seeds_needed(len(table.rows) - 1)} pairs"
    if not found.significant:
        return "not significant"
    return f"{'higher' if median > 0 else 'lower' if median < 0 else 'differs'} {_mark(row)}"


def _interval(scale: text.Scale, found: statistics.Estimate, signed: bool = False) -> str:
    """An interval, or nothing where there are too few values for one."""
    if found.low is None or found.high is None:
        return ""
    shown = scale.change if signed else scale.shown
    return f"[{shown(found.low)}; {shown(found.high)}]"


def _extremes(table: Table) -> tuple[Row, Row]:
    """The variants with the lowest and the highest median."""
    ordered = sorted(table.rows, key=lambda row: row.estimate.median)
    return ordered[0], ordered[-1]
