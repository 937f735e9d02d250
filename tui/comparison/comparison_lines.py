"""A comparison as lines of a table: a column of fixed width per session, so nothing jitters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_tui.tui.charts.chart_marks import SLOT_MARKERS
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import with_role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.reports.comparison_report import Cell, Row
    from mnist_tui.tui.text.styled_lines import Line, Run

LABEL_WIDTH = 23
VALUE_WIDTH, DIFFERENCE_WIDTH = 10, 7
COLUMN_WIDTH = VALUE_WIDTH + 1 + DIFFERENCE_WIDTH + 1
"""The value, its mark, the difference and a blank: three sessions fit into 80 columns."""
WIDEST_COLUMN = 36
"""What a column grows to where there is room, so that names of a sweep can be told apart."""
HEADER_LINES = 2


@dataclass(frozen=True)
class ColumnWindow:
    """Which part of the table is in sight, and what is chosen in it."""

    first_column: int
    num_columns: int
    first_row: int
    num_rows: int
    column: int
    """The chosen session, by its place."""
    row: int
    """The chosen row."""
    column_width: int = COLUMN_WIDTH


def columns_in(width: int) -> int:
    """Return how many sessions fit; one at least."""
    return max(1, (width - LABEL_WIDTH) // COLUMN_WIDTH)


def column_width(width: int, num_sessions: int) -> int:
    """Return how wide the column of each of `num_sessions` is in a table of `width`."""
    return max(COLUMN_WIDTH, min(WIDEST_COLUMN, (width - LABEL_WIDTH) // max(1, num_sessions)))


def lines_of(
    records: Sequence[SessionRecord],
    rows: Sequence[Row],
    slots: Mapping[int, int],
    baseline_id: int,
    window: ColumnWindow,
) -> list[Line]:
    """Return the header and the rows in sight.

    Args:
        records: The sessions, in the order of their columns.
        rows: All rows, a cell per session.
        slots: The slot 0..9 of each session ID, as in the charts.
        baseline_id: The session that differences are taken to.
        window: What is in sight.
    """
    places = range(window.first_column, min(len(records), window.first_column + window.num_columns))
    last_row = min(len(rows), window.first_row + window.num_rows)
    names: list[Run] = [(fit(_columns_in_sight(places, records), LABEL_WIDTH), "muted")]
    shown_rows = _rows_in_sight(window.first_row, last_row, rows)
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
        *(_row(rows[index], places, window, index) for index in range(window.first_row, last_row)),
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


def _row(row: Row, places: range, window: ColumnWindow, index: int) -> Line:
    is_chosen = index == window.row
    label_role = "bold" if is_chosen else "accent" if row.is_parameter else "muted"
    runs: list[Run] = [
        ("▌" if is_chosen else " ", "accent"),
        (fit(row.label, LABEL_WIDTH - 1), label_role),
    ]
    for place in places:
        cell = _cell(row.cells[place], row.is_parameter, window.column_width)
        runs += _chosen(cell, place == window.column)
    return tuple(runs)


def _cell(cell: Cell, is_parameter: bool, width: int) -> Line:
    if is_parameter and len(cell.text) > VALUE_WIDTH:
        # Nothing stands beside a parameter, so that a long one may take the room.
        return ((f" {fit(cell.text + cell.mark, width - 2)} ", ""),)
    value = f"{fit(cell.text, VALUE_WIDTH, is_right=True)}{cell.mark or ' '}"
    difference = f"{cell.difference:>{DIFFERENCE_WIDTH}}".ljust(width - VALUE_WIDTH - 1)
    return (value, "bold" if cell.is_best else ""), (difference, "muted")


def _columns_in_sight(places: range, records: Sequence[SessionRecord]) -> str:
    if len(places) == len(records):
        return ""
    more = ("‹ " if places.start else "") + f"{places.start + 1}–{places.stop}"
    return f" {more} of {len(records)}{' ›' if places.stop < len(records) else ''}"


def _rows_in_sight(first: int, last: int, rows: Sequence[Row]) -> str:
    if last - first == len(rows):
        return ""
    return f" rows {first + 1}–{last} of {len(rows)}"
