# SPDX-License-Identifier: Apache-2.0
"""Breakpoints of all clients: by number for them, by CPU and address for the machine."""

from __future__ import annotations

from typing import Any

from .control import Client
from .inspection import Inspection, Refused


class Breakpoints:
    """Which are set, and whose they are. Numbers are never used twice."""

    def __init__(self, inspection: Inspection) -> None:
        self._inspection = inspection
        self._set: dict[int, tuple[Client, str, int]] = {}
        self._last = 0

    def insert(self, client: Client, target: str, address: int) -> int:
        """Sets one and returns its number."""
        self._inspection.set_breakpoint(target, address, True)
        self._last += 1
        self._set[self._last] = (client, target, address)
        return self._last

    def remove(self, client: Client, number: int) -> None:
        """Removes a client's own."""
        owner, target, address = self._set.get(number, (None, "", 0))
        if owner is not client:
            raise Refused(f"invalid breakpoint id: {number}")
        del self._set[number]
        if not self.at(target, address):
            self._inspection.set_breakpoint(target, address, False)

    def leave(self, client: Client) -> None:
        """Removes all of a client."""
        for number in [number for number, one in self._set.items() if one[0] is client]:
            self.remove(client, number)

    def arm(self, armed: bool) -> None:
        """Has the machine stop at them, or pass them, for as long as they stay set."""
        for target, address in sorted({(target, address) for _, target, address in
                                       self._set.values()}):
            self._inspection.set_breakpoint(target, address, armed)

    def state(self) -> Any:
        """All of them, for `adopt()`."""
        return self._set, self._last

    def adopt(self, state: Any) -> None:
        """Takes over all of another process. Precondition: none is armed, nor are these."""
        self._set, self._last = state

    def at(self, target: str, address: int) -> list[tuple[Client, int]]:
        """Whose are at an address, with their numbers."""
        return [(client, number) for number, (client, *place) in self._set.items()
                if place == [target, address]]
