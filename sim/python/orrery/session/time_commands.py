# SPDX-License-Identifier: Apache-2.0
"""Commands of the module `time`: going to another time of the run (docs/time-travel.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .inspection import Refused
from .numbers import natural

if TYPE_CHECKING:
    from .control import Client
    from .state import Session
    from .travel import Travel


def back(session: Session, client: Client, arguments: list[str]) -> Any:
    """Goes to an earlier time."""
    time, now = natural(arguments[0]), session.machine.now
    travel = _travel(session)
    if time > now:
        raise Refused(f"{time} ns is not behind: the run is at {now} ns")
    return _go(travel, client, time)


def forward(session: Session, client: Client, arguments: list[str]) -> Any:
    """Goes to a later time that the run has reached before, or to the last of them."""
    travel, now = _travel(session), session.machine.now
    time = natural(arguments[0]) if arguments else travel.reached
    if time < now:
        raise Refused(f"{time} ns is not ahead: the run is at {now} ns")
    if time > travel.reached:
        raise Refused(f"the run has got to {travel.reached} ns so far: resume lets it go further")
    return _go(travel, client, time)


def snapshots(session: Session, client: Client, arguments: list[str]) -> Any:
    """What there is to go to."""
    travel = _travel(session)
    assert travel.snapshots is not None
    return {
        "now": session.machine.now, "reached": travel.reached,
        "interval": travel.snapshots.interval, "times": travel.times,
        "bytes": travel.snapshots.bytes, "trouble": travel.snapshots.trouble,
    }


def checkpoint(session: Session, client: Client, arguments: list[str]) -> Any:
    """A checkpoint of this moment, to be kept by the client."""
    return session.travel.checkpoint()


def _travel(session: Session) -> Travel:
    session.travel.check()
    return session.travel


def _go(travel: Travel, client: Client, time: int) -> Any:
    chosen = travel.go(client, time)
    return {"time": time, "from": None if chosen is None else chosen.time}
