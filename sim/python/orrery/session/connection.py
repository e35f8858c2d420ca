# SPDX-License-Identifier: Apache-2.0
"""Connection: the server's end of one client's connection.

Replies go out in order, each once the one before has been acknowledged. Whoever lets too much pile
up is disconnected: Invariant: what is kept for a client is bounded.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Iterator
from typing import Any

from ..peer import Peer
from .packets import Decoder, Kind, Received, encode

# Replies that wait for an acknowledgement of those before, and how often one is sent again.
_MOST_WAITING = 64
_MOST_ATTEMPTS = 10  # as VCML
# Acknowledgements that the client does not fetch.
_MOST_SIGNS = 1 << 16


class Connection(Peer):
    """A connected socket that speaks packets."""

    def __init__(self, connected: socket.socket) -> None:
        super().__init__(connected, Decoder())
        self._waiting: deque[bytes] = deque()
        self._sent: bytes | None = None  # the reply that has not been acknowledged yet
        self._attempts = 0

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

    def receive(self) -> Iterator[Received]:
        """Packets that have come, acknowledged; and refusals: damaged ones and long ones.

        The reply to one is to be given before the next is asked for.
        """
        for received in self._arrivals():
            if received.kind is Kind.ACKNOWLEDGED:
                self._next()
            elif received.kind is Kind.REFUSED:
                self._again()
            elif received.kind is Kind.DAMAGED:
                self._send(b"-")
            else:
                self._send(b"+")
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

    def _next(self) -> None:
        self._sent = self._waiting.popleft() if self._waiting else None
        self._attempts = 0
        if self._sent is not None:
            self._send(self._sent)

    def _again(self) -> None:
        self._attempts += 1
        if self._sent is None:
            return
        if self._attempts >= _MOST_ATTEMPTS:
            self.close()
        else:
            self._send(self._sent)

    def _send(self, data: bytes) -> None:
        # A reply may be long; signs pile up only for who sends and never reads.
        self._put(data, _MOST_SIGNS + len(self._sent or b"") * _MOST_ATTEMPTS)
