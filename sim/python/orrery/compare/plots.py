# SPDX-License-Identifier: Apache-2.0
"""Plots as SVG, the same bytes for the same data, readable without colours.

What tells variants apart is first their place or their line style and marker, then a colour, of
those that Okabe and Ito chose for people who see fewer of them.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

COLOURS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
DASHES: tuple[tuple[float, ...], ...] = ((), (5, 2), (1.5, 1.5), (7, 2, 1.5, 2))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")
GREY = "#5f5f5f"
WIDTH = 9.2

_SETTINGS = {
    "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 8.5,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.7,
    "axes.titlesize": 9, "axes.titlelocation": "left", "axes.labelsize": 8.5,
    "xtick.major.width": 0.7, "ytick.major.width": 0.7, "lines.linewidth": 1.2,
    "legend.frameon": False, "legend.fontsize": 8, "figure.constrained_layout.use": True,
}


def style(place: int) -> dict[str, object]:
    """Colour, dashes and marker of the variant at a place, from 0; they differ for 252 of them."""
    dashes = DASHES[place % len(DASHES)]
    return {
        "color": COLOURS[place % len(COLOURS)], "marker": MARKERS[place % len(MARKERS)],
        "linestyle": (0, dashes) if dashes else "-", "markersize": 4,
    }


class Canvas:
    """A figure under way, and the SVG it becomes."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.svg = ""


@contextmanager
def canvas(identifier: str, height: float, width: float = WIDTH) -> Iterator[Canvas]:
    """A figure, in inches; `svg` is there afterwards, with identifiers that begin like this one."""
    with matplotlib.rc_context({**_SETTINGS, "svg.hashsalt": identifier}):
        figure = pyplot.figure(figsize=(width, height))
        drawn = Canvas(figure)
        try:
            yield drawn
            out = io.StringIO()
            figure.savefig(out, format="svg", metadata={
                "Date": None, "Creator": None, "Format": None, "Type": None,
            })
            drawn.svg = _inlined(out.getvalue(), identifier)
        finally:
            pyplot.close(figure)


def _inlined(svg: str, identifier: str) -> str:
    """The element alone, its identifiers unique within a page of many."""
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{identifier}-', svg)
    svg = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{identifier}-", svg)
    return re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE).strip()


def quiet_grid(axes: Axes, direction: str) -> None:
    """Thin lines behind the data, across one direction."""
    axes.grid(axis=direction, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


def spread(count: int, width: float = 0.36) -> list[float]:
    """Offsets that keep the points of a strip apart, by order and not by chance."""
    if count == 1:
        return [0.0]
    # Neighbours lie far apart, so that a trend over seeds makes no slope.
    steps = [place * 0.618034 % 1 for place in range(count)]
    return [width * (step - 0.5) for step in steps]


def shortened(label: str, limit: int = 34) -> str:
    """A label that leaves room for the plot."""
    return label if len(label) <= limit else f"{label[: limit - 1]}…"


def log_worthy(values: Sequence[float]) -> bool:
    """Whether values span so much that only a logarithmic axis shows them all."""
    positive = [value for value in values if value > 0]
    return len(positive) == len(values) and bool(values) and max(values) / min(values) > 50


def identifiers(prefix: str) -> Iterator[str]:
    """Identifiers for the figures of a page."""
    return (f"{prefix}{number}" for number in itertools.count(1))
