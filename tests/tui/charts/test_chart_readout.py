from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.tui.charts.chart_painter import PaintedChart, paint
from mnist_tui.tui.charts.chart_readout import carried, moved
from tests.tui.chart_samples import (
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


def painted(chart: Chart, width: int = 60) -> PaintedChart:
    picture = paint(chart, width, 10)
    assert picture is not None
    return picture


@pytest.mark.parametrize("unit", ["epoch", "batch", "time"])
@pytest.mark.parametrize("width", [30, 60, 200])
def test_the_cursor_visits_every_column_of_the_data_and_no_other(unit: str, width: int) -> None:
    picture = painted(loss_of(full_session(), x_unit=unit), width)
    ends = [float(picture.chart.curves[0].source.x[at]) for at in (0, -1)]
    position = moved(picture, None, -1)
    assert position == ends[1], "it appears at the end"
    visited: list[int] = []
    while position is not None and (not visited or position != ends[0]):
        visited.append(picture.column_of(position))
        position = moved(picture, position, -1)
    last, first = picture.column_of(ends[1]), picture.column_of(ends[0])
    assert visited in (list(range(last, first - 1, -1)), list(range(last, first, -1)))
    assert moved(picture, position, -5) == ends[0]
    assert moved(picture, position, 999) == ends[1]


def test_another_unit_has_the_same_batch_and_back_again() -> None:
    session = full_session()
    epochs, batches, times = (
        loss_of(session, x_unit=unit) for unit in ("epoch", "batch", "time")
    )  # fmt: skip
    assert carried(2.5, epochs, batches) == pytest.approx(25)
    assert carried(25, batches, times) == pytest.approx(24), "the first row is at 0 s"
    assert carried(24, times, epochs) == pytest.approx(2.5)
    assert carried(2.5, epochs, loss_of(session, columns=200)) == 2.5


def test_the_cursor_does_not_stay_beyond_the_data_of_another_chart() -> None:
    shorter = loss_of(session_of(columns_of(range(1, 11), falling)))
    assert carried(4.0, loss_of(full_session()), shorter) == 1.0
    assert carried(4.0, loss_of(full_session()), loss_of(session_of())) is None
    assert moved(painted(loss_of(session_of())), None, 1) is None


def test_among_several_sessions_the_longest_guides_the_cursor() -> None:
    longer = session_of(columns_of(range(1, 91), falling), record=make_record(12))
    sessions = [full_session(), longer]
    epochs, batches = (overlay_of(sessions, x_unit=unit) for unit in ("epoch", "batch"))
    assert carried(8.0, epochs, batches) == pytest.approx(80)
