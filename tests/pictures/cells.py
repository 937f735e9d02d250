"""Appearance of each cell of a terminal's screen, in colours that a picture can use."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyte.screens import Char, Screen

FOREGROUND, BACKGROUND = "#d9dfe5", "#121417"
"""Of cells for which the program chose no colour: those of its dark theme."""

_NAMED = {
    "black": "#000000", "red": "#cd3131", "green": "#0dbc79", "brown": "#e5e510",
    "blue": "#2472c8", "magenta": "#bc3fbc", "cyan": "#11a8cd", "white": "#e5e5e5",
    "brightblack": "#666666", "brightred": "#f14c4c", "brightgreen": "#23d18b",
    "brightbrown": "#f5f543", "brightblue": "#3b8eea", "brightmagenta": "#d670d6",
    "brightcyan": "#29b8db", "brightwhite": "#ffffff",
}  # fmt: skip
"""pyte's names of the sixteen colours."""


class Look(NamedTuple):
    """How a cell is drawn; colours as `#rrggbb`, exchanged already where they are reversed."""

    foreground: str
    background: str
    is_bold: bool
    is_italic: bool
    is_underlined: bool


class Cell(NamedTuple):
    """One place of the screen."""

    text: str
    """A character with what is combined with it; empty to the right of a wide one."""
    look: Look


class Run(NamedTuple):
    """Neighbouring cells of one row that are alike."""

    column: int
    row: int
    cells: list[Cell]


def screen_rows(screen: Screen) -> list[list[Cell]]:
    """Return the cells in sight, row by row."""
    return [
        [_cell(screen.buffer[row][column]) for column in range(screen.columns)]
        for row in range(screen.lines)
    ]


def runs(rows: list[list[Cell]], key: Callable[[Cell], object]) -> Iterator[Run]:
    """Yield the cells grouped by `key`, row by row."""
    for row, cells in enumerate(rows):
        column = 0
        for _, group in groupby(cells, key):
            alike = list(group)
            yield Run(column, row, alike)
            column += len(alike)


def _cell(char: Char) -> Cell:
    front, back = _color(char.fg, FOREGROUND), _color(char.bg, BACKGROUND)
    if char.reverse:
        front, back = back, front
    return Cell(char.data, Look(front, back, char.bold, char.italics, char.underscore))


def _color(name: str, default: str) -> str:
    if name == "default":
        return default
    return _NAMED.get(name) or f"#{name}"
