"""Tables as text in the formats that files are exchanged in."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import TYPE_CHECKING

from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.text.table import Value, ViewTable

MAX_CELL = 10_000
_FORMULA_STARTS = ("=", "+", "-", "@")
"""A spreadsheet runs text that begins so; an apostrophe before it makes it text."""
_MARKDOWN_MARKS = frozenset("\\`*_{}[]<>()#+!|~&")


def as_csv(table: ViewTable) -> str:
    """Return one table as CSV with a header line; absent values are empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([_as_csv_cell(name) for name in table.columns])
    writer.writerows([[_as_csv_cell(value) for value in row] for row in table.rows])
    return buffer.getvalue()


def as_json(tables: Sequence[ViewTable]) -> str:
    """Return a list of tables, their rows as objects; absent values are null, never NaN."""
    text = "[\n" + ",\n".join(map(_as_json_table, tables)) + "\n]\n"
    return text.replace("\x7f", "\\u007f")


def as_markdown(tables: Sequence[ViewTable]) -> str:
    """Return each table under a heading; what is in a cell never becomes markup."""
    return "\n".join(_as_section(table) for table in tables)


def _as_json_table(table: ViewTable) -> str:
    rows = ",\n".join(
        json.dumps(dict(zip(table.columns, map(_present, row), strict=True)), allow_nan=False)
        for row in table.rows
    )
    return f'{{"title": {json.dumps(table.title)}, "rows": [\n{rows}\n]}}'


def _as_section(table: ViewTable) -> str:
    is_number = [
        any(isinstance(row[column], int | float) for row in table.rows)
        for column in range(len(table.columns))
    ]
    lines = [
        [markdown_cell(name) for name in table.columns],
        ["---:" if is_right else "---" for is_right in is_number],
        *([markdown_cell(value) for value in row] for row in table.rows),
    ]
    rows = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"## {markdown_cell(table.title)}\n\n{rows}\n"


def _present(value: Value) -> Value:
    """Return `value`, or None for a number that is none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _as_csv_cell(value: Value) -> Value:
    if not isinstance(value, str):
        return _present(value)
    text = printable(value, MAX_CELL)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def markdown_cell(value: Value) -> str:
    """Return a value as text of one line that Markdown shows as it is; empty for an absent one."""
    value = _present(value)
    if value is None:
        return ""
    if isinstance(value, str):
        # Every ASCII punctuation mark may be escaped, which also takes HTML and links apart.
        text = printable(value, MAX_CELL)
        return "".join(
            f"\\{character}" if character in _MARKDOWN_MARKS else character for character in text
        )
    return f"{value:.6g}" if isinstance(value, float) else str(value)
