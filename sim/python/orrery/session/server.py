# SPDX-License-Identifier: Apache-2.0
"""Server: takes clients in and answers them, from the run's own thread, when that calls.

No thread of its own: a command is answered between two slices of simulated time, when the whole
machine is at rest.
"""

from __future__ import annotations

import selectors
import socket
import time

from .commands import answer
from .connection import Connection
from .control import Client
from .packets import LONGEST, Kind, join
from .state import Session

#: Clients at a time; more are told so and sent away.
MOST_CLIENTS = 8
# Host seconds that clients have at the end to fetch their last replies.
_LAST_PATIENCE = 1.0


class Server:
    """Serves a session on a listening socket, which it closes in the end; nobody without one."""

    def __init__(self, listener: socket.socket | None, session: Session) -> None:
        self._listener = listener
        self._session = session
        self._connections: dict[Connection, Client] = {}
        self._selector = self._new_selector()

    @property
    def attended(self) -> bool:
        """Somebody is connected."""
        return bool(self._connections)

    def fileno(self) -> int:
        """Can be read when there is something to serve."""
        return self._selector.fileno()

    def notice(self) -> None:
        """The server never speaks unasked."""

    def serve(self) -> None:
        """Answers what has come."""
        ready = [key.fileobj for key, _ in self._selector.select(0)]
        for one in ready:
            if isinstance(one, Connection):
                self._attend(one)
        # Last, as somebody may have made room just now.
        if self._listener in ready:
            self._accept()

    @property
    def connections(self) -> list[tuple[Connection, Client]]:
        """Those that are served."""
        return list(self._connections.items())

    def release(self) -> None:
        """Lets go of the connections: this process is a copy, and another one serves them."""
        # What is registered is shared with that process: only the descriptor is closed.
        self._selector.close()
        for connection in self._connections:
            connection.close()
        self._connections = {}

    def adopt(self, connections: list[tuple[Connection, Client]]) -> None:
        """Serves connections that another process has served. Precondition: release()."""
        self._selector = self._new_selector()
        self._connections = dict(connections)
        for connection, _ in connections:
            self._selector.register(connection, selectors.EVENT_READ)
            self._watch(connection)

    def close(self) -> None:
        """Ends all connections, after what was said has gone out."""
        deadline = time.monotonic() + _LAST_PATIENCE
        while any(one.unsent for one in self._connections) and time.monotonic() < deadline:
            for connection in list(self._connections):
                connection.flush()
                self._watch(connection)
            time.sleep(0.001)
        for connection in list(self._connections):
            connection.close()
            self._watch(connection)
        self._selector.close()
        if self._listener is not None:
            self._listener.close()

    def _new_selector(self) -> selectors.BaseSelector:
        selector = selectors.DefaultSelector()
        if self._listener is not None:
            self._listener.setblocking(False)
            selector.register(self._listener, selectors.EVENT_READ)
        return selector

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            connected, _ = self._listener.accept()
        except OSError:
            return  # it has gone away already
        connection = Connection(connected)
        if len(self._connections) >= MOST_CLIENTS:
            connection.reply(join("E", f"the session has {MOST_CLIENTS} clients already"))
            connection.close()
            return
        client = Client()
        self._connections[connection] = client
        self._session.control.clients.append(client)
        self._selector.register(connection, selectors.EVENT_READ)

    def _attend(self, connection: Connection) -> None:
        connection.flush()
        client = self._connections[connection]
        for received in connection.receive():
            if received.kind is Kind.TOO_LONG:
                connection.reply(join("E", f"a packet has at most {LONGEST} bytes of payload"))
                continue
            reply = answer(self._session, client, received.text)
            if self._session.control.quitting:
                return  # VCML answers `quit` with nothing but the acknowledgement
            connection.reply(reply)
        self._watch(connection)

    def _watch(self, connection: Connection) -> None:
        """Waits for what the connection needs next, or forgets it."""
        if not connection.closed:
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.unsent else 0)
            self._selector.modify(connection, wanted)
            return
        self._session.leave(self._connections.pop(connection))
        self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        for descriptor, key in list(self._selector.get_map().items()):
            if key.fileobj is connection:
                self._selector.unregister(descriptor)
