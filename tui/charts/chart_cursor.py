"""Where the cursor that reads a chart stands: a position on its x axis, never beyond the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mnist_tui.tui.charts.chart_model import Chart
    from mnist_tui.tui.charts.chart_painter import PaintedChart


def moved(picture: PaintedChart, position: float | None, columns: int) -> float | None:
    """Return the position so many columns on; the end of the data where there was none yet.

    Args:
        picture: What is read.
        position: Where the cursor stands on the x axis; None while it is not shown.
        columns: To the right, or to the left where negative.

    Returns:
        None where there is nothing to read.
    """
    if not picture.chart.curves:
        return None
    first, last = _ends(picture.chart)
    if position is None:
        return last
    column = picture.column_of(position) + columns
    if column >= picture.column_of(last):
        return last
    return max(first, picture.position_of(column))


def carried(position: float, before: Chart, after: Chart) -> float | None:
    """Return where a position of one chart lies on another of the same sessions.

    A chart that counts something else has the same batch there.

    Returns:
        None where there is nothing to read.
    """
    if not after.curves:
        return None
    if before.x_axis.unit != after.x_axis.unit and before.curves:
        guide = max(before.curves, key=lambda curve: len(curve.source.x))
        same = [curve.source for curve in after.curves if curve.role == guide.role]
        if same:
            step = np.interp(position, guide.source.x, guide.source.step)
            position = float(np.interp(step, same[0].step, same[0].x))
    first, last = _ends(after)
    return min(last, max(first, position))


def _ends(chart: Chart) -> tuple[float, float]:
    """Return the positions of the first and the last value."""
    sources = [curve.source.x for curve in chart.curves]
    return min(float(x[0]) for x in sources), max(float(x[-1]) for x in sources)
