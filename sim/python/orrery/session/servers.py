# SPDX-License-Identifier: Apache-2.0
"""Servers: all that a run is served by, the session's and GDB's, as one."""

from __future__ import annotations

import select
from typing import Protocol


class Served(Protocol):
    """One of them."""

    @property
    def attended(self) -> bool:
        """Somebody is connected."""

    def fileno(self) -> int:
        """Can be read when there is something to serve."""

    def notice(self) -> None:
        """Says what clients wait for, if it has come."""

    def serve(self) -> None:
        """Answers what has come."""

    def release(self) -> None:
        """Lets go of the connections: this process is a copy, and another one serves them."""

    def close(self) -> None:
        """Ends all connections."""


class Servers:
    """Several, in order."""

    def __init__(self, servers: list[Served]) -> None:
        self._servers = servers

    @property
    def attended(self) -> bool:
        """Somebody is connected."""
        return any(server.attended for server in self._servers)

    def serve(self, wait: bool = False) -> None:
        """Answers what has come. With `wait` something has to come first."""
        for server in self._servers:
            server.notice()
        if wait:
            select.select(self._servers, [], [])
        for server in self._servers:
            server.serve()

    def release(self) -> None:
        """Lets go of all connections, in a copy of the process."""
        for server in self._servers:
            server.release()

    def close(self) -> None:
        """Ends all connections, after what was said has gone out."""
        for server in self._servers:
            server.close()
