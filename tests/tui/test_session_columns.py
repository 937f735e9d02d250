from __future__ import annotations

import pytest
from rich.cells import cell_len

from storage.records import SessionState
from tests.tui.samples import HOSTILE_TEXTS, make_record
from tui.inert import REPLACEMENT
from tui.widgets import session_columns

RECORDS = [
    *(make_record(place, state) for place, state in enumerate(SessionState, start=1)),
    make_record(99, SessionState.FAILED, cause="loss became NaN at batch 44, no checkpoint " * 9),
    make_record(123_456, name="数字" * 30, epochs=100_000, step=999_999, train_loss=2.4e12),
    make_record(5, images_per_s=1_234_567.0, eta_s=1e9, val_accuracy=1.0, train_accuracy=0.0),
]


@pytest.mark.parametrize("width", range(60, 220, 7))
def test_every_line_fits_and_lines_up_at_every_width(width: int) -> None:
    columns = session_columns.choose(width)
    header = session_columns.header(columns)
    assert cell_len(header) <= max(width, 76)
    for record in RECORDS:
        line = "".join(text for text, _ in session_columns.row(columns, record))
        assert cell_len(line.rstrip()) <= cell_len(header)


def test_80_columns_show_the_essentials() -> None:
    names = [column.header for column in session_columns.choose(79)]
    assert names == ["#", "NAME", "STATE", "EPOCH", "PROGRESS", "ACC %", "ETA"]


def test_wide_screens_show_everything() -> None:
    assert len(session_columns.choose(160)) == len(session_columns.COLUMNS)


def test_columns_of_higher_rank_need_those_of_lower_rank() -> None:
    seen: set[str] = set()
    for width in range(60, 200):
        names = {column.name for column in session_columns.choose(width)}
        assert seen <= names, width
        seen = names


@pytest.mark.parametrize("state", [SessionState.FAILED, SessionState.QUEUED])
def test_the_cause_stands_in_the_row(state: SessionState) -> None:
    record = make_record(1, state, cause="waits for a free slot")
    row = session_columns.row(session_columns.choose(79), record)
    assert "waits for a free slot" in "".join(text for text, _ in row)


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_hostile_names_and_causes_are_inert(text: str) -> None:
    record = make_record(1, SessionState.FAILED, name=text, cause=text)
    line = "".join(part for part, _ in session_columns.row(session_columns.choose(160), record))
    assert REPLACEMENT in line
    assert line.isprintable()
