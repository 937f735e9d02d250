"""Points of a metric reduced to what a chart can show; spikes survive.

Import this module late: numpy costs 120 ms and no first frame needs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Points:
    """A series to draw: x rising, both finite, of equal length."""

    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()

    def __len__(self) -> int:
        return len(self.x)


def reduce_points(
    x: Sequence[float], y: Sequence[float | None], x_max: float, num_columns: int
) -> Points:
    """Return at most two points per column: the least and the greatest value in each.

    Args:
        x: Positions, rising.
        y: Values; None and what is not finite is left out.
        x_max: Right end of the axis, which begins at 0.
        num_columns: Distinct positions across the drawn width.
    """
    positions = np.asarray(x, dtype=np.float64)
    values = np.array([np.nan if value is None else value for value in y], dtype=np.float64)
    is_finite = np.isfinite(positions) & np.isfinite(values)
    positions, values = positions[is_finite], values[is_finite]
    if len(values) > 2 * num_columns:
        kept = _extremes(positions, values, x_max, num_columns)
        positions, values = positions[kept], values[kept]
    return Points(tuple(positions.tolist()), tuple(values.tolist()))


def _extremes(
    positions: NDArray[np.float64], values: NDArray[np.float64], x_max: float, num_columns: int
) -> NDArray[np.intp]:
    """Return the indices, rising, of the least and greatest value of every occupied column."""
    columns = np.clip(positions / max(x_max, 1e-12) * num_columns, 0, num_columns - 1).astype(int)
    # Within a column by value: its first entry is the least, its last the greatest.
    by_value = np.lexsort((values, columns))
    sorted_columns = columns[by_value]
    is_first = np.r_[True, sorted_columns[1:] != sorted_columns[:-1]]
    is_last = np.r_[sorted_columns[1:] != sorted_columns[:-1], True]
    return np.unique(by_value[is_first | is_last])


def nice_limits(
    values: Sequence[float], floor: float | None = None, ceiling: float | None = None
) -> tuple[float, float]:
    """Return round axis limits around `values`, so that they change rarely.

    Args:
        values: What must fit; anything finite.
        floor: The limits never go below this.
        ceiling: Nor above this.
    """
    if not values:
        return (0.0 if floor is None else floor, 1.0 if ceiling is None else ceiling)
    least, greatest = min(values), max(values)
    step = _nice_step((greatest - least) or abs(greatest) or 1.0)
    lower = np.floor(least / step) * step
    upper = np.ceil(greatest / step) * step
    if upper == lower:
        upper = lower + step
    if floor is not None:
        lower = max(lower, floor)
    if ceiling is not None:
        upper = min(upper, ceiling)
    if upper <= lower:
        lower = upper - step
    return float(round(lower, 12)), float(round(upper, 12))


def _nice_step(span: float) -> float:
    """Return 1, 2 or 5 times a power of ten: a fifth to a half of `span`."""
    power = 10.0 ** np.floor(np.log10(span))
    for factor in (0.2, 0.5, 1.0):
        if span / (factor * power) <= 5:
            return float(factor * power)
    return float(2 * power)
