# SPDX-License-Identifier: Apache-2.0
"""Connection: the server's end of one client's connection. Never waits for the client.

Replies go out in order, each once the one before has been acknowledged. Whoever lets too much pile
up is disconnected: Invariant: what is kept for a client is bounded.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Iterator
from typing import Any

from .packets import Decoder, Kind, Received, encode

_PORTION = 1 << 16
# Replies that wait for an acknowledgement of those before, and how often one is sent again.
_MOST_WAITING = 64
_MOST_ATTEMPTS = 10  # as VCML
# Acknowledgements that the client does not fetch.
_MOST_SIGNS = 1 << 16


class Connection:
    """A connected socket that speaks packets."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        if connected.family != socket.AF_UNIX:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connected
        self._decoder = Decoder()
        self._out = bytearray()
        self._waiting: deque[bytes] = deque()
        self._sent: bytes | None = None  # the reply that has not been acknowledged yet
        self._attempts = 0
        #: Nothing goes in or out any more.
        self.closed = False

    @property
    def socket(self) -> socket.socket:
        """For who takes the connection over."""
        return self._socket

    def state(self) -> Any:
        """What there is beside the socket, for `of()`."""
        return self._decoder, self._out, self._waiting, self._sent, self._attempts

    @classmethod
    def of(cls, connected: socket.socket, state: Any) -> Connection:
        """The connection that another process had."""
        connection = cls(connected)
        (connection._decoder, connection._out, connection._waiting, connection._sent,
         connection._attempts) = state
        return connection

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._socket.fileno()

    @property
    def unsent(self) -> bool:
        """The socket has not taken everything yet."""
        return bool(self._out)

    def receive(self) -> Iterator[Received]:
        """Packets that have come, acknowledged; and refusals: damaged ones and long ones.

        The reply to one is to be given before the next is asked for.
        """
        try:
            data = self._socket.recv(_PORTION)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        for received in self._decoder.feed(data):
            if self.closed:
                return
            if received.kind is Kind.ACKNOWLEDGED:
                self._next()
            elif received.kind is Kind.REFUSED:
                self._again()
            elif received.kind is Kind.DAMAGED:
                self._put(b"-")
            else:
                self._put(b"+")
                yield received

    def reply(self, payload: str) -> None:
        """Sends a reply, now or when its turn comes."""
        if self.closed:
            return
        self._waiting.append(encode(payload))
        if self._sent is None:
            self._next()
        elif len(self._waiting) > _MOST_WAITING:
            self.close()

    def flush(self) -> None:
        """Sends what the socket takes."""
        try:
            while self._out and not self.closed:
                del self._out[: self._socket.send(self._out)]
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self.close()

    def close(self) -> None:
        """Ends the connection; may be called twice."""
        if not self.closed:
            self.closed = True
            self._socket.close()

    def _next(self) -> None:
        self._sent = self._waiting.popleft() if self._waiting else None
        self._attempts = 0
        if self._sent is not None:
            self._put(self._sent)

    def _again(self) -> None:
        self._attempts += 1
        if self._sent is None:
            return
        if self._attempts >= _MOST_ATTEMPTS:
            self.close()
        else:
            self._put(self._sent)

    def _put(self, data: bytes) -> None:
        self._out += data
        self.flush()
        # A reply may be long; signs pile up only for who sends and never reads.
        if len(self._out) > _MOST_SIGNS + len(self._sent or b"") * _MOST_ATTEMPTS:
            self.close()
