"""Tables as text in the formats that files are exchanged in."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import TYPE_CHECKING

from mnist_tui.tui.text.figures import PLAIN
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import text_of, value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.text.figures import Value
    from mnist_tui.tui.text.table import Cell, Table

MAX_CELL = 10_000
_FORMULA_STARTS = ("=", "+", "-", "@")
"""A spreadsheet runs text that begins so; an apostrophe before it makes it text."""
_MARKDOWN_MARKS = frozenset("\\`*_{}[]<>()#+!|~&")


def as_csv(table: Table) -> str:
    """Return one table as CSV with a header line; absent values are empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(map(_as_csv_cell, table.names))
    writer.writerows(map(_as_csv_cell, row) for row in table.rows)
    return buffer.getvalue()


def as_json(tables: Sequence[Table]) -> str:
    """Return a list of tables, their rows as objects; absent values are null, never NaN."""
    text = "[\n" + ",\n".join(map(_as_json_table, tables)) + "\n]\n"
    return text.replace("\x7f", "\\u007f")


def as_markdown(tables: Sequence[Table]) -> str:
    """Return each table under a heading; what is in a cell never becomes markup."""
    return "\n".join(
        f"## {markdown_cell(table.title)}\n\n{markdown_table(table)}\n" for table in tables
    )


def markdown_table(table: Table) -> str:
    """Return a table with figures as people read them, and their units in the heading."""
    return pipe_table(
        [markdown_cell(column.title) for column in table.columns],
        [
            [
                markdown_cell(text_of(column, cell))
                for column, cell in zip(table.columns, row, strict=True)
            ]
            for row in table.rows
        ],
        [is_right_aligned(table, place) for place in range(len(table.columns))],
    )


def pipe_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], is_right: Sequence[bool] = ()
) -> str:
    """Return a Markdown table of cells that are Markdown; those of some columns on the right."""
    sides = ["---:" if right else "---" for right in is_right or [False] * len(headings)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, sides, *rows))


def markdown_cell(text: str) -> str:
    """Return text of one line that Markdown shows as it is."""
    # Every ASCII punctuation mark may be escaped, which also takes HTML and links apart.
    return "".join(
        f"\\{character}" if character in _MARKDOWN_MARKS else character
        for character in printable(text, MAX_CELL)
    )


def is_right_aligned(table: Table, place: int) -> bool:
    """Return True if a column is written as numbers are and holds one."""
    kind = table.columns[place].kind
    if kind is not PLAIN:
        return kind.is_right
    return any(isinstance(value_of(row[place]), int | float) for row in table.rows)


def _as_json_table(table: Table) -> str:
    rows = ",\n".join(
        json.dumps(dict(zip(table.names, map(_present, row), strict=True)), allow_nan=False)
        for row in table.rows
    )
    return f'{{"title": {json.dumps(table.title)}, "rows": [\n{rows}\n]}}'


def _present(cell: Value | Cell) -> Value:
    """Return the value of a cell, or None for a number that is none."""
    value = value_of(cell)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _as_csv_cell(cell: Value | Cell) -> Value:
    value = _present(cell)
    if not isinstance(value, str):
        return value
    text = printable(value, MAX_CELL)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
