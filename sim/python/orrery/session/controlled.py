# SPDX-License-Identifier: Apache-2.0
"""Controlled: a backend whose time passes only as the clients of a session want it.

It stands between the phone and its backend and cuts the time that a scenario lets pass into slices,
between which clients are answered. On a machine that can be cut anywhere the slices follow the
host's clock, so that clients are answered soon: the machine cannot tell where it was cut, so
nothing of the host reaches it. Another one, QEMU, is cut only where a client asks for it.
"""

from __future__ import annotations

import socket
import time
from typing import Any

from ..backend import Backend
from ..errors import SessionQuit
from ..gdb.server import GdbServer
from ..units import ms, us
from .breakpoints import Breakpoints
from .control import Control
from .inspection import Inspection
from .plan import Plan
from .server import Server
from .servers import Served, Servers
from .state import Session
from .travel import Travel

# Host seconds between two looks at the sockets, at least.
_LOOK_EVERY = 0.002
# Host seconds that a slice is to take, with clients and without, and simulated time that it may.
_ATTENDED, _ALONE = 0.005, 0.05
_SHORTEST, _LONGEST = 10 * us, 250 * ms


class Pace:
    """How long slices are, so that they take about as long on this host as they should."""

    def __init__(self) -> None:
        self.slice = 1 * ms

    def took(self, seconds: float, aim: float) -> None:
        """A slice took so long."""
        if seconds > 2 * aim:
            self.slice = max(self.slice // 2, _SHORTEST)
        elif seconds < aim / 2:
            self.slice = min(self.slice * 2, _LONGEST)


class Controlled:
    """A `Backend` that serves a session, a debugger or both on listening sockets.

    Without any there are no clients, and it only does what the plan says.
    """

    def __init__(
        self, inner: Backend, listener: socket.socket | None, plan: Plan | None = None,
        debugger: socket.socket | None = None,
    ) -> None:
        plan = plan or Plan()
        self._inner = inner
        self._inspection: Inspection = inner.inspection()
        self._control = Control(plan.wait)
        self._breakpoints = Breakpoints(self._inspection)
        self._session = Session(inner, self._inspection, self._control, self._breakpoints)
        self._inspection.on_breakpoint(self._at_breakpoint)
        server = Server(listener, self._session)
        servers: list[Served] = [server]
        if debugger is not None:
            servers.append(GdbServer(debugger, self._session))
        self._server = Servers(servers)
        self._travel = Travel(self._session, server, plan, self._server.release)
        self._session.travel = self._travel
        self._pace = Pace()
        self._looked = 0.0
        self._output = bytearray()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def run(self, nanoseconds: int, until_console: bool) -> str:
        """Lets time pass in slices, and stands still for as long as a client holds the run."""
        end = self._inner.now + nanoseconds
        self._travel.begin_call()
        while True:
            self._attend()
            self._travel.leave()
            reason = self._slice(end - self._inner.now, until_console)
            self._control.passed(self._inner.now, self._inspection.instructions)
            if reason != "time" or self._inner.now >= end:
                self._travel.here()
                if self._control.held or self._control.quitting:
                    self._attend()
                self._travel.leave()
                return reason

    @property
    def restored(self) -> bool:
        """The run has come to the checkpoint that it was to restore, if any."""
        return self._travel.restored

    def console_take(self) -> bytes:
        """What the phone has written since the last call."""
        self._take_console()
        data = bytes(self._output)
        self._output.clear()
        return data

    def close(self) -> None:
        """Ends the session, then gives everything back."""
        self._server.close()
        self._inner.close()

    def _slice(self, left: int, until_console: bool) -> str:
        step = min(left, self._pace.slice) if self._inspection.cuts_anywhere else left
        for stop in (self._control.next_stop(self._inner.now), self._travel.next_stop()):
            if stop is not None:
                step = min(step, stop)
        began, end = time.monotonic(), self._inner.now + step
        reason = self._inner.run(step, until_console)
        if step:
            self._travel.passed(reason == "time" and self._inner.now == end)
        if step == self._pace.slice:
            took = time.monotonic() - began
            attended = self._server.attended and not self._travel.under_way
            self._pace.took(took, _ATTENDED if attended else _ALONE)
        self._take_console()
        return reason

    def _take_console(self) -> None:
        data = self._inner.console_take()
        self._session.console.add(data)
        self._output += data

    def _at_breakpoint(self, target: str, address: int) -> None:
        # In the middle of a slice, which ends when this returns. It must not raise: the caller is
        # no Python. What ends the run is seen after the slice.
        self._take_console()
        for client, number in self._breakpoints.at(target, address):
            if not client.accepts(target, address):
                continue
            self._control.hold(client, f"breakpoint:{number}:{self._inner.now}")
        self._travel.interrupted()
        self._stand_still()
        while self._travel.under_way and not self._control.quitting:
            self._travel.depart()
            if self._travel.under_way:
                return
            self._stand_still()

    def _stand_still(self) -> None:
        if self._control.held:
            self._inspection.show_trace()
        while self._control.held and not self._control.quitting:
            self._server.serve(wait=True)

    def _attend(self) -> None:
        self._travel.here()
        moment, idle = time.monotonic(), not (self._control.held or self._control.quitting)
        if self._travel.under_way or (idle and moment - self._looked < _LOOK_EVERY):
            return
        self._serve()
        while self._travel.under_way:
            self._travel.depart()
            self._travel.here()
            if self._travel.under_way:
                return
            self._serve()

    def _serve(self) -> None:
        self._server.serve()
        self._stand_still()
        self._looked = time.monotonic()
        if self._control.quitting:
            self._server.close()
            raise SessionQuit(f"{self._control.ended_by} ended the run")
