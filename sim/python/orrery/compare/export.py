# SPDX-License-Identifier: Apache-2.0
"""results.csv: a row for each run and metric, for whatever reads tables."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from .plan import Comparison
from .store import Store

NAME = "results.csv"


def write_csv(store: Store, comparison: Comparison, folder: Path) -> Path:
    """Writes the figures of all runs that passed; whole or not at all."""
    keys = [variation.key for variation in comparison.variations]
    choices = {
        variant.number: [value for _, value in variant.choices] for variant in comparison.variants
    }
    path, draft = folder / NAME, folder / f".{NAME}"
    with draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["variant", *keys, "seed", "metric", "kind", "unit", "value"])
        for variant, seed, metric, kind, unit, value in store.query(
            "SELECT variant, seed, metric, kind, unit, value FROM results"
        ):
            shown = int(value) if value.is_integer() and abs(value) < 2**53 else value
            writer.writerow([variant, *choices[variant], seed, metric, kind, unit, shown])
    os.replace(draft, path)
    return path
