"""The lines of the comparison: fixed widths, what is in sight, and what is marked how."""

from __future__ import annotations

from dataclasses import replace as dataclass_replace
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from mnist_tui.training.analysis.comparison import compare_sessions
from mnist_tui.tui.reports.comparison_report import comparison_table, measured_rows
from mnist_tui.tui.text.figures import PLAIN, TEXT, Column
from mnist_tui.tui.text.table import Cell, Table
from mnist_tui.tui.widgets.comparison_lines import (
    COLUMN_WIDTH,
    LABEL_WIDTH,
    WIDEST_COLUMN,
    ColumnWindow,
    column_width,
    columns_in,
    lines_of,
)
from tests.training.comparisons import validated
from tests.tui.samples import HOSTILE_TEXTS, make_record

if TYPE_CHECKING:
    from mnist_tui.tui.text.styled_lines import Line

SESSIONS = [
    validated(1, 0.90),
    validated(2, 0.95, learning_rate=0.1, filters="8-16"),
    validated(3, 0.9),
]
RECORDS = [session.record for session in SESSIONS]
TABLE = measured_rows(comparison_table(compare_sessions(SESSIONS)))
SLOTS = {1: 0, 2: 1, 3: 2}
ALL = ColumnWindow(0, 3, 0, 100, column=0, row=0)


def text(line: Line) -> str:
    return "".join(text for text, _ in line)


def roles(line: Line, part: str) -> str:
    return next(role for text, role in line if part in text)


def test_three_sessions_fit_into_eighty_columns() -> None:
    assert columns_in(80) == 3
    assert columns_in(79) == 2
    assert columns_in(20) == 1


def test_every_line_is_exactly_as_wide_as_its_columns() -> None:
    width = LABEL_WIDTH + 3 * COLUMN_WIDTH
    lines = lines_of(RECORDS, TABLE, SLOTS, 1, ALL)
    assert len(lines) == 2 + len(TABLE.rows)
    assert {cell_len(text(line)) for line in lines} == {width}


def test_columns_grow_if_there_is_room_for_long_names() -> None:
    assert column_width(80, 3) == COLUMN_WIDTH
    assert column_width(160, 2) == WIDEST_COLUMN
    assert column_width(20, 0) == COLUMN_WIDTH
    named = [replace(record, name=f"cnn-mnist lr=0.0{place}") for place, record in
             enumerate(RECORDS)]  # fmt: skip
    wide = dataclass_replace(ALL, column_width=30)
    lines = lines_of(named, TABLE, SLOTS, 1, wide)
    assert {cell_len(text(line)) for line in lines} == {LABEL_WIDTH + 3 * 30}
    assert all(record.name in text(lines[0]) for record in named)
    assert "…" in text(lines_of(named, TABLE, SLOTS, 1, ALL)[0])


def test_a_session_has_its_marker_and_colour_its_state_and_the_baseline_is_named() -> None:
    name, state = lines_of(RECORDS, TABLE, SLOTS, 2, ALL)[:2]
    assert "● #1 session-1" in text(name)
    assert "○ #2 session-2" in text(name)
    assert roles(name, "○") == "slot-1"
    assert text(state).count("✓ finished") == 3
    assert text(state)[LABEL_WIDTH + COLUMN_WIDTH :].lstrip().startswith("✓ finished base")
    assert text(state).count("base") == 1


def test_only_visible_rows_and_columns_are_drawn_and_their_range_is_shown() -> None:
    window = ColumnWindow(1, 2, 3, 4, column=1, row=3)
    lines = lines_of(RECORDS, TABLE, SLOTS, 1, window)
    assert len(lines) == 2 + 4
    assert "#1" not in text(lines[0])
    assert "2–3 of 3" in text(lines[0])
    assert "‹" in text(lines[0])
    assert f"rows 4–7 of {len(TABLE.rows)}" in text(lines[1])
    first = lines_of(RECORDS, TABLE, SLOTS, 1, ColumnWindow(0, 2, 0, 4, 0, 0))
    assert "1–2 of 3 ›" in text(first[0])
    assert "of" not in text(lines_of(RECORDS, TABLE, SLOTS, 1, ALL)[0])


def test_the_best_is_bold_and_has_a_mark() -> None:
    lines = lines_of(RECORDS, TABLE, SLOTS, 1, ALL)
    accuracy = next(line for line in lines if "validation accuracy" in text(line))
    assert roles(accuracy, "95.00*") == "bold"
    assert roles(accuracy, "90.00") == "chosen"
    assert "+5.00" in text(accuracy)
    assert "=" in text(accuracy)


def test_the_chosen_session_and_row_are_marked_without_colour_too() -> None:
    lines = lines_of(RECORDS, TABLE, SLOTS, 1, ColumnWindow(0, 3, 0, 100, column=2, row=1))
    assert text(lines[0])[LABEL_WIDTH + 2 * COLUMN_WIDTH] == "▌"
    assert [text(line)[0] for line in lines[2:5]] == [" ", "▌", " "]
    assert all("chosen" in line[-1][1] for line in lines)


def test_a_long_parameter_takes_the_room_of_the_difference() -> None:
    cells = (Cell("32-64-128-256", TEXT), Cell("16-32-64-128-256-512-512", TEXT, mark="≠"))
    columns = (Column("measure"), Column("#1", PLAIN), Column("#2", PLAIN))
    table = Table("", columns, [("filters", *cells)])
    shown = text(lines_of(RECORDS[:2], table, SLOTS, 1, ALL)[2])
    assert "32-64-128-256" in shown
    assert "16-32-64-128-256…" in shown
    assert cell_len(shown) == LABEL_WIDTH + 2 * COLUMN_WIDTH


@pytest.mark.parametrize("name", [*HOSTILE_TEXTS, "模型" * 20, "a" * 64])
def test_no_name_breaks_the_columns_or_reaches_the_terminal(name: str) -> None:
    records = [make_record(1, name=name), make_record(2)]
    lines = lines_of(records, Table("", (), ()), {1: 0, 2: 9}, 1, ColumnWindow(0, 2, 0, 5, 0, 0))
    assert cell_len(text(lines[0])) == LABEL_WIDTH + 2 * COLUMN_WIDTH
    assert not any(character in text(lines[0]) for character in "\x1b\x9b\r\u2028\u202e\u200b")
