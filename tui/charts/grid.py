"""A rectangle of characters, each with the role that decides its colour."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ChartLine = tuple[tuple[str, str], ...]
"""One row of a chart: runs of (text, role); roles are those of `MetricChart`."""

BLANK = " "
EMPTY_BRAILLE = "⠀"


class Grid:
    """Rows of cells, the top one first."""

    def __init__(self, characters: Sequence[Sequence[str]], roles: Sequence[Sequence[str]]) -> None:
        self._characters = [list(row) for row in characters]
        self._roles = [list(row) for row in roles]

    @classmethod
    def of_lines(cls, lines: Sequence[ChartLine]) -> Grid:
        """Return the grid that `lines` came from."""
        return cls(
            [[character for text, _ in line for character in text] for line in lines],
            [[role for text, role in line for _ in text] for line in lines],
        )

    def put(self, row: int, column: int, text: str, role: str, *, over: bool = True) -> None:
        """Write text; what lies outside is cut off, and with `over` false only blanks change."""
        if not 0 <= row < len(self._characters):
            return
        characters, roles = self._characters[row], self._roles[row]
        for place, character in enumerate(text, start=column):
            if 0 <= place < len(characters) and (over or characters[place] in _BLANKS):
                characters[place], roles[place] = character, role

    def lines(self) -> list[ChartLine]:
        """Return the rows as runs of the same role."""
        return [
            _runs(characters, roles)
            for characters, roles in zip(self._characters, self._roles, strict=True)
        ]


_BLANKS = (BLANK, EMPTY_BRAILLE)


def _runs(characters: Sequence[str], roles: Sequence[str]) -> ChartLine:
    cells = zip(characters, roles, strict=True)
    runs = itertools.groupby(cells, key=lambda cell: cell[1])
    return tuple(("".join(character for character, _ in run), role) for role, run in runs)


def text_of(lines: Sequence[ChartLine]) -> str:
    """Return what is drawn, as plain text."""
    return "\n".join("".join(text for text, _ in line) for line in lines)
