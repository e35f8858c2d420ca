# SPDX-License-Identifier: Apache-2.0
"""Connection: the stub's end of a debugger's connection. Never waits for the debugger.

Invariant: what is kept for a debugger is bounded; one that fetches nothing is disconnected.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

from .packets import Decoder, Kind, Received, encode

_PORTION = 1 << 16
# Bytes that wait for the socket, and how often a reply is sent again.
_MOST_UNSENT = 1 << 20
_MOST_ATTEMPTS = 10


class Connection:
    """A connected socket that speaks packets."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        if connected.family != socket.AF_UNIX:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connected
        self._decoder = Decoder()
        self._out = bytearray()
        self._last = b""
        self._attempts = 0
        #: Packets are acknowledged, until QStartNoAckMode.
        self.acknowledges = True
        #: Nothing goes in or out any more.
        self.closed = False

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._socket.fileno()

    @property
    def unsent(self) -> bool:
        """The socket has not taken everything yet."""
        return bool(self._out)

    def receive(self) -> Iterator[Received]:
        """Packets that have come, long ones, and Ctrl-C; all else is dealt with in here."""
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
        self._last, self._attempts = encode(payload), 0
        self._put(self._last)

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
            self._out.clear()
            self._socket.close()

    def _again(self) -> None:
        self._attempts += 1
        if self._attempts >= _MOST_ATTEMPTS:
            self.close()
        else:
            self._put(self._last)

    def _sign(self, sign: bytes) -> None:
        if self.acknowledges:
            self._put(sign)

    def _put(self, data: bytes) -> None:
        if self.closed:
            return
        self._out += data
        self.flush()
        if len(self._out) > _MOST_UNSENT:
            self.close()
