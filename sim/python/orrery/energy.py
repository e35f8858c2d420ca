# SPDX-License-Identifier: Apache-2.0
"""Energy, clocks, temperatures and battery, as plain values that stay true after time has gone on.

All of it is modelled, none of it calibrated against a board: see docs/energy.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from .errors import UsageError

_Part = TypeVar("_Part")


class UnknownPart(UsageError, KeyError):
    """The power model has nothing of this name."""

    def __str__(self) -> str:
        return str(self.args[0])


class _Parts(dict[str, _Part]):
    """Parts of the power model by name; a wrong name is answered with the right ones."""

    def __missing__(self, name: str) -> NoReturn:
        raise UnknownPart(f'nothing here is called "{name}" (there are: {", ".join(self)})')


@dataclass(frozen=True)
class Rail:
    """A rail that has a consumer in the phone; modelled."""

    #: Name of the rail: `S2M_VDD_CPUCL2`.
    name: str
    #: Energy since power-on, and the power of this moment.
    joules: float
    watts: float


@dataclass(frozen=True)
class Clock:
    """The clock of a cluster of CPUs; modelled."""

    #: Frequency in force.
    kilohertz: int
    #: Operating points that heat has taken away, counted from the highest.
    throttled: int


@dataclass(frozen=True)
class Battery:
    """The battery; modelled."""

    #: Charge.
    percent: float
    #: Voltage under load, and current.
    volts: float
    amperes: float


@dataclass(frozen=True)
class Energy:
    """What the power model has counted, at one moment."""

    #: Rails by what they feed: `CPU Big`, `CPU Little`, `Memory`.
    rails: dict[str, Rail]
    #: Clocks by cluster: `CPU Big`, `CPU Little`.
    clocks: dict[str, Clock]
    #: Degrees Celsius of the thermal nodes, and of what is around the phone.
    temperatures: dict[str, float]
    ambient: float
    #: The battery.
    battery: Battery

    @property
    def joules(self) -> float:
        """Energy of all rails together."""
        return sum(rail.joules for rail in self.rails.values())


def energy_of(report: Any) -> Energy:
    """The report of the engine room in plain values."""
    return Energy(
        rails=_Parts({r.subsystem: Rail(r.name, r.joules, r.watts) for r in report.rails}),
        clocks=_Parts({c.name: Clock(c.kilohertz, c.throttled) for c in report.clocks}),
        temperatures=_Parts({t.name: t.celsius for t in report.temperatures}),
        ambient=report.ambient_celsius,
        battery=Battery(report.battery_percent, report.battery_volts, report.battery_amperes),
    )


def power_metrics(report: Any) -> dict[str, tuple[float, str]]:
    """The report as metrics; each name says that it is modelled."""
    values: dict[str, tuple[float, str]] = {}
    for rail in report.rails:
        name = rail.subsystem.lower().replace(" ", "_")
        values[f"modelled.energy.{name}"] = (round(rail.joules, 9), "J")
    for node in report.temperatures:
        values[f"modelled.temperature.{node.name}"] = (round(node.celsius, 3), "C")
    values["modelled.battery"] = (round(report.battery_percent, 6), "%")
    return values
