from __future__ import annotations

import msgspec
import pytest
from rich.cells import cell_len

from mnist_tui.storage.records import SessionState
from mnist_tui.tui.state.filters import parse_filter
from mnist_tui.tui.state.sort_order import Sort, ordered, sort_key
from mnist_tui.tui.text.figures import FIGURES
from mnist_tui.tui.text.sanitize import REPLACEMENT
from mnist_tui.tui.widgets import session_columns
from tests.tui.samples import HOSTILE_TEXTS, make_record

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
    assert cell_len(header) <= width
    for record in RECORDS:
        line = "".join(text for text, _ in session_columns.row(columns, record))
        assert cell_len(line.rstrip()) <= cell_len(header)


def test_80_columns_show_the_essentials() -> None:
    names = [column.header for column in session_columns.choose(79)]
    assert names == ["#", "NAME", "STATE", "EPOCH", "PROGRESS", "ACC %", "ETA"]


def test_wide_screens_show_every_usual_column() -> None:
    names = tuple(column.name for column in session_columns.choose(170))
    assert names == session_columns.default_names()


def test_columns_that_the_user_chose_take_the_place_of_the_usual_ones() -> None:
    names = [column.name for column in session_columns.choose(120, ("learning_rate", "seed"))]
    assert "learning_rate" in names
    assert "model" not in names
    assert {"id", "name", "state"} <= set(names)


def test_the_name_has_room_before_more_columns_come() -> None:
    for width in (79, 119, 159, 199):
        name = next(each for each in session_columns.choose(width) if each.name == "name")
        assert name.width >= 17, width


def test_the_header_marks_what_is_sorted_by_without_moving_a_column() -> None:
    columns = session_columns.choose(170)
    plain = session_columns.header(columns)
    for column in columns:
        marked = session_columns.header(columns, column.sort_name, "▾")
        if column is not columns[-1]:
            assert marked.count("▾") == 1
        assert marked.replace("▾", " ") == plain


def test_columns_of_higher_rank_need_those_of_lower_rank() -> None:
    seen: set[str] = set()
    for width in range(60, 200):
        names = {column.name for column in session_columns.choose(width)}
        assert seen <= names, width
        seen = names


def test_headings_and_rounding_are_those_of_every_other_list() -> None:
    columns = {each.name: each for each in session_columns.choose(300, ("best", "test", "ece"))}
    record = make_record(1, train_accuracy=0.9409, test_accuracy=0.9999)
    assert columns["accuracy"].header == FIGURES["train_accuracy"].head
    assert columns["accuracy"].cell(record).strip() == "94.09"
    assert columns["test"].cell(record).strip() == "99.99"


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


def test_how_well_outliers_are_told_apart_is_a_column_that_one_can_choose_and_sort_by() -> None:
    records = [
        msgspec.structs.replace(make_record(place), outlier_auroc=area)
        for place, area in ((1, 0.91239), (2, None), (3, 0.99999), (4, 1.0))
    ]
    columns = session_columns.choose(170, ("auroc",))
    [column] = [each for each in columns if each.name == "auroc"]
    assert "auroc" not in session_columns.default_names()
    assert [column.cell(each).strip() for each in records] == ["0.9123", "–", "0.9999", "1.0000"]
    sort = Sort(column.sort_name)
    keys = {each.id: sort_key(each, sort) for each in records}
    assert ordered(keys, keys, sort) == [4, 3, 1, 2]
    assert [each.id for each in records if parse_filter("auroc>0.95")(each)] == [3, 4]


def test_calibration_is_a_column_with_the_best_calibrated_first() -> None:
    records = [
        msgspec.structs.replace(make_record(place), ece=share)
        for place, share in ((1, 0.0451), (2, None), (3, 0.0123), (4, 0.0))
    ]
    [column] = [each for each in session_columns.choose(170, ("ece",)) if each.name == "ece"]
    assert "ece" not in session_columns.default_names()
    assert [column.cell(each).strip() for each in records] == ["4.51", "–", "1.23", "0.00"]
    sort = Sort(column.sort_name)
    keys = {each.id: sort_key(each, sort) for each in records}
    assert ordered(keys, keys, sort) == [4, 3, 1, 2]
    assert [each.id for each in records if parse_filter("ece<2")(each)] == [3, 4]
