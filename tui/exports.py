"""What a screen shows as a file: its tables as CSV, JSON or Markdown, its picture as SVG."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.inert import inert

if TYPE_CHECKING:
    from collections.abc import Sequence

Value = str | int | float | bool | None

MAX_CELL = 10_000
_FORMULA_STARTS = ("=", "+", "-", "@")
"""A spreadsheet runs text that begins so; an apostrophe before it makes it text."""


@dataclass(frozen=True)
class ViewTable:
    """One table of a screen, with values as they are rather than as they are drawn."""

    title: str
    columns: tuple[str, ...]
    """Distinct names, with units where there are any."""
    rows: list[tuple[Value, ...]]
    """One value per column; None and NaN are absent."""

    def __post_init__(self) -> None:
        assert len(set(self.columns)) == len(self.columns), "columns have distinct names"
        assert all(len(row) == len(self.columns) for row in self.rows), "a value per column"


def as_csv(table: ViewTable) -> str:
    """Return one table as CSV with a header line; absent values are empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([_as_csv_cell(name) for name in table.columns])
    writer.writerows([[_as_csv_cell(value) for value in row] for row in table.rows])
    return buffer.getvalue()


def as_json(tables: Sequence[ViewTable]) -> str:
    """Return a list of tables, their rows as objects; absent values are null, never NaN."""
    content = [
        {
            "title": table.title,
            "rows": [
                dict(zip(table.columns, map(_present, row), strict=True)) for row in table.rows
            ],
        }
        for table in tables
    ]
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def as_markdown(tables: Sequence[ViewTable]) -> str:
    """Return each table under a heading; what is in a cell never becomes markup."""
    return "\n".join(_as_section(table) for table in tables)


def _as_section(table: ViewTable) -> str:
    is_number = [
        any(isinstance(row[column], int | float) for row in table.rows)
        for column in range(len(table.columns))
    ]
    lines = [
        [_as_markdown_cell(name) for name in table.columns],
        ["---:" if is_right else "---" for is_right in is_number],
        *([_as_markdown_cell(value) for value in row] for row in table.rows),
    ]
    rows = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"## {_as_markdown_cell(table.title)}\n\n{rows}\n"


def _present(value: Value) -> Value:
    """Return `value`, or None for a number that is none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _as_csv_cell(value: Value) -> Value:
    if not isinstance(value, str):
        return _present(value)
    text = inert(value, MAX_CELL)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _as_markdown_cell(value: Value) -> str:
    value = _present(value)
    if value is None:
        return ""
    if isinstance(value, str):
        # Every ASCII punctuation mark may be escaped, which also takes HTML and links apart.
        text = inert(value, MAX_CELL)
        return "".join(f"\\{character}" if character in _MARKS else character for character in text)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


_MARKS = frozenset("\\`*_{}[]<>()#+!|~&")
