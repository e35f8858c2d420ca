# SPDX-License-Identifier: Apache-2.0
"""A client of the session protocol: to hold a run, let it go on and look into it from a program.

::

    with SessionClient("tcp:4444") as session:
        session.stop()
        print(session.execute("kernel", "tasks"))
        session.resume("10ms")
        session.wait()
"""

from __future__ import annotations

import json
import socket
import time
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from .errors import TimedOut
from .session.address import connect, parse
from .session.packets import Decoder, Kind, Received, encode, join, split

# What a reply may have: the longest is a listing.
_LONGEST_REPLY = 1 << 24
_POLL_EVERY = 0.005


class SessionError(Exception):
    """The session refused a command; the message is its reason."""


class SessionEnded(ConnectionError):
    """The connection has ended, as it does with the run."""


@dataclass(frozen=True)
class Status:
    """The state of the run."""

    #: Why it is stopped; empty while it runs.
    reason: str
    #: Simulated time in nanoseconds, and SystemC's delta cycles.
    now: int
    delta_cycles: int

    @property
    def running(self) -> bool:
        """Time goes on, as far as this client is concerned."""
        return not self.reason


class SessionClient:
    """Connected to a session. Every call waits for the reply, `timeout` host seconds at most."""

    def __init__(self, address: str, timeout: float = 30) -> None:
        self._socket: socket.socket = connect(parse(address))
        self._socket.settimeout(timeout)
        self._decoder = Decoder(_LONGEST_REPLY)
        self._received: deque[Received] = deque()

    def __enter__(self) -> SessionClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leaves the session; the run goes on if this client held it."""
        self._socket.close()

    def command(self, *fields: object) -> list[str]:
        """Sends a command and returns the fields of its reply; raises `SessionError`."""
        self._send(encode(join(*fields)))
        reply = split(self._reply())
        if reply[0] != "OK":
            raise SessionError(", ".join(reply[1:]) or "the session knows no such command")
        return reply[1:]

    def execute(self, module: str, command: str, *arguments: object) -> Any:
        """Calls a command of a module, such as `tasks` of `kernel`."""
        return json.loads(self.command("exec", module, command, *arguments)[0])

    def status(self) -> Status:
        """The state of the run now."""
        state, now, delta_cycles = self.command("status")
        reason = "" if state == "running" else state.removeprefix("stopped:")
        return Status(reason, int(now), int(delta_cycles))

    def stop(self, reason: str = "user") -> Status:
        """Holds the run."""
        self.command("stop", reason)
        return self.status()

    def resume(self, duration: str = "") -> None:
        """Lets the run go on, for a duration such as `10ms`, else until something stops it."""
        self.command("resume", *filter(None, [duration]))

    def step(self, *targets: str) -> None:
        """Lets the run go on until one of these CPUs has executed something."""
        self.command("step", *targets)

    def wait(self, timeout: float = 60) -> Status:
        """Waits until the run is stopped; raises `TimedOut` after so many host seconds."""
        deadline = time.monotonic() + timeout
        while (status := self.status()).running:
            if time.monotonic() > deadline:
                raise TimedOut(f"the run had not stopped after {timeout} s")
            time.sleep(_POLL_EVERY)
        return status

    def back(self, time: int) -> None:
        """Takes the run back to an earlier time, in nanoseconds, where it is held."""
        self.execute("time", "back", time)
        self.wait()

    def forward(self, time: int | None = None) -> None:
        """Takes the run to a later time that it has reached before: without one, the latest."""
        self.execute("time", "forward", *([] if time is None else [time]))
        self.wait()

    def insert_breakpoint(self, target: str, address: int) -> int:
        """Holds the run before a CPU executes what is at a virtual address; returns its number."""
        return int(self.command("mkbp", target, address)[0].rpartition(" ")[2])

    def remove_breakpoint(self, number: int) -> None:
        """Undoes insert_breakpoint()."""
        self.command("rmbp", number)

    def quit(self) -> None:
        """Ends the run; there is no reply."""
        self._send(encode("quit"))
        try:
            while self._next().kind is not Kind.ACKNOWLEDGED:
                pass
        except SessionEnded:
            pass

    def attribute(self, name: str) -> list[str]:
        """The values of an attribute, such as `kernel.frames_free`."""
        return self.command("geta", name)

    def registers(self, target: str) -> dict[str, int]:
        """All registers of a CPU."""
        names = [field.partition(":")[0] for field in self.command("lreg", target)]
        return {name: int.from_bytes(self._memory("getr", target, name), "little")
                for name in names}

    def read_physical(self, target: str, address: int, size: int) -> bytes:
        """Memory by its physical address."""
        return self._memory("pread", target, address, size)

    def read_virtual(self, target: str, address: int, size: int) -> bytes:
        """Memory as a CPU sees it."""
        return self._memory("vread", target, address, size)

    def _memory(self, *fields: object) -> bytes:
        return bytes(int(field, 16) for field in self.command(*fields))

    def _send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise SessionEnded("the session has ended") from error

    def _acknowledge(self) -> None:
        """Of a reply that is there, also if the session has ended behind it."""
        try:
            self._send(b"+")
        except SessionEnded:
            pass

    def _reply(self) -> str:
        while True:
            received = self._next()
            if received.kind is Kind.PACKET:
                self._acknowledge()
                return received.text
            if received.kind is Kind.DAMAGED:
                self._send(b"-")
            elif received.kind is not Kind.ACKNOWLEDGED:
                raise SessionError(f"the session sent something that is {received.kind.value}")

    def _next(self) -> Received:
        while not self._received:
            try:
                data = self._socket.recv(1 << 16)
            except ConnectionResetError:
                data = b""
            if not data:
                raise SessionEnded("the session has ended")
            self._received.extend(self._decoder.feed(data))
        return self._received.popleft()
