"""Aligned columns of plain text: what commands print where the screen would draw a table."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GAP = "  "


class Column(NamedTuple):
    """One column: its title, its side, and from which width of the terminal on it is shown."""

    title: str
    is_right: bool = False
    min_width: int = 0


def render(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    width: int | None = None,
    paint: Callable[[int, int, str], str] = lambda _row, _column, text: text,
) -> list[str]:
    """Return the title line and one line per row.

    Args:
        columns: As many as every row has cells.
        rows: Cells that are safe to print.
        width: Columns of the terminal; narrow ones are spared some columns. None shows all.
        paint: Colours a padded cell, by row and column number.
    """
    shown = [
        number
        for number, column in enumerate(columns)
        if width is None or width >= column.min_width
    ]
    widths = {
        number: max(map(display_width, [columns[number].title, *(row[number] for row in rows)]))
        for number in shown
    }
    titles = GAP.join(_pad(columns[n].title, widths[n], columns[n].is_right) for n in shown)
    lines = [titles.rstrip()]
    for row_number, row in enumerate(rows):
        cells = (
            paint(row_number, n, _pad(row[n], widths[n], columns[n].is_right)) for n in shown
        )
        lines.append(GAP.join(cells).rstrip())
    return lines


def display_width(text: str) -> int:
    """Return how many terminal columns `text` takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def _pad(text: str, width: int, is_right: bool) -> str:
    blanks = " " * (width - display_width(text))
    return blanks + text if is_right else text + blanks
