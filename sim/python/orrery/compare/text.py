# SPDX-License-Identifier: Apache-2.0
"""Numbers as a report writes them: units with prefixes, digits that mean something."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

# Units that take prefixes, as multiples of their base.
_BASES = {
    "s": ("s", 1.0), "ms": ("s", 1e-3), "us": ("s", 1e-6), "ns": ("s", 1e-9),
    "J": ("J", 1.0), "W": ("W", 1.0),
}
_PREFIXES = ((1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"))
_DIGITS = 4
_NARROW_SPACE = "\u202f"
_MINUS = "\u2212"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Scale:
    """A unit to show values in, and what to multiply recorded values by to be in it."""

    unit: str
    factor: float

    def shown(self, value: float) -> str:
        """A value with as many digits as help."""
        return number(value * self.factor)

    def change(self, value: float) -> str:
        """A difference, with its sign."""
        text = number(value * self.factor)
        return text if text.startswith(_MINUS) or text == "0" else f"+{text}"

    def label(self, name: str) -> str:
        """A name with its unit, as it stands at an axis."""
        return f"{name} ({self.unit})" if self.unit else name


def scale_of(unit: str, sizes: Sequence[float]) -> Scale:
    """The unit in which the middle of these sizes is easy to read."""
    if unit not in _BASES:
        return Scale(unit.replace("/us", "/µs"), 1.0)
    base, factor = _BASES[unit]
    ordered = sorted(size * factor for size in sizes if size)
    middle = ordered[len(ordered) // 2] if ordered else 1.0
    size, prefix = next((row for row in _PREFIXES if middle >= row[0]), _PREFIXES[-1])
    # Divided, not multiplied by the inverse: 1e-3 has none that is exact.
    return Scale(prefix + base, 1.0 if size == factor else factor / size)


def number(value: float) -> str:
    """A number with four digits or all of a whole one, in groups of three."""
    if value == 0:
        return "0"
    if value == int(value) and abs(value) < 1e12:
        text = f"{int(value):,}"
    else:
        magnitude = math.floor(math.log10(abs(value)))
        if magnitude < -4 or magnitude > 11:
            text = f"{value / 10**magnitude:.{_DIGITS - 2}f}×10{str(magnitude).translate(_RAISED)}"
        else:
            text = f"{value:,.{max(0, _DIGITS - 1 - magnitude)}f}"
            text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(",", _NARROW_SPACE).replace("-", _MINUS)


def percent(share: float | None) -> str:
    """A relative difference, with its sign."""
    if share is None:
        return ""
    size = abs(share) * 100
    digits = 2 if size < 1 else 1
    text = f"{size:.{digits}f}"
    if not float(text):
        return "0 %"
    return f"{_MINUS if share < 0 else '+'}{text} %"


def probability(p: float) -> str:
    """A p value."""
    if p < 0.001:
        return "< 0.001"
    return f"{p:.3f}" if p < 0.9995 else "1"
