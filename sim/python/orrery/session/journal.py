# SPDX-License-Identifier: Apache-2.0
"""Journal: what clients have done to a run, and where in it, so that it can be done again.

A scenario does the same at the same times in every run; a client does not. So whatever a client
changes is written down with its position. A run that has been taken back does it again when it
comes by, until a client changes something anew: from there on there is another future.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from ..backend import Backend
from ..errors import SimulatorError
from .inspection import Inspection


class Position(NamedTuple):
    """A place between two slices, the same in every run of one scenario.

    At one simulated time a scenario may act, and lets time pass only in its next call.
    """

    #: How often the scenario has let time pass, this time included.
    call: int
    time: int


@dataclass(frozen=True)
class Entry:
    """A change that a client has made."""

    position: Position
    #: Name of the method, `console_send` of the machine or `write_...` of its inspection.
    kind: str
    arguments: tuple[Any, ...]
    #: It can be made again: it was made where a slice ends by itself, not in the middle of one.
    repeatable: bool = True


class Journal:
    """All changes so far, those that this run has behind it and those that are to come again."""

    def __init__(self, machine: Backend, inspection: Inspection) -> None:
        self._machine = machine
        self._inspection = inspection
        self.entries: list[Entry] = []
        #: How many of them this run has behind it.
        self.done = 0

    def make(self, position: Position, repeatable: bool, kind: str, *arguments: Any) -> None:
        """Makes a change and writes it down; what was to come again will not."""
        self.apply(kind, *arguments)
        del self.entries[self.done :]
        self.entries.append(Entry(position, kind, arguments, repeatable))
        self.done += 1

    def next_time(self) -> int | None:
        """When the next change is to come again."""
        return self.entries[self.done].position.time if self.done < len(self.entries) else None

    def come_by(self, position: Position) -> None:
        """Makes the changes of this position again.

        Raises `SimulatorError` if one was missed: then the run does not repeat.
        """
        while self.done < len(self.entries):
            entry = self.entries[self.done]
            if entry.position > position:
                return
            if entry.position < position or not entry.repeatable:
                raise SimulatorError(
                    f"the run has not gone the same way again: what a client did at "
                    f"{entry.position.time} ns cannot be repeated")
            self.apply(entry.kind, *entry.arguments)
            self.done += 1

    def obstacle(self, done: int, time: int) -> Entry | None:
        """The first change that a run with `done` behind it could not repeat on its way."""
        for entry in self.entries[done:]:
            if entry.position.time <= time and not entry.repeatable:
                return entry
        return None

    def apply(self, kind: str, *arguments: Any) -> None:
        """Changes the machine."""
        if kind == "console_send":
            self._machine.console_send(*arguments)
        elif kind.startswith("write_"):
            getattr(self._inspection, kind)(*arguments)
        else:
            raise SimulatorError(f'a journal has no changes of the kind "{kind}"')


class Noted:
    """An inspection as clients have it: what they write through it goes to `write`."""

    def __init__(self, inspection: Inspection, write: Callable[..., None]) -> None:
        self._inspection = inspection
        self._write = write

    def __getattr__(self, name: str) -> Any:
        if name.startswith("write_"):
            return partial(self._write, name)
        return getattr(self._inspection, name)
