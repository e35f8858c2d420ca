# SPDX-License-Identifier: Apache-2.0
"""What of a checkpoint the run itself knows: where it is, what clients did, digests of its state;
and coming to the same place and state again.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ..errors import SimulatorError
from .inspection import Refused
from .journal import Entry, Journal, Position
from .state import Session


def state_of(session: Session) -> dict[str, str]:
    """Digests of what tells one state of the phone from another, by name."""
    inspection, machine = session.inspection, session.machine
    registers = {target: inspection.registers(target) for target in inspection.targets()}
    return {
        "memory": " ".join(f"{digest:016x}" for digest in inspection.memory_digests()),
        "registers": _digest(registers),
        "counters": _digest(machine.cpu_work()),
        "console": _digest([session.console.end, session.console.bytes.hex()]),
    }


def describe(session: Session, journal: Journal, position: Position) -> dict[str, Any]:
    """The present moment, for a checkpoint; raises `Refused` if it cannot be come to again."""
    if (entry := journal.obstacle(0, position.time)) is not None:
        raise Refused(
            f"this moment cannot be come to again: a client wrote at {entry.position.time} ns, in "
            "the middle of a slice")
    return {
        "position": position._asdict(),
        "journal": [_as_json(entry) for entry in journal.entries[: journal.done]],
        "state": state_of(session),
    }


class Restoring:
    """The way to the moment of a checkpoint."""

    def __init__(self, checkpoint: dict[str, Any]) -> None:
        self.position = Position(**checkpoint["position"])
        self.entries = [_entry(shown) for shown in checkpoint["journal"]]
        self._state = checkpoint["state"]

    def is_at(self, position: Position) -> bool:
        """Whether this is the place; raises `SimulatorError` if it has been missed."""
        if position > self.position:
            raise SimulatorError(
                f"the run has not come by the checkpoint's place at {self.position.time} ns "
                "again: something else than its recipe decides what it does")
        return position == self.position

    def check(self, session: Session) -> None:
        """Raises `SimulatorError` unless the state is the checkpoint's."""
        state = state_of(session)
        other = [name for name, digest in self._state.items() if state.get(name) != digest]
        if other:
            raise SimulatorError(
                f"the run has not come to the checkpoint's state at {self.position.time} ns again "
                f"({', '.join(other)} differ): something else than its recipe decides what it does")


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _as_json(entry: Entry) -> dict[str, Any]:
    arguments = [{"hex": one.hex()} if isinstance(one, bytes) else one for one in entry.arguments]
    return {"position": entry.position._asdict(), "kind": entry.kind, "arguments": arguments}


def _entry(shown: dict[str, Any]) -> Entry:
    # Register values are a dictionary too, by the names of registers.
    arguments = (bytes.fromhex(one["hex"]) if isinstance(one, dict) and set(one) == {"hex"} else one
                 for one in shown["arguments"])
    return Entry(Position(**shown["position"]), shown["kind"], tuple(arguments))
