"""Drawn charts, compared as text."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.tui.charts.chart_events import ChartEvent, checkpoint_events
from mnist_tui.tui.charts.chart_marks import SLOT_MARKERS
from mnist_tui.tui.charts.chart_painter import PaintedChart, paint, plot_columns
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
    from collections.abc import Callable

    from mnist_tui.tui.charts.chart_model import Chart

PAUSE = ChartEvent(20, START + 20, "‖", "paused 3s", "waiting")


def painted(chart: Chart, width: int = 60, height: int = 12) -> PaintedChart:
    picture = paint(chart, width, height)
    assert picture is not None
    return picture


def rows_of(chart: Chart, width: int = 60, height: int = 12) -> list[str]:
    return text_of(painted(chart, width, height).lines, strip=False).split("\n")


def plot_of(picture: PaintedChart) -> str:
    rows = text_of(picture.lines, strip=False).split("\n")
    return "\n".join(rows[row][picture.left :] for row in picture.plot_rows)


def test_a_chart_looks_like_this() -> None:
    session = full_session(events=[PAUSE])
    assert rows_of(loss_of(session, plot_columns(60)), 60, 12) == [
        "                 ‖ paused 3s                                ",
        "   2.0┤⠘⡄        ┊                                          ",
        "      │ ⠱⡀       ┊                                          ",
        "   1.5┤  ⠱⡀      ┊                                          ",
        "   1.0┤   ⠱⡀•    ┊                                          ",
        "      │    ⠑⠤⠑⢄⡀ ┊                                          ",
        "   0.5┤      ⠈⠢⠈⠢•                                          ",
        "      │        ⠈⠑⠤⠉⠒⠤⣀                                      ",
        "   0.0┤          ┊ ⠈⠉⠒⠉•⠒⠒⠒⠒★⠒⠒⠒⠒◆                          ",
        "      └┬─────────┬──────────┬─────────┬──────────┬─────────┬",
        "       0         2          4         6            10 epochs",
    ]


@pytest.mark.parametrize(("width", "height"), [(30, 5), (39, 9), (60, 10), (110, 12), (200, 40)])
def test_a_chart_has_exactly_the_size_it_is_given(width: int, height: int) -> None:
    sessions = [full_session(record=make_record(number)) for number in (1, 2, 3)]
    charts = [
        loss_of(session_of()),
        loss_of(full_session(events=[PAUSE])),
        accuracy_of(full_session(), is_log=True, x_unit="time"),
        overlay_of(sessions),
    ]
    for chart in charts:
        picture = painted(chart, width, height)
        assert picture.num_title_lines + len(picture.lines) == height
        assert {len(row) for row in text_of(picture.lines, strip=False).split("\n")} == {width}


@pytest.mark.parametrize(
    ("width", "height"), [(30, 5), (39, 9), (40, 10), (60, 10), (110, 12), (200, 40)]
)
def test_nothing_is_drawn_over_the_axes_and_their_labels(width: int, height: int) -> None:
    def late(epoch: float) -> float:
        return 2.3 if epoch < 0.2 else 0.31 + 0.01 * math.sin(40 * epoch)

    def diverging(epoch: float) -> float:
        return 2.3 if epoch < 2 else 1e9 * epoch

    views: list[dict[str, Any]] = [{}, {"is_log": True}, {"smoothing": 0.9}, {"x_unit": "time"}]
    for loss, view in itertools.product((falling, late, diverging), views):
        session = session_of(columns_of(range(1, 131), loss), columns_of([100], loss))
        picture = painted(loss_of(session, plot_columns(width), **view), width, height)
        assert picture.left == 7
        for column in (0, picture.columns - 1):
            rows = text_of(picture.with_cursor(column), strip=False).split("\n")
            assert {rows[row][6] for row in picture.plot_rows} <= {"│", "┤"}
            axis, labels = rows[picture.plot_rows.stop :]
            assert (axis[:7], set(axis[7:])) == ("      └", set("─┬┴"))
            assert len(labels) == width
            assert not set(labels) - set("0123456789ms epochstraing")


def test_a_new_point_changes_few_lines() -> None:
    before, after = (
        painted(loss_of(session_of(columns_of(range(1, count), falling)))).lines
        for count in (60, 61)
    )
    assert 1 <= sum(one != other for one, other in zip(before, after, strict=True)) <= 3


def test_curves_have_the_roles_that_give_them_their_colours() -> None:
    picture = painted(loss_of(full_session(events=[PAUSE]), smoothing=0.9))
    roles = {role for line in picture.lines for text, role in line if text.strip()}
    assert roles == {"axis", "train", "val", "test", "raw", "best", "event"}
    drawn = plot_of(picture)
    assert (drawn.count("•"), drawn.count("◆"), drawn.count("★")) == (3, 1, 1)


def test_two_charts_do_not_mix() -> None:
    first = painted(loss_of(full_session())).lines
    painted(accuracy_of(full_session()))
    assert painted(loss_of(full_session())).lines == first


def test_a_single_value_is_seen() -> None:
    assert plot_of(painted(loss_of(session_of(columns_of([5], falling))))).strip()


def test_an_event_marks_a_column_and_never_hides_a_curve() -> None:
    without = plot_of(painted(loss_of(full_session()), 60, 11))
    with_event = plot_of(painted(loss_of(full_session(events=[PAUSE])), 60, 12))
    differences = [
        (one, other) for one, other in zip(without, with_event, strict=True) if one != other
    ]
    assert differences
    assert all(one in " ⠀" and other == "┊" for one, other in differences)


def test_a_checkpoint_is_a_quiet_mark_on_the_axis() -> None:
    events = list(checkpoint_events([checkpoint(20), checkpoint(40, is_best=True)]))
    picture = painted(loss_of(full_session(events=events)))
    axis = text_of(picture.lines, strip=False).split("\n")[picture.plot_rows.stop]
    assert axis.index("▪") == picture.left + picture.column_of(2.0)
    assert axis.index("★") == picture.left + picture.column_of(4.0)
    assert "┊" not in plot_of(picture)


def test_what_the_axis_does_not_reach_is_marked_at_the_top() -> None:
    session = session_of(columns_of(range(1, 101), lambda e: falling(e) if e < 6 else 1e300))
    top = plot_of(painted(loss_of(session))).split("\n")[0]
    assert top.count("↑") > 10
    assert set(top[: len(top) // 2]) & set("↑") == set()


def test_a_loss_of_zero_has_no_place_on_a_logarithmic_scale_and_does_no_harm() -> None:
    session = session_of(
        columns_of(range(1, 51), lambda e: max(0.0, 2 - e)), columns_of([10, 20], lambda _: 0.0)
    )
    assert plot_of(painted(loss_of(session, is_log=True))).strip()


def test_sessions_differ_by_the_markers_along_their_curves() -> None:
    def rising(number: int) -> Callable[[float], float]:
        return lambda epoch: 0.2 * number + 0.01 * epoch

    apart = [
        session_of(columns_of(range(1, 101), rising(number)), record=make_record(number))
        for number in range(1, 11)
    ]
    drawn = plot_of(painted(overlay_of(apart, plot_columns(110), split="train"), 110, 30))
    for marker in SLOT_MARKERS:
        assert drawn.count(marker) >= 3, marker


def test_the_cursor_is_a_line_through_the_plot() -> None:
    picture = painted(loss_of(full_session()))
    column = picture.column_of(7.0)
    rows = text_of(picture.with_cursor(column), strip=False).split("\n")
    assert {rows[row][picture.left + column] for row in picture.plot_rows} == {"│"}
    assert picture.position_of(column) == pytest.approx(7.0, abs=0.1)
    assert painted(loss_of(full_session())).lines == picture.lines


def test_a_low_chart_is_a_sparkline_under_its_title() -> None:
    picture = painted(loss_of(session_of(columns_of(range(1, 101), falling))), 42, 3)
    (spark,) = text_of(picture.lines, strip=False).split("\n")
    assert spark.strip().startswith("█")
    assert spark.strip().endswith("▁")
    assert len(spark) <= 42
    assert paint(loss_of(full_session()), 10, 10) is None


@pytest.mark.parametrize("loss", [0.0, 1e-300, 1e300, math.nan, -1.0])
def test_strange_values_can_be_drawn(loss: float) -> None:
    for is_log in (False, True):
        session = session_of(columns_of(range(1, 51), lambda _: loss))
        painted(loss_of(session, is_log=is_log))
