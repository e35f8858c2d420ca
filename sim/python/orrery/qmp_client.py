# SPDX-License-Identifier: Apache-2.0
"""Client for QMP, QEMU's machine protocol: JSON lines, commands answered, events in between."""

from __future__ import annotations

import json
import socket
from typing import Any

from .errors import SimulatorError


class QmpClient:
    """Talks QMP over a connected socket."""

    def __init__(self, connection: socket.socket, timeout: float = 30) -> None:
        self._socket = connection
        self._timeout = timeout
        self._buffer = bytearray()
        self._events: list[dict[str, Any]] = []
        self._closed = False

    def start(self) -> str:
        """Leaves negotiation mode; returns QEMU's version."""
        greeting = self._receive(self._timeout)
        if greeting is None or "QMP" not in greeting:
            raise SimulatorError("QEMU did not start")
        self.command("qmp_capabilities")
        version = greeting["QMP"]["version"]["qemu"]
        return f"{version['major']}.{version['minor']}.{version['micro']}"

    def fileno(self) -> int:
        """The socket's descriptor, to wait for it together with others."""
        return self._socket.fileno()

    @property
    def closed(self) -> bool:
        """Whether QEMU has closed the connection, as it does when it ends."""
        return self._closed

    def command(self, name: str) -> Any:
        """Executes a command without arguments and returns what it answers."""
        try:
            self._socket.settimeout(self._timeout)
            self._socket.sendall(json.dumps({"execute": name}).encode() + b"\n")
        except OSError:
            self._closed = True
        while (message := self._receive(self._timeout)) is not None:
            if "return" in message:
                return message["return"]
            if "error" in message:
                raise SimulatorError(f"QEMU refused {name}: {message['error']['desc']}")
            self._events.append(message)
        raise SimulatorError(f"QEMU did not answer {name}")

    def take_events(self) -> list[dict[str, Any]]:
        """Events that have come since the last call; never waits."""
        while (message := self._receive(0)) is not None:
            self._events.append(message)
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        """Closes the connection."""
        self._closed = True
        self._socket.close()

    def _receive(self, timeout: float) -> dict[str, Any] | None:
        while not self._closed:
            line, newline, rest = bytes(self._buffer).partition(b"\n")
            if newline:
                self._buffer = bytearray(rest)
                return json.loads(line)
            self._socket.settimeout(timeout)
            try:
                data = self._socket.recv(65536)
            except (BlockingIOError, TimeoutError):
                return None
            except OSError:
                data = b""
            if not data:
                self._closed = True
            self._buffer += data
        return None
