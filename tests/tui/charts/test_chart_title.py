from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from mnist_tui.training.sessions.active_time import ActiveTime
from mnist_tui.tui.charts.chart_events import checkpoint_events
from mnist_tui.tui.charts.chart_readout import read_at
from mnist_tui.tui.charts.chart_title import num_title_lines, title_lines
from mnist_tui.tui.text.styled_lines import text_of
from tests.tui.chart_samples import (
    START,
    accuracy_of,
    checkpoint,
    columns_of,
    falling,
    full_session,
    loss_of,
    overlay_of,
    session_of,
)
from tests.tui.samples import make_record

if TYPE_CHECKING:
    from mnist_tui.tui.charts.chart_model import Chart


def test_the_title_names_every_curve_by_marker_and_word_with_its_newest_value() -> None:
    assert text_of(title_lines(loss_of(full_session()), 110, 1)) == (
        " loss  ─ train 0.0155  • val 0.2000  ◆ test 0.2000  ★ best 0.1000 at 4"
    )
    assert text_of(title_lines(accuracy_of(full_session()), 110, 1)) == (
        " accuracy  ─ train 99.66  • val 99.66  ◆ test 99.66  ★ best 99.66 at 5"
    )


def test_the_title_says_what_was_done_to_the_curves() -> None:
    session = session_of(columns_of(range(1, 101), lambda e: falling(e) if e < 6 else 1e9))
    assert text_of(title_lines(loss_of(session, smoothing=0.9), 110, 1)).endswith(
        "↑ up to 1.0e+09  smoothed 0.9"
    )


def test_that_values_are_out_of_sight_is_said_before_what_was_best() -> None:
    diverged = columns_of(range(1, 101), lambda e: falling(e) if e < 6 else 1e9)
    chart = loss_of(session_of(diverged, columns_of([10, 20], falling)))
    title = text_of(title_lines(chart, 55, 1))
    assert title == " loss ─ train 1.0e+09 • val 0.3113 ↑ up to 1.0e+09"


def test_a_narrow_title_gives_up_the_last_things_first_and_never_more_than_its_width() -> None:
    chart = loss_of(full_session())
    for width in range(20, 111):
        title = text_of(title_lines(chart, width, 1))
        assert len(title) < width
        assert "loss" in title
    assert text_of(title_lines(chart, 61, 1)).endswith("★ 0.1000")
    assert "train 0.0155" in text_of(title_lines(chart, 40, 1))


TIMED = replace(full_session(), active=ActiveTime((START,), (math.inf,), (0.0,)))


def read_text(chart: Chart, position: float, width: int = 110) -> str:
    reading = read_at(chart, position, 0.05)
    assert reading is not None
    return text_of(title_lines(chart, width, 1, reading))


def test_the_cursor_reads_every_curve_the_place_and_what_happened_there() -> None:
    events = list(checkpoint_events([checkpoint(20, name="before")]))
    assert read_text(loss_of(full_session(events=events)), 2.0) == (
        " loss  ─ train 0.3113  • val 0.5000  epoch 2.00  lr 0.001  batch 20  ▣ before"
    )


def test_in_a_narrow_chart_the_cursor_reads_values_before_anything_else() -> None:
    assert read_text(accuracy_of(full_session()), 2.0, 40) == (
        " accuracy ─ 93.23 • 93.23 epoch 2.00"
    )
    assert read_text(loss_of(full_session()), 5.0, 40) == " loss ─ 0.0155 • 0.2000 epoch 5.00"
    assert read_text(loss_of(full_session()), 5.0, 50) == (
        " loss ─ 0.0155 • 0.2000 ◆ 0.2000 epoch 5.00"
    )
    timed = loss_of(TIMED, x_unit="time")
    assert read_text(timed, 29.0, 40) == " loss ─ 0.1266 • 0.5000 29s in"
    for width in range(20, 111):
        line = read_text(accuracy_of(full_session()), 3.0, width)
        assert len(line) < width
        assert "97.5" in line or width < 23


def test_a_test_is_read_where_it_was_done() -> None:
    chart = loss_of(full_session())
    assert "test" not in read_text(chart, 4.9)
    assert "◆ test 0.2000" in read_text(chart, 5.0)


def test_the_cursor_reads_the_row_at_its_column_or_the_last_one_before() -> None:
    session = session_of(
        columns_of(range(1, 58), falling), columns_of([10, 20, 60], lambda epoch: epoch)
    )
    chart = loss_of(session)
    assert "train 0.0077  • val 6.0000  epoch 6.00" in read_text(chart, 6.0)
    assert "• val 2.0000" in read_text(chart, 5.9)
    assert "• val –" in read_text(chart, 0.5)
    assert read_at(loss_of(session_of()), 1.0, 0.1) is None


def test_a_session_that_has_ended_is_not_read_beyond_its_end_among_others() -> None:
    longer = session_of(
        columns_of(range(1, 91), falling), columns_of(range(10, 91, 10), lambda _: 0.7),
        record=make_record(12),
    )  # fmt: skip
    text = read_text(overlay_of([full_session(), longer]), 8.0)
    assert "#11 baseline –" in text
    assert "#12 baseline 0.7000  epoch 8.00" in text


def test_on_the_axis_of_time_the_cursor_shows_the_time() -> None:
    text = read_text(loss_of(TIMED, x_unit="time"), 29.0)
    assert text.endswith("val 0.5000  29s in  lr 0.001  epoch 2.90  batch 29")


def overlay_text(num_sessions: int, width: int, height: int, *, is_read: bool = False) -> list[str]:
    sessions = [
        full_session(record=make_record(number, name=f"a rather long name {number}"))
        for number in range(1, num_sessions + 1)
    ]
    chart = overlay_of(sessions)
    count = num_title_lines(chart, width, height)
    reading = read_at(chart, 2.0, 0.1) if is_read else None
    return text_of(title_lines(chart, width, count, reading)).split("\n")


def test_ten_sessions_have_a_legend_with_values() -> None:
    lines = overlay_text(10, 110, 40)
    assert lines[0] == " loss  validation"
    entries = " ".join(lines[1:])
    for number in range(1, 11):
        assert f"#{number} a" in entries
    assert entries.count("0.2000") == 10
    assert max(map(len, lines)) <= 110


def test_the_legend_keeps_its_places_while_the_cursor_reads() -> None:
    newest, read = overlay_text(4, 110, 20), overlay_text(4, 110, 20, is_read=True)
    assert read[0] == " loss  epoch 2.00"
    assert [line.replace("0.5000", "0.2000") for line in read[1:]] == newest[1:]


def test_a_legend_without_room_says_how_many_it_leaves_out() -> None:
    lines = overlay_text(10, 60, 8)
    assert " and " in lines[-1]
    assert lines[-1].rstrip().endswith("more")
    assert max(map(len, lines)) <= 60


def test_where_numbers_of_sessions_have_no_room_their_markers_have() -> None:
    assert overlay_text(3, 40, 7) == [" loss ● 0.2000 ○ 0.2000 ■ 0.2000"]


def test_a_low_chart_has_one_line_of_title() -> None:
    assert overlay_text(3, 110, 5) == [" loss  ● #1 0.2000  ○ #2 0.2000  ■ #3 0.2000  validation"]
