# SPDX-License-Identifier: Apache-2.0
"""Packets of the session protocol, after the VCML Session Protocol (VCML, doc/session.md).

A payload is a list of fields between commas; a comma or backslash inside a field has a backslash
before it. What is sent is ASCII. As VCML does, a sum of 00 is taken for one that was not made.
"""

from __future__ import annotations

from .. import framing
from ..framing import Kind, Received, frame

__all__ = ["LONGEST", "Decoder", "Kind", "Received", "encode", "join", "split"]

#: Bytes of a payload, as sent, that a receiver takes.
LONGEST = 1 << 16


class Decoder(framing.Decoder):
    """Takes bytes in as they come, and finds packets and signs in them."""

    def __init__(self, longest: int = LONGEST) -> None:
        super().__init__(longest, unsummed=b"00")


def encode(payload: str) -> bytes:
    """A packet. What is not ASCII is written as in Python's literals."""
    return frame(payload.encode("ascii", "backslashreplace"))


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
