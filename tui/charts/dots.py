"""Which characters of two by four dots a line through points fills.

plotext draws such lines dot by dot in Python, 5 ms for a full chart; here it takes a tenth.

Import this module late, as `tui.charts.series` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ACROSS, DOWN = 2, 4
"""Dots of a character."""
_BITS = np.array([[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]])
"""Of a dot's place in its character, from the left and from below (Unicode 15, block U+2800)."""


class Cells(NamedTuple):
    """Characters and where they stand: columns from the left, rows from below."""

    columns: list[int]
    rows: list[int]
    characters: list[str]


def line_cells(
    x: Sequence[float], y: Sequence[float], ends: tuple[float, float], size: tuple[int, int]
) -> Cells:
    """Return the characters of a line that joins points, in the order of columns.

    Args:
        x: Positions as shares of the width, 0..1.
        y: Places in the units of `ends`; what lies outside is cut off.
        ends: The places in the middle of the lowest and of the highest row of dots.
        size: Columns and rows of characters.
    """
    columns, rows = size
    lower, upper = ends
    shares = (np.asarray(y, dtype=np.float64) - lower) / (upper - lower)
    across, up = _joined(
        _dots(np.asarray(x, dtype=np.float64), ACROSS * columns), _dots(shares, DOWN * rows)
    )
    is_inside = (across >= 0) & (across < ACROSS * columns) & (up >= 0) & (up < DOWN * rows)
    across, up = across[is_inside], up[is_inside]
    bits = np.zeros((columns, rows), dtype=np.int64)
    np.bitwise_or.at(bits, (across // ACROSS, up // DOWN), _BITS[across % ACROSS, up % DOWN])
    filled = np.nonzero(bits)
    return Cells(
        filled[0].tolist(), filled[1].tolist(), [chr(0x2800 + each) for each in bits[filled]]
    )


def _dots(shares: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return the dot, of `count`, that is nearest to each share of the length."""
    return np.floor(np.round(0.5 + (count - 1) * shares, 8)).astype(np.int64)


def _joined(
    across: NDArray[np.int64], up: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all dots on the straight lines between dots that follow each other."""
    steps = np.maximum(np.abs(np.diff(across)), np.abs(np.diff(up)))
    first = np.cumsum(steps) - steps
    line = np.repeat(np.arange(len(steps)), steps)
    step = np.arange(len(line)) - first[line]

    def between(dots: NDArray[np.int64]) -> NDArray[np.int64]:
        # In whole numbers: a dot that rounding moved would leave a hole in a steep line.
        ways = step * np.diff(dots)[line] // steps[line]
        return np.append(dots[:-1][line] + ways, dots[-1:])

    return between(across), between(up)
