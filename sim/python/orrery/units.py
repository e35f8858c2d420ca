# SPDX-License-Identifier: Apache-2.0
"""Simulated time: integers in nanoseconds, and durations as people write them."""

from __future__ import annotations

import re

from .errors import UsageError

#: One nanosecond, the unit of every time in a scenario.
ns: int = 1
#: One microsecond in nanoseconds.
us: int = 1000 * ns
#: One millisecond in nanoseconds.
ms: int = 1000 * us
#: One second in nanoseconds.
s: int = 1000 * ms

_UNITS = {"ns": ns, "us": us, "ms": ms, "s": s, "min": 60 * s, "h": 3600 * s}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ns|us|ms|s|min|h)")


def parse_duration(text: str) -> int:
    """Reads a duration such as `60s`, `10ms` or `1.5min`; returns nanoseconds.

    Raises `UsageError` for anything else.
    """
    match = _DURATION.fullmatch(text.strip())
    if not match:
        raise UsageError(
            f'"{text}" is not a duration: write a number with its unit, such as 60s or 10ms'
        )
    number, unit = match.groups()
    whole, _, fraction = number.partition(".")
    scale = 10 ** len(fraction)
    return int(whole + fraction) * _UNITS[unit] // scale


def whole(nanoseconds: int) -> int:
    """A time that a scenario gives, checked; raises `UsageError` unless it is an int from 0 up."""
    if not isinstance(nanoseconds, int) or nanoseconds < 0:
        raise UsageError(
            f"times are whole nanoseconds from 0 up, not {nanoseconds!r}: "
            "write 500 * ms, not 0.5 * s"
        )
    return nanoseconds


def format_duration(nanoseconds: int) -> str:
    """A duration for people: `350 ns`, `2.5 us`, `16.4 ms`, `60 s`."""
    for unit, size in (("s", s), ("ms", ms), ("us", us)):
        if abs(nanoseconds) >= size:
            return f"{_trim(nanoseconds / size)} {unit}"
    return f"{nanoseconds} ns"


def format_seconds(nanoseconds: int) -> str:
    """Simulated time as seconds, with enough digits to tell short runs apart."""
    seconds = nanoseconds / s
    return f"{seconds:.4f} s" if seconds < 10 else f"{seconds:.2f} s"


def _trim(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
