"""Aligned columns of plain text: what commands print where the screen would draw a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.tui.text.text_writer import GAP, padded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class TextColumn(NamedTuple):
    """One column: its title, its side, and from which width of the terminal on it is shown."""

    title: str
    is_right: bool = False
    min_width: int = 0


def render(
    columns: Sequence[TextColumn],
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
    lines: list[list[str]] = [[] for _ in range(len(rows) + 1)]
    for number, column in enumerate(columns):
        if width is not None and width < column.min_width:
            continue
        title, *cells = padded([column.title, *(row[number] for row in rows)], column.is_right)
        lines[0].append(title)
        for row_number, cell in enumerate(cells):
            lines[row_number + 1].append(paint(row_number, number, cell))
    return [GAP.join(line).rstrip() for line in lines]
