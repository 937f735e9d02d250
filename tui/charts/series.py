"""Series of metric values, smoothed and reduced to the columns of a chart; spikes survive.

Import this module late: numpy costs 120 ms, and no first frame needs it.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.tui.charts.chart_model import Points

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_LONGEST_BLOCK = 230.0
"""Powers of a weight down to e^-230 have reciprocals that float64 can hold."""
SPACING = 3
"""Columns between the dots of one curve; closer together they would hide the line."""
WIDE_SPACING = 15
"""Columns between the marks of a curve in an overlay."""


def reduce_points(x: ArrayLike, y: ArrayLike, x_max: float, num_columns: int) -> Points:
    """Return at most two points per column: the least and the greatest value in each.

    Args:
        x: Positions, rising.
        y: Values; those that are not finite are left out.
        x_max: Right end of the axis, which begins at 0.
        num_columns: Columns across the drawn width.
    """
    positions, values = finite_pairs(x, y)
    if len(values) > 2 * num_columns:
        kept = _extremes(positions, values, x_max, num_columns)
        positions, values = positions[kept], values[kept]
    return Points(tuple(positions.tolist()), tuple(values.tolist()))


def finite_pairs(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return positions and values where both are finite; None counts as absent."""
    positions = np.asarray(x, dtype=np.float64)
    values = np.asarray(y, dtype=np.float64)
    is_finite = np.isfinite(positions) & np.isfinite(values)
    if is_finite.all():
        return positions, values
    return positions[is_finite], values[is_finite]


def spaced_points(points: Points, x_max: float, num_columns: int, phase: int = 0) -> Points:
    """Return some of the points, at least `SPACING` columns apart, including the last one.

    Args:
        points: All points of a curve.
        x_max: Right end of the axis, which begins at 0.
        num_columns: Columns across the drawn width.
        phase: Columns by which the marks are shifted against those of other curves.
    """
    if not len(points):
        return points
    width = max(x_max, 1e-12) / max(num_columns, 1)
    chosen: list[int] = []
    next_x = phase * width
    for index, x in enumerate(points.x[:-1]):
        if x >= next_x and points.x[-1] - x >= SPACING * width:
            chosen.append(index)
            next_x = x + (SPACING if phase == 0 else WIDE_SPACING) * width
    chosen.append(len(points) - 1)
    return Points(tuple(points.x[i] for i in chosen), tuple(points.y[i] for i in chosen))


def smooth(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Return the exponential moving average of finite values, corrected for its bias to 0.

    s(t) = Σ (1 − w) w^(t−i) x(i) / (1 − w^(t+1)), as Adam corrects its moments.
    Source: Kingma, Ba 2015, "Adam: a method for stochastic optimization", section 3.

    Args:
        values: Any number of finite values in order.
        weight: Weight of the past, from 0 (no smoothing) to below 1.
    """
    count = len(values)
    if weight <= 0 or not count:
        return values
    # Within a block the sum is a cumulative sum of x(i) w^-i; only the carry is sequential.
    length = max(1, min(count, int(_LONGEST_BLOCK / -math.log(weight))))
    powers = weight ** np.arange(1, length + 1)
    factors = (1 - weight) / powers
    averages = np.empty(count)
    carry = 0.0
    for start in range(0, count, length):
        block = values[start : start + length]
        decay = powers[: len(block)]
        sums = ((block * factors[: len(block)]).cumsum() + carry) * decay
        averages[start : start + length] = sums / (1 - weight**start * decay)
        carry = float(sums[-1])
    return averages


def _extremes(
    positions: NDArray[np.float64], values: NDArray[np.float64], x_max: float, num_columns: int
) -> NDArray[np.intp]:
    """Return the indices, rising, of the least and greatest value of every occupied column."""
    edges = np.linspace(0.0, max(x_max, 1e-12), num_columns + 1)[1:-1]
    starts = [0, *np.searchsorted(positions, edges).tolist(), len(positions)]
    kept: set[int] = set()
    for start, end in itertools.pairwise(starts):
        if end > start:
            column = values[start:end]
            kept.add(start + int(column.argmin()))
            kept.add(start + int(column.argmax()))
    return np.array(sorted(kept), dtype=np.intp)


def last_until(x: NDArray[np.float64], position: float) -> int | None:
    """Return the index of the last x (rising) up to `position`, None if all are greater."""
    index = int(np.searchsorted(x, position, side="right")) - 1
    return index if index >= 0 else None
