# SPDX-License-Identifier: Apache-2.0
"""What a comparison consists of: keys that vary, their product as variants, paired seeds."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .. import backend, paths
from ..errors import UsageError
from ..options import boot_words, check_machine
from ..runner import Job
from ..units import s

#: Keys that are options of `./orrery run`, and not words of the kernel command line.
OPTIONS = ("on", "cpu", "fidelity")
_SETTING = "set."
_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?")
_CHOICES = {"cpu": backend.CPU_KINDS, "fidelity": backend.FIDELITIES}


@dataclass(frozen=True)
class Variation:
    """A key that varies, and its values; the first is what the others are compared with."""

    key: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.key}={','.join(self.values)}"

    def scale(self) -> tuple[list[float], str] | None:
        """The values as numbers with their common unit, or None where they are words."""
        matches = [re.fullmatch(r"(-?\d+(?:\.\d+)?)([a-zA-Z%]*)", value) for value in self.values]
        found = [match for match in matches if match]
        units = {match[2] for match in found}
        if len(found) < len(self.values) or len(units) != 1:
            return None
        return [float(match[1]) for match in found], units.pop()


def parse_variation(text: str) -> Variation:
    """Reads `KEY=V1,V2,...`; raises `UsageError` for anything else."""
    key, equals, rest = text.partition("=")
    values = tuple(value.strip() for value in rest.split(","))
    if not equals or not all(values):
        raise UsageError(f'--vary takes KEY=V1,V2,..., not "{text}"')
    if not _KEY.fullmatch(key) or ("." in key and not key.startswith(_SETTING)):
        raise UsageError(
            f'--vary takes a word of the kernel command line, {", ".join(OPTIONS)} or set.NAME, '
            f'not "{key}"'
        )
    if key == "machine":
        raise UsageError("--vary takes no machine: the machine is the scenario's, or vary on")
    for value in values:
        if values.count(value) > 1:
            raise UsageError(f'--vary gives {key} the value "{value}" twice')
        if value not in _CHOICES.get(key, (value,)):
            known = " or ".join(_CHOICES[key])
            raise UsageError(f'--vary {key} takes {known}, not "{value}"')
        if key not in OPTIONS and not key.startswith(_SETTING) and not _is_boot_word(key, value):
            raise UsageError(f'"{key}={value}" is no word of a kernel command line')
    return Variation(key, values)


def _is_boot_word(key: str, value: str) -> bool:
    try:
        return boot_words(f"{key}={value}") == f"{key}={value}" and " " not in value
    except Exception:
        return False


@dataclass(frozen=True)
class Variant:
    """One point of the product: a value for each key that varies."""

    #: Place in the product, from 1; the first variant is what all others are compared with.
    number: int
    choices: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        """The variant's name in what people read."""
        return " ".join(f"{key}={value}" for key, value in self.choices)

    @property
    def folder(self) -> str:
        """The variant's name in the file system."""
        return f"{self.number}-" + re.sub(r"[^A-Za-z0-9_.=%+-]+", ",", self.label)[:100]


@dataclass(frozen=True)
class Comparison:
    """All that determines the runs of a comparison; a comparison can be repeated from it."""

    #: What all runs have in common.
    template: Job
    variations: tuple[Variation, ...]
    #: Number of seeds: every variant runs with 1, 2, ... up to this.
    seeds: int
    #: Host seconds that a run may take; None: what the scenario says.
    host_limit: float | None = None

    def __post_init__(self) -> None:
        for variation, other in itertools.combinations(self.variations, 2):
            if variation.key == other.key:
                raise UsageError(f"--vary gives {variation.key} twice: list all its values in one")
        for variation in self.variations:
            self._check_fixed(variation.key)
        for variant in self.variants:
            self._check_machine(dict(variant.choices))
        if len(self.variants) < 2:
            raise UsageError("there is one variant only: give --vary two values or more")

    @property
    def variants(self) -> list[Variant]:
        """The full product, in the order of the command line; the last key varies fastest."""
        keys = [variation.key for variation in self.variations]
        points = itertools.product(*(variation.values for variation in self.variations))
        return [
            Variant(number, tuple(zip(keys, values))) for number, values in enumerate(points, 1)
        ]

    @property
    def runs(self) -> Iterator[tuple[Variant, int]]:
        """Every run, seed by seed, so that an interrupted comparison has whole pairs."""
        for seed in range(1, self.seeds + 1):
            for variant in self.variants:
                yield variant, seed

    def job(self, variant: Variant, seed: int) -> Job:
        """The job of one run, but for its folder."""
        options: dict[str, Any] = {}
        settings = dict(self.template.settings)
        words = [self.template.bootargs] if self.template.bootargs else []
        for key, value in variant.choices:
            if key in OPTIONS:
                options[key] = value
            elif key.startswith(_SETTING):
                settings[key.removeprefix(_SETTING)] = value
            else:
                words.append(f"{key}={value}")
        return replace(
            self.template, settings=settings, bootargs=" ".join(words), seed=seed, **options
        )

    def identity(self) -> dict[str, Any]:
        """What makes two comparisons the same one, as plain values."""
        job = self.template
        return {
            "the scenario": f"{paths.from_root(Path(job.file))}::{job.scenario}",
            "--vary": [str(variation) for variation in self.variations],
            "--seeds": self.seeds,
            "--on": job.on, "--cpu": job.cpu or backend.CPU_KINDS[0],
            "--fidelity": job.fidelity or backend.DEFAULT_FIDELITY,
            "--set": dict(job.settings), "--bootargs": job.bootargs,
            "--time-limit": job.time_limit, "--host-limit": self.host_limit,
            "--archive": job.archive, "--image": job.image,
        }

    def command(self, out: Path) -> str:
        """The command line that makes this comparison."""
        job = self.template
        words = ["./orrery", "compare", f"{paths.from_root(Path(job.file))}::{job.scenario}"]
        for variation in self.variations:
            words += ["--vary", str(variation)]
        words += ["--seeds", str(self.seeds)]
        varied = {variation.key for variation in self.variations}
        for key, given, default in (
            ("on", job.on, "soc"), ("cpu", job.cpu, backend.CPU_KINDS[0]),
            ("fidelity", job.fidelity, backend.DEFAULT_FIDELITY),
        ):
            plain = given in (None, default) or key in varied
            words += [] if plain else [f"--{key}", given]
        for key, value in job.settings.items():
            words += ["--set", f"{key}={value}"]
        for option, text in (
            ("--bootargs", job.bootargs), ("--archive", job.archive), ("--image", job.image),
            ("--time-limit", job.time_limit and f"{job.time_limit}ns"),
            ("--host-limit", self.host_limit and f"{round(self.host_limit * s)}ns"),
        ):
            words += [option, str(text)] if text else []
        return shlex.join([*words, "--out", str(out)])

    def _check_machine(self, given: dict[str, str]) -> None:
        job = self.template
        check_machine(*(given.get(key, getattr(job, key)) for key in OPTIONS))

    def _check_fixed(self, key: str) -> None:
        fixed = {word.partition("=")[0] for word in self.template.bootargs.split()}
        name = key.removeprefix(_SETTING)
        if key.startswith(_SETTING) and name in self.template.settings:
            raise UsageError(f"{name} is both in --set and in --vary: leave one of them out")
        if key in fixed:
            raise UsageError(f"{key} is both in --bootargs and in --vary: leave one of them out")
