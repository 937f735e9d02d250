"""Canvas of a chart: a rectangle of characters with roles, and lines drawn as braille dots.

Import this module late: numpy costs 120 ms, and no first frame needs it.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mnist_tui.tui.text.styled_lines import Line

ACROSS, DOWN = 2, 4
"""Dots of a character."""
_BITS = np.array([[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]])
"""Bit of each dot of a character, from the left and from below (Unicode 15, block U+2800)."""
_BLANKS = (" ", "⠀")
"""The blank and the empty braille character, which plotext draws."""


class Canvas:
    """Rows of cells, the top one first."""

    def __init__(self, characters: Sequence[Sequence[str]], roles: Sequence[Sequence[str]]) -> None:
        self._characters = [list(row) for row in characters]
        self._roles = [list(row) for row in roles]

    @classmethod
    def of_lines(cls, lines: Sequence[Line]) -> Canvas:
        """Return the canvas that `lines` were made from."""
        return cls(
            [[character for text, _ in line for character in text] for line in lines],
            [[role for text, role in line for _ in text] for line in lines],
        )

    def put(self, row: int, column: int, text: str, role: str, *, over: bool = True) -> None:
        """Write text, cut off at the edges; if `over` is false, only over blanks."""
        if not 0 <= row < len(self._characters):
            return
        characters, roles = self._characters[row], self._roles[row]
        for place, character in enumerate(text, start=column):
            if 0 <= place < len(characters) and (over or characters[place] in _BLANKS):
                characters[place], roles[place] = character, role

    def lines(self) -> list[Line]:
        """Return the rows as lines, one run per stretch of the same role."""
        return [
            _runs(characters, roles)
            for characters, roles in zip(self._characters, self._roles, strict=True)
        ]


class Cells(NamedTuple):
    """Characters with their columns, from the left, and rows, from below."""

    columns: list[int]
    rows: list[int]
    characters: list[str]


def line_cells(
    x: Sequence[float], y: Sequence[float], ends: tuple[float, float], size: tuple[int, int]
) -> Cells:
    """Return the braille characters of a line through points, in the order of columns.

    plotext draws such lines dot by dot in Python, 5 ms for a full chart; numpy takes a tenth.

    Args:
        x: Positions as shares of the width, 0..1.
        y: Places in the units of `ends`; dots outside are cut off.
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
        filled[0].tolist(), filled[1].tolist(), [chr(0x2800 + dots) for dots in bits[filled]]
    )


def _runs(characters: Sequence[str], roles: Sequence[str]) -> Line:
    cells = zip(characters, roles, strict=True)
    runs = itertools.groupby(cells, key=lambda cell: cell[1])
    return tuple(("".join(character for character, _ in run), role) for role, run in runs)


def _dots(shares: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return the dot, of `count`, that is nearest to each share of the length."""
    return np.floor(np.round(0.5 + (count - 1) * shares, 8)).astype(np.int64)


def _joined(
    across: NDArray[np.int64], up: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all dots on the straight lines between consecutive dots."""
    steps = np.maximum(np.abs(np.diff(across)), np.abs(np.diff(up)))
    first = np.cumsum(steps) - steps
    line = np.repeat(np.arange(len(steps)), steps)
    step = np.arange(len(line)) - first[line]

    def between(dots: NDArray[np.int64]) -> NDArray[np.int64]:
        # In integers: a dot moved by rounding would leave a hole in a steep line.
        ways = step * np.diff(dots)[line] // steps[line]
        return np.append(dots[:-1][line] + ways, dots[-1:])

    return between(across), between(up)
