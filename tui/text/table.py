"""Tables, lists of facts and sections of raw values, before a writer draws them.

`text_writer` draws them for terminals, `tui.reports.table_formats` as CSV, JSON and Markdown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mnist_tui.tui.text.figures import Column, columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.text.figures import Kind, Value


class Cell(NamedTuple):
    """A value that is written or shown otherwise than its column says."""

    value: Value
    kind: Kind | None = None
    """None for that of the column."""
    role: str = ""
    """The role of its text: one of `tui.terminal.line_styles`, or one that the writer knows."""
    mark: str = ""
    """One character behind the text, such as * for the best of a row, or empty."""


class Table(NamedTuple):
    """Rows of raw values below columns that say how they are written."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Value | Cell, ...]]
    """A value for each column."""
    num_keys: int = 1
    """Columns at the front that name the row; repeated if a table is split by its width."""

    def select(self, *names: str) -> Table:
        """Return the columns of these names, in this order."""
        places = [self.names.index(name) for name in names]
        rows = [tuple(row[place] for place in places) for row in self.rows]
        return self._replace(columns=tuple(self.columns[place] for place in places), rows=rows)

    def dicts(self) -> list[dict[str, Value]]:
        """Return the rows as objects for JSON."""
        return [dict(zip(self.names, map(value_of, row), strict=True)) for row in self.rows]

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of the columns."""
        return tuple(column.name for column in self.columns)


class Facts(NamedTuple):
    """Figures and texts of one thing, each with its label."""

    title: str
    rows: Sequence[tuple[Column | str, Value | Cell]]
    """A column, such as one of `FIGURES`, or the label of a text; empty texts are left out."""

    def items(self) -> list[tuple[Column, Value | Cell]]:
        """Return the facts, each with its column."""
        return [
            (Column(label, label=label) if isinstance(label, str) else label, cell)
            for label, cell in self.rows
            if value_of(cell) != ""
        ]


class Section(NamedTuple):
    """Blocks below a title."""

    title: str
    blocks: tuple[Any, ...] = ()
    """Tables, facts and sentences; reports have more kinds of block."""
    level: int = 2
    """2 for a part of a document, 3 for a part of that."""
    anchor: str = ""
    """The target of a link in the contents of a report; empty for a part that they leave out."""


def value_of(cell: Value | Cell) -> Value:
    """Return the raw value of a cell."""
    return cell.value if isinstance(cell, Cell) else cell


def text_of(column: Column, cell: Value | Cell) -> str:
    """Return a cell as the writers for people show it, without its unit."""
    if isinstance(cell, Cell):
        return (cell.kind or column.kind).text(cell.value) + cell.mark
    return column.kind.text(cell)


def raw_table(title: str, names: Sequence[str], rows: Sequence[tuple[Value, ...]]) -> Table:
    """Return a table whose columns are figures by name, or hold plain values."""
    table = Table(title, columns(*names), rows)
    assert len(set(names)) == len(names), "columns have distinct names"
    assert all(len(row) == len(names) for row in rows), "a value per column"
    return table
