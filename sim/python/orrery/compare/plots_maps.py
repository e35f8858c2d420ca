# SPDX-License-Identifier: Apache-2.0
"""Maps side by side: a panel a variant, a square a cell, darker where there is more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy
from matplotlib.colors import Normalize

from . import plots
from .plan import Variant
from .text import Scale

_COLUMNS = 3  # two for four panels, which then fill their square
#: Cells in a row of a map, the first at the top left.
CELLS_IN_ROW = 32


def side_by_side(
    name: str, scale: Scale, maps: Mapping[Variant, Sequence[float]], identifier: str
) -> str:
    """The map of one run of each variant, all with the same greys."""
    values = [value * scale.factor for cells in maps.values() for value in cells]
    greys = Normalize(min(0.0, *values), max(values) if max(values) > min(values) else None)
    across = 2 if len(maps) == 4 else min(_COLUMNS, len(maps))
    lines = -(-len(maps) // across)
    height = max(_laid_out(cells, scale).shape[0] for cells in maps.values())
    panel = plots.WIDTH / _COLUMNS / CELLS_IN_ROW * height + 0.35
    width = plots.WIDTH / _COLUMNS * across + 0.9
    with plots.canvas(identifier, lines * panel + 0.1, width) as canvas:
        panels = canvas.figure.subplots(lines, across, squeeze=False).flatten()
        for axes, (variant, cells) in zip(panels, maps.items()):
            drawn = axes.pcolormesh(
                _laid_out(cells, scale), norm=greys, cmap="Greys", edgecolors="#cccccc",
                linewidth=0.15,
            )
            axes.set_title(plots.shortened(f"{variant.number}  {variant.label}", 44), fontsize=7.5)
            axes.set(xticks=[], yticks=[], aspect="equal")
            axes.invert_yaxis()
        for axes in panels[len(maps):]:
            axes.set_axis_off()
        bar = canvas.figure.colorbar(drawn, ax=list(panels), pad=0.02, fraction=0.03)
        bar.solids.set_rasterized(False)
        bar.set_label(scale.label(name))
    return canvas.svg


def _laid_out(cells: Sequence[float], scale: Scale) -> numpy.ma.MaskedArray:
    """Cells in rows; the last row is filled up with nothing."""
    rows = -(-len(cells) // CELLS_IN_ROW)
    columns = min(CELLS_IN_ROW, len(cells))
    laid_out = numpy.ma.masked_all((rows, columns))
    laid_out.flat[: len(cells)] = numpy.asarray(cells) * scale.factor
    return laid_out
