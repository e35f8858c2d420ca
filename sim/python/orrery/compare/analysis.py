# SPDX-License-Identifier: Apache-2.0
"""From the database of a comparison to what its report shows: tables of estimates, by metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..errors import UsageError
from .plan import Variant, Variation
from .statistics import Difference, Estimate, difference, estimate, holm
from .store import Store
from .text import Scale, scale_of

_HEADLINES = {"samples": (".p50", ".p99", ".max"), "series": (".mean",), "map": (".mean",)}


@dataclass(frozen=True)
class Row:
    """What one variant shows of one metric."""

    variant: Variant
    #: Values by seed, of the runs that passed and have the metric.
    values: dict[int, float]
    estimate: Estimate
    #: Against the first variant, over the seeds that both have; None for the first one itself.
    difference: Difference | None = None
    pairs: dict[int, float] = field(default_factory=dict)
    #: p corrected for all comparisons of the report, not only for those of this metric.
    p_of_all: float | None = None


@dataclass(frozen=True)
class Table:
    """One figure of every variant that has it."""

    metric: str
    #: Name of the metric that it stands for: the same without `.p99` and the like.
    recorded: str
    kind: str
    scale: Scale
    rows: tuple[Row, ...]

    @cached_property
    def deterministic(self) -> bool:
        """Whether the seed changes nothing, in no variant."""
        return all(len(set(row.values.values())) == 1 for row in self.rows)

    @property
    def headline(self) -> bool:
        """Whether it stands for its metric where there is room for few."""
        if self.kind == "curve":
            return not self.metric.endswith((".min", ".max", ".last"))
        return self.metric.endswith(_HEADLINES.get(self.kind, ""))

    @cached_property
    def flat(self) -> bool:
        """Whether neither seed nor variant changes anything."""
        return len({value for row in self.rows for value in row.values.values()}) == 1


@dataclass(frozen=True)
class Analysis:
    """All that a comparison has found out."""

    variants: tuple[Variant, ...]
    variations: tuple[Variation, ...]
    seeds: int
    tables: tuple[Table, ...]
    #: Runs of each variant that passed, by its number.
    passed: dict[int, int]
    #: (variant, seed, verdict, message) of each run that did not.
    failures: tuple[tuple[int, int, str, str], ...]

    @property
    def recorded(self) -> list[Table]:
        """Figures that the scenario recorded."""
        return [table for table in self.tables if table.kind != "built_in"]

    @property
    def headlines(self) -> list[Table]:
        """Those of them that stand for the rest where there is room for few."""
        return [table for table in self.recorded if table.headline]

    @property
    def built_in(self) -> list[Table]:
        """Figures that every phone tells."""
        return [table for table in self.tables if table.kind == "built_in"]

    @property
    def comparisons(self) -> int:
        """Number of tests in the whole report."""
        return sum(
            1 for table in self.tables for row in table.rows
            if row.difference and row.difference.p is not None
        )


def analyse(
    store: Store, variants: Sequence[Variant], variations: Sequence[Variation], seeds: int
) -> Analysis:
    """Reads the database and estimates all there is to estimate."""
    tables = _corrected([_table(name, store, variants) for name in _names(store)])
    counts = store.query(
        "SELECT variant, count(*) FROM runs WHERE verdict = 'passed' GROUP BY variant"
    )
    failures = store.query(
        "SELECT variant, seed, verdict, message FROM failures JOIN runs USING (run) "
        "ORDER BY variant, seed"
    )
    return Analysis(
        tuple(variants), tuple(variations), seeds, tuple(tables), dict(counts),
        tuple((row[0], row[1], row[2], row[3]) for row in failures),
    )


def _names(store: Store) -> list[str]:
    """Figures in the order in which runs recorded them; those of the first run come first."""
    rows = store.query("SELECT metric FROM results")
    return list(dict.fromkeys(name for (name,) in rows))


def _table(metric: str, store: Store, variants: Sequence[Variant]) -> Table:
    found = store.query(
        "SELECT variant, seed, value, unit, kind, recorded FROM results WHERE metric = ?", metric
    )
    values: dict[int, dict[int, float]] = {}
    for number, seed, value, *_ in found:
        values.setdefault(number, {})[seed] = value
    unit, kind, recorded = found[0][3:]
    units = sorted({row[3] for row in found})
    if len(units) > 1:
        raise UsageError(
            f'the metric "{metric}" is in "{units[0]}" in one run and in "{units[1]}" in another: '
            "have the scenario record it in one unit"
        )
    # One scale for all figures of a recorded metric, so that its percentiles can be compared.
    sizes = store.query("SELECT abs(value) FROM metrics WHERE recorded = ?", recorded)
    scale = scale_of(unit, [size for (size,) in sizes])
    present = [variant for variant in variants if variant.number in values]
    first = values.get(1, {})
    family = len(present) - 1
    rows = [_row(variant, values[variant.number], first, family) for variant in present]
    corrected = holm([row.difference.p if row.difference else None for row in rows])
    return Table(metric, recorded, kind, scale, tuple(
        replace(row, difference=replace(row.difference, corrected=p)) if row.difference else row
        for row, p in zip(rows, corrected)
    ))


def _row(variant: Variant, values: dict[int, float], first: dict[int, float], family: int) -> Row:
    common = [seed for seed in values if seed in first]
    own = estimate(list(values.values()))
    if variant.number == 1 or not common:
        return Row(variant, values, own)
    before, after = [first[seed] for seed in common], [values[seed] for seed in common]
    pairs = {seed: values[seed] - first[seed] for seed in common}
    return Row(variant, values, own, difference(before, after, family), pairs)


def _corrected(tables: list[Table]) -> list[Table]:
    """Adds the correction for all comparisons of the report."""
    rows = [row for table in tables for row in table.rows]
    over_all = iter(holm([row.difference.p if row.difference else None for row in rows]))
    return [
        replace(table, rows=tuple(replace(row, p_of_all=next(over_all)) for row in table.rows))
        for table in tables
    ]
