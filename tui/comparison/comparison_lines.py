"""A comparison as lines of a table: a column of fixed width per session, so nothing jitters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from mnist_tui.tui.charts.chart_marks import SLOT_MARKERS
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.reports.comparison_report import Cell, Row

LABEL_WIDTH = 23
VALUE_WIDTH, DIFFERENCE_WIDTH = 10, 7
COLUMN_WIDTH = VALUE_WIDTH + 1 + DIFFERENCE_WIDTH + 1
"""The value, its mark, the difference and a blank: three sessions fit into 80 columns."""
WIDEST_COLUMN = 36
"""What a column grows to where there is room, so that names of a sweep can be told apart."""
HEADER_LINES = 2


class Span(NamedTuple):
    """A piece of a line that looks the same all along."""

    text: str
    roles: tuple[str, ...] = ()


Line = tuple[Span, ...]


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
    names: list[Span] = [Span(fit(_columns_in_sight(places, records), LABEL_WIDTH), ("label",))]
    states: list[Span] = [
        Span(fit(_rows_in_sight(window.first_row, last_row, rows), LABEL_WIDTH), ("label",))
    ]
    for place in places:
        chosen = ("chosen",) if place == window.column else ()
        record = records[place]
        names += _name(record, slots[record.id], chosen, window.column_width)
        is_baseline = record.id == baseline_id
        states.append(_state(record, is_baseline, chosen, window.column_width))
    return [
        tuple(names),
        tuple(states),
        *(_row(rows[index], places, window, index) for index in range(window.first_row, last_row)),
    ]


def changed_span(before: Line, after: Line) -> tuple[int, int]:
    """Return the first cell in which two lines differ, and how many cells on the last one is.

    (0, 0) where they look the same.
    """
    if before == after:
        return 0, 0
    pairs = list(zip(before, after, strict=False))
    is_alike = len(before) == len(after) and all(
        cell_len(old.text) == cell_len(new.text) for old, new in pairs
    )
    if not is_alike:
        return 0, max(sum(cell_len(run.text) for run in line) for line in (before, after))
    places = [place for place, (old, new) in enumerate(pairs) if old != new]
    start = sum(cell_len(run.text) for run in after[: places[0]])
    return start, sum(cell_len(run.text) for run in after[places[0] : places[-1] + 1])


def _name(record: SessionRecord, slot: int, chosen: tuple[str, ...], width: int) -> list[Span]:
    edge = "▌" if chosen else " "
    title = fit(f"#{record.id} {printable(record.name)}", width - 4)
    return [
        Span(edge, ("edge", *chosen)),
        Span(f"{SLOT_MARKERS[slot]} ", (f"slot-{slot}", *chosen)),
        Span(f"{title} ", ("header", *chosen)),
    ]


def _state(record: SessionRecord, is_baseline: bool, chosen: tuple[str, ...], width: int) -> Span:
    look = formatting.state_look(record)
    text = f"   {look.glyph} {look.word}"
    room = COLUMN_WIDTH - len(" base ") if is_baseline else COLUMN_WIDTH - 1
    base = " base " if is_baseline else " "
    return Span(f"{fit(text, room)}{base}".ljust(width), (f"tone-{look.tone}", *chosen))


def _row(row: Row, places: range, window: ColumnWindow, index: int) -> Line:
    is_chosen = index == window.row
    edge = "▌" if is_chosen else " "
    label = ("parameter",) if row.is_parameter else ("label",)
    runs = [
        Span(edge, ("edge",)),
        Span(fit(row.label, LABEL_WIDTH - 1), ("chosen-label",) if is_chosen else label),
    ]
    for place in places:
        chosen = ("chosen",) if place == window.column else ()
        runs += _cell(row.cells[place], row.is_parameter, chosen, window.column_width)
    return tuple(runs)


def _cell(cell: Cell, is_parameter: bool, chosen: tuple[str, ...], width: int) -> list[Span]:
    value = ("best", *chosen) if cell.is_best else chosen
    if is_parameter and len(cell.text) > VALUE_WIDTH:
        # Nothing stands beside a parameter, so that a long one may take the room.
        return [Span(f" {fit(cell.text + cell.mark, width - 2)} ", chosen)]
    return [
        Span(f"{fit(cell.text, VALUE_WIDTH, is_right=True)}{cell.mark or ' '}", value),
        Span(
            f"{cell.difference:>{DIFFERENCE_WIDTH}}".ljust(width - VALUE_WIDTH - 1),
            ("difference", *chosen),
        ),
    ]


def _columns_in_sight(places: range, records: Sequence[SessionRecord]) -> str:
    if len(places) == len(records):
        return ""
    more = ("‹ " if places.start else "") + f"{places.start + 1}–{places.stop}"
    return f" {more} of {len(records)}{' ›' if places.stop < len(records) else ''}"


def _rows_in_sight(first: int, last: int, rows: Sequence[Row]) -> str:
    if last - first == len(rows):
        return ""
    return f" rows {first + 1}–{last} of {len(rows)}"
