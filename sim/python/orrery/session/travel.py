# SPDX-License-Identifier: Apache-2.0
"""Travel: going to another time of a run, and what clients change on the way.

Back is: wake the newest snapshot before that time, give it the clients, and let it run forward to
exactly there. Forward is the same where a snapshot lies on the way, else it is just running. Nobody
is answered and no breakpoint counts on the way. The past repeats itself, as do changes that clients
made; a new change makes another future, of which nothing is known yet.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from .connection import Connection
from .control import Client
from .inspection import Inspection, Refused
from .journal import Journal, Noted, Position
from .plan import Plan
from .restoring import Restoring, describe
from .server import Server
from .snapshots import Gone, Message, Snapshot, Snapshots
from .state import Session

# Nanoseconds to the end of a slice where one is wanted soon.
_SETTLING = 1_000


@dataclass
class Request:
    """Where a client wants to go."""

    client: Client
    time: int


@dataclass
class _Handed:
    """What one process gives the next, beside sockets and snapshots."""

    connections: list[tuple[Any, Client]]
    breakpoints: Any
    clients: list[Client]
    entries: list[Any]
    reached: int
    request: Request


class Travel:
    """Where a run is and can go. Without snapshots it can go nowhere, but is written down.

    `release` lets go of all that is served, in a copy of this process.
    """

    def __init__(
        self, session: Session, server: Server, plan: Plan, release: Callable[[], None]
    ) -> None:
        self._session = session
        self._server = server
        self._plan = plan
        self.snapshots = Snapshots(plan.front, plan.interval, release) if plan.front else None
        self.journal = Journal(session.machine, session.inspection)
        # Whoever looks into the run writes through the journal.
        session.inspection = cast(Inspection, Noted(session.inspection, self.write))
        self._restoring: Restoring | None = None
        if plan.restore is not None:
            self._restoring = Restoring(plan.restore)
            self.journal.entries = list(self._restoring.entries)
            session.control.travelling = True
        #: The newest time that is known of this future.
        self.reached = 0
        self._call = 0
        # Where a slice ended by itself: only there positions mean the same in every run.
        self._settled = True
        # Nothing has happened at this time yet.
        self._first = True
        self._typed: list[bytes] = []
        self._request: Request | None = None

    # What happens to the run

    def begin_call(self) -> None:
        """The scenario lets time pass."""
        self._call += 1
        self._first = self._call == 1

    @property
    def position(self) -> Position:
        """Where the run is."""
        return Position(self._call, self._session.machine.now)

    @property
    def under_way(self) -> bool:
        """Somebody wants to be elsewhere, and the run is not there yet."""
        return self._request is not None or self._restoring is not None

    @property
    def restored(self) -> bool:
        """The run has come to the checkpoint that it was to restore, if any."""
        return self._restoring is None

    def next_stop(self) -> int | None:
        """Nanoseconds until something is to be done; None: nothing is in sight."""
        now, times = self._session.machine.now, []
        if self._request is not None:
            times.append(self._request.time - now)
        if self._restoring is not None:
            times.append(self._restoring.position.time - now)
        if self._plan.checkpoint_at is not None:
            times.append(max(self._plan.checkpoint_at - now, 0) or _SETTLING)
        if (again := self.journal.next_time()) is not None:
            times.append(again - now)
        if self._typed:
            times.append(_SETTLING)
        if self.snapshots is not None:
            times.append(self._due(self.snapshots) or _SETTLING)
        return min((time for time in times if time > 0), default=None)

    def interrupted(self) -> None:
        """The run is in the middle of a slice."""
        self._settled = False

    def passed(self, whole: bool) -> None:
        """Time has passed; `whole`: as much as was to."""
        self._settled, self._first = whole, True
        self.reached = max(self.reached, self._session.machine.now)

    def here(self) -> None:
        """Does what is to be done where the run is. May return in another process."""
        if self._settled:
            typed, self._typed = self._typed, []
            for data in typed:
                self._change("console_send", data)
            self._take_snapshot()
            self._restore()
            if self._plan.checkpoint_at is not None and \
                    self._session.machine.now >= self._plan.checkpoint_at:
                self._plan.on_checkpoint(self.checkpoint())
        if self._request is not None and self._session.machine.now >= self._request.time:
            self._arrive(self._request)

    def _restore(self) -> None:
        if self._restoring is None or not self._restoring.is_at(self.position):
            return
        # Changes at this very place, made before the checkpoint was.
        self.leave()
        self._restoring.check(self._session)
        self._restoring = None
        self._session.control.travelling = False

    def checkpoint(self) -> dict[str, Any]:
        """A checkpoint of this moment; raises `Refused` or `Unsupported`."""
        if self._plan.recipe is None or not self._session.inspection.cuts_anywhere:
            raise self._session.inspection.unsupported("making checkpoints")
        if not self._settled:
            raise Refused("the run is in the middle of a slice: resume for a moment, such as 1us")
        return self._plan.recipe() | describe(self._session, self.journal, self.position)

    def leave(self) -> None:
        """The run goes on from where it is: what clients have changed here is changed again."""
        done = self.journal.done
        self.journal.come_by(self.position)
        if self.journal.done != done:
            self._first = False

    def _take_snapshot(self) -> None:
        if self.snapshots is None or self._due(self.snapshots) != 0:
            return
        message = self.snapshots.take(self.position, self.journal.done, self._first)
        if message is not None:
            self._adopt(message)

    def _due(self, snapshots: Snapshots) -> int:
        """Nanoseconds until the next snapshot is to be taken."""
        # What cannot be repeated is passed by a snapshot behind it.
        done, entries = self.journal.done, self.journal.entries
        if done and not entries[done - 1].repeatable:
            if not any(one.done >= done for one in snapshots.all):
                return 0
        return snapshots.due(self.position)

    # What clients do

    def type(self, data: bytes) -> None:
        """Types on the console, here or where the next slice ends by itself."""
        if self._session.inspection.cuts_anywhere and not self._settled:
            self._typed.append(data)
        else:
            self._change("console_send", data)

    def write(self, kind: str, *arguments: Any) -> None:
        """Writes memory or a register."""
        self._change(kind, *arguments)

    def _change(self, kind: str, *arguments: Any) -> None:
        if not self._session.inspection.cuts_anywhere:
            self.journal.apply(kind, *arguments)  # it does not repeat, so nothing is kept
            return
        self.journal.make(self.position, self._settled, kind, *arguments)
        self.reached, self._first = self._session.machine.now, False
        if self.snapshots is not None:
            self.snapshots.drop_after(self.position)
            # Who follows the trace sees that it goes another way.
            self._session.inspection.new_future()

    def go(self, client: Client, time: int) -> Snapshot | None:
        """A client wants to go to a time. Returns from which snapshot; None: from here on."""
        snapshots = self.check()
        if any(type(one) is not Client for one in self._session.control.clients):
            raise Refused("a debugger is connected, which cannot go along: detach it first")
        if self._request is not None:
            raise Refused(f"the run is on its way to {self._request.time} ns already")
        chosen = self._way(snapshots, time)
        if chosen is None and not self._ahead(time):
            raise Refused(f"there is no snapshot at or before {time} ns")
        done = self.journal.done if chosen is None else chosen.done
        if (entry := self.journal.obstacle(done, time)) is not None:
            raise Refused(
                f"{time} ns cannot be reached: a client wrote at {entry.position.time} ns, in the "
                "middle of a slice, which cannot be repeated")
        self._request, self._typed = Request(client, time), []
        self._session.control.travelling = True
        self._session.breakpoints.arm(False)
        return chosen

    def depart(self) -> None:
        """Sets out where somebody has asked for it. May return in another process, or never."""
        if self._request is None:
            return
        snapshots, request = self.check(), self._request
        while (chosen := self._way(snapshots, request.time)) is not None:
            stay = None
            if self._worth_keeping(snapshots):
                stay = self.position, self.journal.done, self._first
            handed, sockets = self._handed(request)
            try:
                message = snapshots.wake(chosen, handed, sockets, stay)
            except Gone:
                continue  # the one before it will do
            self._adopt(message)
            return
        if not self._ahead(request.time):
            self._end_journey(request, "lost: no snapshot could be woken")

    @property
    def times(self) -> list[int]:
        """Of the snapshots."""
        return [one.time for one in self.check().all]

    def check(self) -> Snapshots:
        """The snapshots; raises `Refused` or `Unsupported` if there are none."""
        if self.snapshots is None:
            if not self._session.inspection.cuts_anywhere:
                raise self._session.inspection.unsupported("going back in time")
            raise Refused("there are no snapshots to go back to: start the run with --snapshots")
        return self.snapshots

    def _worth_keeping(self, snapshots: Snapshots) -> bool:
        """This process can be a snapshot, and there is none of this moment."""
        return self._settled and not any(
            one.position == self.position and one.done == self.journal.done
            for one in snapshots.all)

    def _way(self, snapshots: Snapshots, time: int) -> Snapshot | None:
        """The snapshot to start from; None: from here."""
        chosen = snapshots.newest(time)
        if chosen is None or (self._ahead(time) and chosen.position <= self.position):
            return None
        return chosen

    def _ahead(self, time: int) -> bool:
        """The first moment of a time is to come, or now."""
        now = self._session.machine.now
        return now < time or (self._first and now == time)

    # From one process to another

    def _handed(self, request: Request) -> tuple[_Handed, list[socket.socket]]:
        connections = [one for one in self._server.connections if not one[0].closed]
        return _Handed(
            [(connection.state(), client) for connection, client in connections],
            self._session.breakpoints.state(), self._session.control.clients,
            self.journal.entries, self.reached, request,
        ), [connection.socket for connection, _ in connections]

    def _adopt(self, message: Message) -> None:
        handed: _Handed = message.state
        self._server.adopt([
            (Connection.of(connected, state), client)
            for connected, (state, client) in zip(message.sockets, handed.connections)
        ])
        control, breakpoints = self._session.control, self._session.breakpoints
        control.adopt(handed.clients)
        breakpoints.arm(False)
        breakpoints.adopt(handed.breakpoints)
        self.journal.entries, self.reached = handed.entries, handed.reached
        self._request, self._typed = handed.request, []
        # Who asks has been answered, so the checkpoint was come to, and is no goal any more.
        self._restoring = None
        assert self.snapshots is not None
        self._plan.on_wake()
        self.snapshots.adopt(message, self.position)

    def _arrive(self, request: Request) -> None:
        self._end_journey(request, "time")
        for client in self._session.control.clients:
            if client.tap_limit:
                client.tap = self._session.inspection.tap_trace(client.tap_limit)
            client.steps = {target: self._session.inspection.instructions(target)
                            for target in client.steps}

    def _end_journey(self, request: Request, reason: str) -> None:
        self._request = None
        control = self._session.control
        control.travelling = False
        self._session.breakpoints.arm(True)
        if request.client in control.clients:
            control.hold(request.client, reason)
