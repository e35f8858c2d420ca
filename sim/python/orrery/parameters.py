# SPDX-License-Identifier: Apache-2.0
"""Parameters of a scenario: `--set key=value` on the command line, a default in the scenario."""

from __future__ import annotations

from random import Random
from typing import TypeVar

from .errors import UsageError
from .units import parse_duration

T = TypeVar("T", bool, int, float, str)

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")
_KINDS = {bool: "true or false", int: "a whole number or a duration", float: "a number"}


def parse_setting(text: str) -> tuple[str, str]:
    """Splits `key=value`; raises `UsageError` for anything else."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise UsageError(f'--set takes key=value, not "{text}"')
    return key.strip(), value


class Parameters:
    """The settings given to a run, typed by what the scenario asks for."""

    def __init__(self, given: dict[str, str] | None = None) -> None:
        self._given = dict(given or {})
        self._values: dict[str, bool | int | float | str] = {}

    def get(self, name: str, default: T) -> T:
        """The value given for `name`, read as the type of `default`, or `default`."""
        if name not in self._given:
            self._values[name] = default
            return default
        text = self._given[name]
        try:
            value = _parse(text, default)
        except (ValueError, UsageError):
            kind = _KINDS[type(default)]
            raise UsageError(f'the parameter "{name}" takes {kind}, not "{text}"') from None
        self._values[name] = value
        return value

    @property
    def values(self) -> dict[str, bool | int | float | str]:
        """Every parameter the scenario has asked for, with the value it got."""
        return dict(self._values)

    def unknown(self) -> str | None:
        """One sentence about settings that the scenario never asked for, or None."""
        left = [key for key in self._given if key not in self._values]
        if not left:
            return None
        names = ", ".join(f'"{key}"' for key in left)
        known = ", ".join(self._values)
        hint = f"it has {known}" if known else "it has none"
        return f"the scenario has no parameter {names} ({hint})"


class Preparation:
    """What a scenario may look at before its phone is built: see `files` of `scenario`."""

    def __init__(self, parameters: Parameters, seed: int, backend: str) -> None:
        self._parameters = parameters
        self._seed = seed
        self._backend = backend

    @property
    def backend(self) -> str:
        """Name of the machine that the phone will run on, as `Phone.backend` gives it."""
        return self._backend

    def parameter(self, name: str, default: T) -> T:
        """A parameter of the scenario, as `Phone.parameter` gives it."""
        return self._parameters.get(name, default)

    @property
    def seed(self) -> int:
        """Seed of everything random in this run."""
        return self._seed

    def random(self, purpose: str = "") -> Random:
        """The source of random numbers that `Phone.random` would give, from its beginning."""
        return random_source(self._seed, purpose)


def random_source(seed: int, purpose: str) -> Random:
    """The stream of random numbers that belongs to a seed and a purpose."""
    return Random(f"{seed}/{purpose}")


def _parse(text: str, default: T) -> T:
    if isinstance(default, bool):
        word = text.strip().lower()
        if word not in _TRUE + _FALSE:
            raise ValueError(text)
        return word in _TRUE
    if isinstance(default, int):
        try:
            return int(text, 0)
        except ValueError:
            return parse_duration(text)
    if isinstance(default, float):
        return float(text)
    if isinstance(default, str):
        return text
    raise UsageError("a parameter's default is a bool, an int, a float or a str")
