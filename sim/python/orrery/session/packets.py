# SPDX-License-Identifier: Apache-2.0
"""Packets of the session protocol: `$payload#sum`, acknowledged with `+` or `-`.

The form is that of the VCML Session Protocol (VCML, doc/session.md), which took it from GDB's:
`$`, `#`, `*` and `}` in a payload are written as `}` and the character with bit 5 inverted, and the
sum covers the bytes as they are sent. A payload is a list of fields between commas; a comma or
backslash inside a field has a backslash before it. What is sent is ASCII.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

#: Bytes of a payload, as sent, that a receiver takes.
LONGEST = 1 << 16

_SPECIAL = b"$#}*"
_ESCAPE = ord("}")
_MARKS = {ord("+"): "acknowledged", ord("-"): "refused"}


class Kind(Enum):
    """What has come in."""

    PACKET = "packet"
    DAMAGED = "damaged"  # the sum is wrong, or the escapes are
    TOO_LONG = "too long"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Received:
    """Something that has come in; only a packet has a text."""

    kind: Kind
    text: str = ""


def encode(payload: str) -> bytes:
    """A packet. What is not ASCII is written as in Python's literals."""
    escaped = bytearray()
    for byte in payload.encode("ascii", "backslashreplace"):
        if byte in _SPECIAL:
            escaped += bytes((_ESCAPE, byte ^ 0x20))
        else:
            escaped.append(byte)
    return b"$%b#%02x" % (escaped, sum(escaped) & 0xFF)


def join(*fields: object) -> str:
    """A payload of fields."""
    return ",".join(str(field).replace("\\", "\\\\").replace(",", "\\,") for field in fields)


def split(payload: str) -> list[str]:
    """The fields of a payload: at least one, which may be empty."""
    fields, field, characters = [], "", iter(payload)
    for character in characters:
        if character == "\\":
            field += next(characters, "\\")
        elif character == ",":
            fields.append(field)
            field = ""
        else:
            field += character
    return [*fields, field]


class Decoder:
    """Takes bytes in as they come, in any portions, and finds what is in them.

    Between packets everything but `$`, `+` and `-` is passed over. A `$` inside a packet begins a
    new one. Invariant: no more than `longest` bytes of a packet are kept.
    """

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
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
            return Received(Kind(_MARKS[byte])) if byte in _MARKS else None
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
        # As VCML does: a sum of 00 is one that was not taken.
        if digits != b"00" and digits.lower() != b"%02x" % (sum(payload) & 0xFF):
            return Received(Kind.DAMAGED)
        text = _unescape(payload)
        return Received(Kind.DAMAGED) if text is None else Received(Kind.PACKET, text)


def _unescape(payload: bytes) -> str | None:
    plain, bytes_left = bytearray(), iter(payload)
    for byte in bytes_left:
        if byte == _ESCAPE:
            escaped = next(bytes_left, None)
            if escaped is None:
                return None
            byte = escaped ^ 0x20
        plain.append(byte)
    return plain.decode("utf-8", "replace")
