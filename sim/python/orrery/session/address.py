# SPDX-License-Identifier: Apache-2.0
"""Addresses of a session: `tcp:PORT`, `tcp:HOST:PORT` or `unix:PATH`."""

from __future__ import annotations

import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError

_FORMS = "tcp:PORT, tcp:HOST:PORT or unix:PATH"
_LOOPBACK = "127.0.0.1"
_WAITING = 8  # connections that nobody has taken in yet
_CONNECT_PATIENCE = 10.0  # host seconds


@dataclass(frozen=True)
class Address:
    """Where a session is served. Port 0 stands for one that is free."""

    host: str = ""
    port: int = 0
    path: Path | None = None

    def __str__(self) -> str:
        if self.path is not None:
            return f"unix:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tcp:{host}:{self.port}"


def parse(text: str) -> Address:
    """The address that a text names; raises `UsageError`. Without a host it is this one's own."""
    kind, _, rest = text.partition(":")
    if kind == "unix" and rest:
        return Address(path=Path(rest))
    host, _, port = rest.rpartition(":")
    if kind != "tcp" or not (port.isascii() and port.isdigit()) or int(port) > 0xFFFF:
        raise UsageError(f'a session has an address such as {_FORMS}, not "{text}"')
    return Address(host.removeprefix("[").removesuffix("]") or _LOOPBACK, int(port))


class Listener:
    """A socket that takes connections in. To be closed by who opened it.

    `what` is what is served, in sentences.
    """

    def __init__(self, address: Address, what: str = "the session") -> None:
        try:
            self.socket = _listen(address)
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError(f"{what} cannot be served at {address}: {reason}") from error
        if address.path is None:
            host, port = self.socket.getsockname()[:2]
            address = Address(host, port)
        self.address = address

    @property
    def audience(self) -> str:
        """Who can connect, in words."""
        if self.address.path is not None:
            return "for who may write to that file"
        if self.address.host.startswith("127.") or self.address.host == "::1":
            return "for this host only"
        return "for everybody who can reach that address: there is no password"

    def close(self) -> None:
        """Ends listening; a file that was made for it goes away."""
        self.socket.close()
        if self.address.path is not None:
            self.address.path.unlink(missing_ok=True)


def connect(address: Address) -> socket.socket:
    """A connection to a session; raises `OSError`."""
    if address.path is None:
        connection = socket.create_connection((address.host, address.port), _CONNECT_PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(os.fspath(address.path))
    except OSError:
        connection.close()
        raise
    return connection


def _listen(address: Address) -> socket.socket:
    if address.path is None:
        family, _, _, _, place = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(place[:2], family=family, backlog=_WAITING)
    _remove_abandoned(address.path)
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(os.fspath(address.path))
        listener.listen(_WAITING)
    except OSError:
        listener.close()
        raise
    return listener


def _remove_abandoned(path: Path) -> None:
    """Takes away a socket's file that a process which was killed has left."""
    try:
        if not stat.S_ISSOCK(path.stat().st_mode):
            return
        connect(Address(path=path)).close()
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)
    except OSError:
        pass  # nothing there, or not ours: binding tells
