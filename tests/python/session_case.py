# SPDX-License-Identifier: Apache-2.0
"""What tests of the session's server share: a fake phone in a thread, and raw clients."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from fake_backend import FakeBackend
from orrery import Phone, s
from orrery.errors import SessionQuit
from orrery.session import Controlled, Listener, Plan, parse
from orrery.session.address import Address, connect
from orrery.session.packets import encode
from orrery.session_client import SessionClient
from support import FolderCase

PATIENCE = 10.0
# Simulated time that no test sees the end of: the fake phone passes an hour in 50 ms of the host.
ENDLESS = 1_000_000_000 * s


class SessionCase(FolderCase):
    """A phone that is served in a thread of its own; it begins held unless told otherwise."""

    def serve(
        self, scenario: Callable[[Phone], object] | None = None, wait: bool = True,
        place: str = "", debugger: str = "",
    ) -> None:
        """Begins the run: `scenario` of a phone that has been booted. `debugger` is GDB's place."""
        self.debugger = Listener(parse(debugger)) if debugger else None
        if self.debugger is not None:
            self.addCleanup(self.debugger.close)
        self.listener = Listener(parse(place or f"unix:{self.folder / 'session'}"))
        self.address = str(self.listener.address)
        phone = self.phone("idle")
        backend = phone._backend
        assert isinstance(backend, FakeBackend)
        self.backend = backend
        self.controlled = Controlled(
            backend, self.listener.socket, Plan(wait), self.debugger and self.debugger.socket)
        phone._backend = self.controlled
        self.error: BaseException | None = None

        def run() -> None:
            try:
                phone.boot()
                (scenario or (lambda phone: phone.run_for(ENDLESS)))(phone)
            except BaseException as error:
                self.error = error
            finally:
                phone.close()

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        self.addCleanup(self.end)

    def end(self) -> None:
        """Ends the run if it has not ended, and sees that it does."""
        if self.thread.is_alive():
            try:
                with self.client() as client:
                    client.quit()
            except OSError:
                pass
        self.thread.join(PATIENCE)
        self.listener.close()
        self.assertFalse(self.thread.is_alive(), "the run has not ended")
        if self.error is not None and not isinstance(self.error, SessionQuit):
            raise self.error

    def client(self) -> SessionClient:
        """A new client."""
        return SessionClient(self.address, PATIENCE)

    def raw(self) -> RawClient:
        """A new client that speaks bytes."""
        client = RawClient(self.listener.address)
        self.addCleanup(client.close)
        return client

    def assertServes(self) -> None:
        """A new client is answered."""
        with self.client() as client:
            self.assertGreaterEqual(client.status().now, 0)


class RawClient:
    """A connection with bytes."""

    def __init__(self, address: Address) -> None:
        self.socket: socket.socket = connect(address)
        self.socket.settimeout(PATIENCE)

    def close(self) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self, size: int) -> bytes:
        """Exactly so many bytes, or fewer at the end of the connection."""
        data = b""
        while len(data) < size and (more := self.socket.recv(size - len(data))):
            data += more
        return data

    def expect(self, data: bytes) -> None:
        """These bytes come next."""
        received = self.receive(len(data))
        assert received == data, f"{received!r} came, not {data!r}"

    def expect_reply(self, payload: str) -> None:
        """This packet comes next, which is acknowledged."""
        self.expect(encode(payload))
        self.send(b"+")

    def ended(self) -> bool:
        """The connection has been ended from the other side."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True
