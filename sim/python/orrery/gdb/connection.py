# SPDX-License-Identifier: Apache-2.0
"""Connection: the stub's end of a debugger's connection.

Invariant: what is kept for a debugger is bounded; one that fetches nothing is disconnected.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

from ..peer import Peer
from .packets import Decoder, Kind, Received, frame

# Bytes that wait for the socket, and how often a reply is sent again.
_MOST_UNSENT = 1 << 20
_MOST_ATTEMPTS = 10


class Connection(Peer):
    """A connected socket that speaks packets."""

    def __init__(self, connected: socket.socket) -> None:
        super().__init__(connected, Decoder())
        self._last = b""
        self._attempts = 0
        #: Packets are acknowledged, until QStartNoAckMode.
        self.acknowledges = True

    def receive(self) -> Iterator[Received]:
        """Packets that have come, long ones, and Ctrl-C; all else is dealt with in here."""
        for received in self._arrivals():
            if received.kind is Kind.REFUSED:
                self._again()
            elif received.kind is Kind.DAMAGED:
                self._sign(b"-")
            elif received.kind is Kind.INTERRUPT:
                yield received
            elif received.kind is not Kind.ACKNOWLEDGED:
                self._sign(b"+")
                yield received

    def send(self, payload: bytes) -> None:
        """Sends a packet."""
        self._last, self._attempts = frame(payload), 0
        self._put(self._last, _MOST_UNSENT)

    def _again(self) -> None:
        self._attempts += 1
        if self._attempts >= _MOST_ATTEMPTS:
            self.close()
        else:
            self._put(self._last, _MOST_UNSENT)

    def _sign(self, sign: bytes) -> None:
        if self.acknowledges:
            self._put(sign, _MOST_UNSENT)
