"""Lines of a comparison's table: a column of fixed width per session, so nothing jitters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_tui.tui.charts.chart_marks import SLOT_MARKERS
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.figures import PLAIN
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import with_role
from mnist_tui.tui.text.table import Cell, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.text.styled_lines import Line, Run
    from mnist_tui.tui.text.table import Table

LABEL_WIDTH = 23
VALUE_WIDTH, DIFFERENCE_WIDTH = 10, 7
COLUMN_WIDTH = VALUE_WIDTH + 1 + DIFFERENCE_WIDTH + 1
"""Width of the value, its mark, the difference and a blank: three sessions fit into 80 columns."""
WIDEST_COLUMN = 36
"""Greatest width of a column, if there is room for long names."""
HEADER_LINES = 2


@dataclass(frozen=True)
class ColumnWindow:
    """The visible part of the table, and the cursor."""

    first_column: int
    num_columns: int
    first_row: int
    num_rows: int
    column: int
    """The index of the chosen session."""
    row: int
    """The index of the chosen row."""
    column_width: int = COLUMN_WIDTH


def columns_in(width: int) -> int:
    """Return the number of sessions that fit; at least one."""
    return max(1, (width - LABEL_WIDTH) // COLUMN_WIDTH)


def column_width(width: int, num_sessions: int) -> int:
    """Return the width of each of `num_sessions` columns in a table of `width`."""
    return max(COLUMN_WIDTH, min(WIDEST_COLUMN, (width - LABEL_WIDTH) // max(1, num_sessions)))


def lines_of(
    records: Sequence[SessionRecord],
    table: Table,
    slots: Mapping[int, int],
    baseline_id: int,
    window: ColumnWindow,
) -> list[Line]:
    """Return the header and the visible rows.

    Args:
        records: The sessions, in the order of their columns.
        table: The comparison; its first column names the measures.
        slots: The slot 0..9 of each session ID, as in the charts.
        baseline_id: The session that the others are compared with.
        window: The visible part.
    """
    places = range(window.first_column, min(len(records), window.first_column + window.num_columns))
    last_row = min(len(table.rows), window.first_row + window.num_rows)
    names: list[Run] = [(fit(_column_range(places, records), LABEL_WIDTH), "muted")]
    shown_rows = _row_range(window.first_row, last_row, len(table.rows))
    states: list[Run] = [(fit(shown_rows, LABEL_WIDTH), "muted")]
    for place in places:
        record, is_chosen = records[place], place == window.column
        is_baseline = record.id == baseline_id
        name = _name(record, slots[record.id], is_chosen, window.column_width)
        names += _chosen(name, is_chosen)
        states += _chosen((_state(record, is_baseline, window.column_width),), is_chosen)
    return [
        tuple(names),
        tuple(states),
        *(_row(table, places, window, index) for index in range(window.first_row, last_row)),
    ]


def _chosen(line: Line, is_chosen: bool) -> Line:
    return with_role(line, "chosen") if is_chosen else line


def _name(record: SessionRecord, slot: int, is_chosen: bool, width: int) -> Line:
    title = fit(f"#{record.id} {printable(record.name)}", width - 4)
    edge = "▌" if is_chosen else " "
    return (edge, "accent"), (f"{SLOT_MARKERS[slot]} ", f"slot-{slot}"), (f"{title} ", "bold")


def _state(record: SessionRecord, is_baseline: bool, width: int) -> Run:
    look = formatting.state_look(record)
    text = f"   {look.glyph} {look.word}"
    base = " base " if is_baseline else " "
    return f"{fit(text, COLUMN_WIDTH - len(base))}{base}".ljust(width), look.tone


def _row(table: Table, places: range, window: ColumnWindow, index: int) -> Line:
    measure, cells = table.rows[index][0], _session_cells(table, index)
    is_chosen = index == window.row
    is_parameter = isinstance(measure, Cell) and measure.role == "parameter"
    runs: list[Run] = [
        ("▌" if is_chosen else " ", "accent"),
        (
            fit(text_of(table.columns[0], measure), LABEL_WIDTH - 1),
            "bold" if is_chosen else "accent" if is_parameter else "muted",
        ),
    ]
    for place in places:
        cell = _session_cell(*cells[place], window.column_width)
        runs += _chosen(cell, place == window.column)
    return tuple(runs)


def _session_cells(table: Table, index: int) -> list[tuple[Cell, str]]:
    """Return the value of each session in a row, and the text of its difference."""
    pairs: list[tuple[Cell, str]] = []
    for column, cell in list(zip(table.columns, table.rows[index], strict=True))[1:]:
        assert isinstance(cell, Cell), "values of a comparison have kinds of their own"
        if column.is_joined:
            pairs[-1] = pairs[-1][0], text_of(column, cell)
        else:
            pairs.append((cell, ""))
    return pairs


def _session_cell(value: Cell, difference: str, width: int) -> Line:
    text = (value.kind or PLAIN).text(value.value)
    if not difference and len(text) > VALUE_WIDTH:
        # Parameters have no differences, so that long ones can take their place.
        return ((f" {fit(text + value.mark, width - 2)} ", ""),)
    shown = f"{fit(text, VALUE_WIDTH, is_right=True)}{value.mark or ' '}"
    behind = f"{difference:>{DIFFERENCE_WIDTH}}".ljust(width - VALUE_WIDTH - 1)
    return (shown, "bold" if value.role == "best" else ""), (behind, "muted")


def _column_range(places: range, records: Sequence[SessionRecord]) -> str:
    if len(places) == len(records):
        return ""
    more = ("‹ " if places.start else "") + f"{places.start + 1}–{places.stop}"
    return f" {more} of {len(records)}{' ›' if places.stop < len(records) else ''}"


def _row_range(first: int, last: int, num_rows: int) -> str:
    if last - first == num_rows:
        return ""
    return f" rows {first + 1}–{last} of {num_rows}"
