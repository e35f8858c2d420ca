# SPDX-License-Identifier: Apache-2.0
"""Peer: the server's end of a connection that carries packets. Never waits for who is there."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from .framing import Decoder, Received

_PORTION = 1 << 16


class Peer:
    """A connected socket; what it does not take at once is kept, up to a bound."""

    def __init__(self, connected: socket.socket, decoder: Decoder) -> None:
        connected.setblocking(False)
        if connected.family != socket.AF_UNIX:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connected
        self._decoder = decoder
        self._out = bytearray()
        #: Nothing goes in or out any more.
        self.closed = False

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._socket.fileno()

    @property
    def unsent(self) -> bool:
        """The socket has not taken everything yet."""
        return bool(self._out)

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

    def _arrivals(self) -> Iterator[Received]:
        """What has come; the end of the connection closes it."""
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
            yield received

    def _put(self, data: bytes, most: int) -> None:
        """Sends it; who lets more than `most` bytes pile up is disconnected."""
        if self.closed:
            return
        self._out += data
        self.flush()
        if len(self._out) > most:
            self.close()
