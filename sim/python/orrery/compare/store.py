# SPDX-License-Identifier: Apache-2.0
"""results.sqlite: the one place where a comparison keeps what has been done. docs/comparing.md."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .. import paths
from ..errors import UsageError
from .figures import Outcome
from .plan import Comparison, Variant

NAME = "results.sqlite"
#: Raised when tables change, so that an old database is refused and not misread.
SCHEMA_VERSION = 2

_SCHEMA = """
CREATE TABLE comparison (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE versions (part TEXT PRIMARY KEY, version TEXT NOT NULL);
CREATE TABLE variants (variant INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE);
CREATE TABLE choices (
    variant INTEGER NOT NULL REFERENCES variants, key TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (variant, key)
);
CREATE TABLE runs (
    run INTEGER PRIMARY KEY, variant INTEGER NOT NULL REFERENCES variants, seed INTEGER NOT NULL,
    verdict TEXT NOT NULL, exit_code INTEGER NOT NULL, simulated_ns INTEGER NOT NULL,
    host_seconds REAL NOT NULL, folder TEXT NOT NULL, UNIQUE (variant, seed)
);
CREATE TABLE failures (
    run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE, message TEXT NOT NULL
);
CREATE TABLE metrics (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, metric TEXT NOT NULL,
    recorded TEXT NOT NULL, kind TEXT NOT NULL, unit TEXT NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (run, metric)
);
CREATE TABLE quantiles (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, metric TEXT NOT NULL,
    unit TEXT NOT NULL, percent REAL NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (run, metric, percent)
);
CREATE TABLE series (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, metric TEXT NOT NULL,
    unit TEXT NOT NULL, point INTEGER NOT NULL, time_ns INTEGER NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (run, metric, point)
);
CREATE TABLE maps (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, metric TEXT NOT NULL,
    unit TEXT NOT NULL, cell INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (run, metric, cell)
);
CREATE TABLE curves (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, metric TEXT NOT NULL,
    unit TEXT NOT NULL, over TEXT NOT NULL, place REAL NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (run, metric, place)
);
CREATE VIEW results AS
    SELECT runs.variant, variants.label, runs.seed, metric, recorded, kind, unit, value
    FROM metrics JOIN runs USING (run) JOIN variants USING (variant)
    ORDER BY runs.variant, runs.seed, metrics.rowid;
"""


class Store:
    """The database of one comparison. Each run is kept whole or not at all."""

    def __init__(self, folder: Path, comparison: Comparison, versions: dict[str, str]) -> None:
        self.path = folder / NAME
        self._shown = paths.display(folder)
        fresh = not self.path.exists()
        if fresh and folder.exists() and any(folder.iterdir()):
            raise UsageError(
                f"{self._shown} exists and holds no comparison: name another folder with --out"
            )
        folder.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(self.path, isolation_level=None)
        self._database.execute("PRAGMA foreign_keys = ON")
        try:
            if fresh or not self._tables():
                self._create(comparison, versions)
            self._check(comparison, versions)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise UsageError(
                    f"{paths.display(self.path)} is in use: close what else has it open"
                ) from error
            raise UsageError(
                f"{paths.display(self.path)} cannot be read ({error}): "
                "name another folder with --out"
            ) from error

    def close(self) -> None:
        """Lets go of the file."""
        self._database.close()

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows that a SELECT finds."""
        return self._database.execute(statement, values).fetchall()

    def done(self) -> set[tuple[int, int]]:
        """Variant and seed of every run that has been kept."""
        return {(variant, seed) for variant, seed in self.query("SELECT variant, seed FROM runs")}

    def keep(self, variant: Variant, seed: int, folder: str, outcome: Outcome) -> None:
        """Keeps a run, in one transaction."""
        result = outcome.result
        with self._transaction():
            run = self._database.execute(
                "INSERT INTO runs (variant, seed, verdict, exit_code, simulated_ns, host_seconds, "
                "folder) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (variant.number, seed, result["verdict"], result["exit_code"],
                 result["simulated_ns"], result["host"]["seconds"], folder),
            ).lastrowid
            if not outcome.passed:
                self._insert("failures", [(run, result["message"])])
            self._insert("metrics", [
                (run, one.metric, one.recorded, one.kind, one.unit, one.value)
                for one in outcome.figures
            ])
            self._insert("quantiles", [(run, *row) for row in outcome.quantiles])
            self._insert("maps", [(run, *row) for row in outcome.maps])
            self._insert("curves", [(run, *row) for row in outcome.curves])
            numbered: dict[str, int] = {}
            points = []
            for metric, unit, time, value in outcome.series:
                point = numbered[metric] = numbered.get(metric, -1) + 1
                points.append((run, metric, unit, point, time, value))
            self._insert("series", points)

    def describe(self, command: str, summary: str, tools: dict[str, str]) -> None:
        """Keeps what a report tells beside results: how to repeat them, and with what."""
        with self._transaction():
            facts = {"command": command, "summary": summary}
            self._insert("comparison", facts.items())
            self._insert("versions", tools.items())

    def versions(self) -> list[tuple[str, str]]:
        """Part and version of everything, in the order in which they were told."""
        return [(part, version) for part, version in
                self.query("SELECT part, version FROM versions ORDER BY rowid")]

    def forget_failures(self) -> None:
        """Takes failed runs out, so that they are run again."""
        with self._transaction():
            self._database.execute("DELETE FROM runs WHERE verdict <> 'passed'")

    def _tables(self) -> bool:
        return bool(self.query("SELECT 1 FROM sqlite_master LIMIT 1"))

    def _create(self, comparison: Comparison, versions: dict[str, str]) -> None:
        with self._transaction():
            for statement in _SCHEMA.strip().split(";\n"):
                self._database.execute(statement)
            self._insert("comparison", [
                ("schema_version", str(SCHEMA_VERSION)),
                ("identity", json.dumps(comparison.identity())),
            ])
            self._insert("versions", versions.items())
            for variant in comparison.variants:
                self._insert("variants", [(variant.number, variant.label)])
                self._insert(
                    "choices", [(variant.number, key, value) for key, value in variant.choices]
                )

    def _check(self, comparison: Comparison, versions: dict[str, str]) -> None:
        """Refuses to mix runs of different commands, or of different builds."""
        kept = dict(self.query("SELECT key, value FROM comparison"))
        if kept.get("schema_version") != str(SCHEMA_VERSION):
            raise UsageError(
                f"{self._shown} was written by another version of Orrery: "
                "name another folder with --out"
            )
        identity = json.loads(kept["identity"])
        for what, value in comparison.identity().items():
            if identity.get(what) != value:
                raise UsageError(
                    f"{self._shown} holds another comparison ({what} differs): "
                    "name another folder with --out"
                )
        recorded = dict(self.query("SELECT part, version FROM versions"))
        for part, version in versions.items():
            if recorded.get(part) != version:
                raise UsageError(
                    f"{self._shown} holds runs of other versions ({part} has changed): "
                    "name another folder with --out"
                )

    def _insert(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        rows = list(rows)
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._database.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows)

    def _transaction(self) -> _Transaction:
        return _Transaction(self._database)


class _Transaction:
    """All statements inside take effect together, or none does."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        self._database.execute("COMMIT" if kind is None else "ROLLBACK")
