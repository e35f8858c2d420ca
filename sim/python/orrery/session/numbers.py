# SPDX-License-Identifier: Apache-2.0
"""Numbers in fields of packets."""

from __future__ import annotations

from ..errors import UsageError
from ..units import parse_duration
from .inspection import Refused

_LIMIT = 1 << 64


def natural(text: str) -> int:
    """A number of 64 bits from 0 up: decimal, or hexadecimal behind 0x."""
    try:
        value = int(text, 16 if text[:2] in ("0x", "0X") else 10)
    except ValueError:
        value = -1
    if not 0 <= value < _LIMIT:
        raise Refused(f'"{text}" is not a number of 64 bits from 0 up')
    return value


def data(fields: list[str]) -> bytes:
    """Bytes, one a field."""
    values = [natural(field) for field in fields]
    if any(value > 0xFF for value in values):
        raise Refused("a byte is at most 0xff")
    return bytes(values)


def duration(text: str) -> int:
    """A duration in nanoseconds, with its unit."""
    try:
        return parse_duration(text)
    except UsageError as error:
        raise Refused(str(error)) from error
