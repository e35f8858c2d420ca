# SPDX-License-Identifier: Apache-2.0
"""Packets `$payload#sum`, acknowledged with `+` or `-`: the form of GDB's remote serial protocol,
which the session protocol has too.

After "Debugging with GDB", appendix E, Remote Protocol: `$`, `#`, `}` and `*` in a payload are sent
as `}` and the byte with bit 5 inverted; the sum covers the bytes as they are sent. Between packets
a byte 0x03 is Ctrl-C, for who knows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_SPECIAL = b"$#}*"
_ESCAPE = ord("}")


class Kind(Enum):
    """What has come in."""

    PACKET = "packet"
    DAMAGED = "damaged"  # the sum is wrong, or the escapes are
    TOO_LONG = "too long"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    INTERRUPT = "interrupt"


#: Bytes between packets that mean something.
SIGNS = {ord("+"): Kind.ACKNOWLEDGED, ord("-"): Kind.REFUSED}
INTERRUPT = 0x03


@dataclass(frozen=True)
class Received:
    """Something that has come in; only a packet has a payload."""

    kind: Kind
    payload: bytes = b""

    @property
    def text(self) -> str:
        """The payload as text."""
        return self.payload.decode("utf-8", "replace")


def frame(payload: bytes) -> bytes:
    """A packet."""
    escaped = bytearray()
    for byte in payload:
        escaped += bytes((_ESCAPE, byte ^ 0x20)) if byte in _SPECIAL else bytes((byte,))
    return b"$%b#%02x" % (escaped, sum(escaped) & 0xFF)


class Decoder:
    """Takes bytes in as they come, in any portions, and finds what is in them.

    Between packets everything but `$` and the signs is passed over. A `$` inside a packet begins a
    new one. A sum of `unsummed` is not checked. Invariant: no more than `longest` bytes of a packet
    are kept.
    """

    def __init__(
        self, longest: int, signs: dict[int, Kind] | None = None, unsummed: bytes | None = None,
    ) -> None:
        self._longest = longest
        self._signs = SIGNS if signs is None else signs
        self._unsummed = unsummed
        self._inside = False
        self._payload = bytearray()
        self._sum: bytearray | None = None  # the digits behind `#`, once that has come

    def feed(self, data: bytes) -> Iterator[Received]:
        """What these bytes complete, in order."""
        for byte in data:
            received = self._take(byte)
            if received is not None:
                yield received

    def _take(self, byte: int) -> Received | None:
        if self._sum is not None:
            self._sum.append(byte)
            return self._end() if len(self._sum) == 2 else None
        if byte == ord("$"):
            self._inside = True
            self._payload.clear()
        elif not self._inside:
            return Received(self._signs[byte]) if byte in self._signs else None
        elif byte == ord("#"):
            self._sum = bytearray()
        elif len(self._payload) <= self._longest:
            self._payload.append(byte)
        return None

    def _end(self) -> Received:
        digits, payload = bytes(self._sum or b""), bytes(self._payload)
        self._sum, self._inside = None, False
        self._payload.clear()
        if len(payload) > self._longest:
            return Received(Kind.TOO_LONG)
        if digits != self._unsummed and digits.lower() != b"%02x" % (sum(payload) & 0xFF):
            return Received(Kind.DAMAGED)
        plain = _unescape(payload)
        return Received(Kind.DAMAGED) if plain is None else Received(Kind.PACKET, plain)


def _unescape(payload: bytes) -> bytes | None:
    plain, rest = bytearray(), iter(payload)
    for byte in rest:
        if byte == _ESCAPE:
            escaped = next(rest, None)
            if escaped is None:
                return None
            byte = escaped ^ 0x20
        plain.append(byte)
    return bytes(plain)
