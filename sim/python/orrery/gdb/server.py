# SPDX-License-Identifier: Apache-2.0
"""GdbServer: takes a debugger in and answers it, from the run's own thread, when that calls.

One debugger at a time. It holds the run from the moment at which it connects.
"""

from __future__ import annotations

import selectors
import socket
import time

from ..session.state import Session
from .connection import Connection
from .packets import Kind
from .stub import Stub

# Host seconds that a debugger has at the end to hear of it.
_LAST_PATIENCE = 1.0


class GdbServer:
    """Serves a debugger on a listening socket, which it closes in the end."""

    def __init__(self, listener: socket.socket, session: Session) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._session = session
        self._connection: Connection | None = None
        self._stub: Stub | None = None
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)

    def fileno(self) -> int:
        """Can be read when there is something to serve."""
        return self._selector.fileno()

    @property
    def attended(self) -> bool:
        """A debugger is connected."""
        return self._connection is not None

    def notice(self) -> None:
        """Tells the debugger that the run has stopped, if it waits for that."""
        stub, connection = self._stub, self._connection
        if stub is None or connection is None:
            return
        if stub.waiting and stub.execution.reason is not None:
            connection.send(stub.stop_reply())
            self._watch()

    def serve(self) -> None:
        """Answers what has come."""
        ready = [key.fileobj for key, _ in self._selector.select(0)]
        if self._connection in ready:
            self._attend()
        if self._listener in ready:
            self._accept()
        self.notice()

    def release(self) -> None:
        """Lets go of the debugger: this process is a copy, and another one serves it."""
        # What is registered is shared with that process: only the descriptor is closed.
        self._selector.close()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        if self._connection is not None:
            self._connection.close()
        self._connection = self._stub = None

    def close(self) -> None:
        """Ends the connection; a debugger that waits hears that the run has ended."""
        if self._connection is not None:
            if self._stub is not None and self._stub.waiting:
                self._connection.send(self._end())
            deadline = time.monotonic() + _LAST_PATIENCE
            while self._connection.unsent and time.monotonic() < deadline:
                self._connection.flush()
                time.sleep(0.001)
            self._connection.close()
            self._watch()
        self._selector.close()
        self._listener.close()

    def _end(self) -> bytes:
        # As if the program had ended; a kernel that has panicked, by abort().
        view = self._session.machine.kernel()
        return b"X06" if view.present and view.state == "panicked" else b"W00"

    def _accept(self) -> None:
        try:
            connected, _ = self._listener.accept()
        except OSError:
            return  # it has gone away already
        if self._connection is not None:
            self._attend()  # it may be about to go
        if self._connection is not None:
            connected.close()  # GDB says that the connection was closed
            return
        self._connection = Connection(connected)
        self._stub = Stub(self._session)
        self._session.control.clients.append(self._stub.execution)
        self._session.control.hold(self._stub.execution, "gdb")
        self._selector.register(self._connection, selectors.EVENT_READ)

    def _attend(self) -> None:
        connection, stub = self._connection, self._stub
        assert connection is not None and stub is not None
        connection.flush()
        for received in connection.receive():
            if received.kind is Kind.INTERRUPT:
                stub.interrupt()
                self.notice()
            elif received.kind is Kind.TOO_LONG:
                connection.send(b"E16")
            elif not stub.waiting:  # else it is no debugger that speaks out of turn
                self._answer(connection, stub, received.payload)
            if self._session.control.quitting:
                break
        self._watch()

    def _answer(self, connection: Connection, stub: Stub, payload: bytes) -> None:
        reply = stub.answer(payload)
        if reply is not None:
            connection.send(reply)
        if stub.wants_no_acknowledgement:
            connection.acknowledges = False
        if stub.detached:
            connection.flush()
            connection.close()

    def _watch(self) -> None:
        """Waits for what the connection needs next, or forgets it."""
        connection, stub = self._connection, self._stub
        if connection is None or stub is None:
            return
        if not connection.closed:
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.unsent else 0)
            self._selector.modify(connection, wanted)
            return
        for key in list(self._selector.get_map().values()):
            if key.fileobj is connection:
                self._selector.unregister(key.fd)
        stub.execution.end_step()
        self._session.leave(stub.execution)
        self._connection = self._stub = None
