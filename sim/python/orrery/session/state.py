# SPDX-License-Identifier: Apache-2.0
"""What commands work on: the machine, what is known of its clients, and what its console said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..backend import Backend
from .breakpoints import Breakpoints
from .control import Client, Control
from .inspection import Inspection

if TYPE_CHECKING:
    from .travel import Travel

# Bytes of the console's output that are kept.
_KEPT = 1 << 20


@dataclass
class ConsoleHistory:
    """The newest output of the console. Positions count bytes from the beginning of the run."""

    begin: int = 0
    bytes: bytearray = field(default_factory=bytearray)

    def add(self, data: bytes) -> None:
        """The phone has written something."""
        self.bytes += data
        surplus = len(self.bytes) - _KEPT
        if surplus > 0:
            del self.bytes[:surplus]
            self.begin += surplus

    @property
    def end(self) -> int:
        """Position behind the newest byte."""
        return self.begin + len(self.bytes)

    def read(self, position: int, most: int) -> tuple[int, bytes]:
        """Output from a position on, or from the oldest that is kept; and where that begins."""
        begin = min(max(position, self.begin), self.end)
        return begin, bytes(self.bytes[begin - self.begin:][:most])


@dataclass
class Session:
    """A served run."""

    machine: Backend
    inspection: Inspection
    control: Control
    breakpoints: Breakpoints
    console: ConsoleHistory = field(default_factory=ConsoleHistory)
    #: Where the run can go in time, and what clients have changed; whoever serves it sets it.
    travel: Travel = field(init=False)

    def leave(self, client: Client) -> None:
        """A client is gone, and all that it wanted."""
        self.breakpoints.leave(client)
        self.control.leave(client)

    def versions(self) -> tuple[str, str]:
        """Versions of SystemC and of Orrery."""
        return self.inspection.systemc_version(), self.machine.versions().get("orrery", "unknown")
