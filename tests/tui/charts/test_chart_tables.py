from __future__ import annotations

import math

from mnist_tui.tui.charts.chart_events import ChartEvent
from mnist_tui.tui.charts.session_curves import chart_tables
from tests.tui.chart_samples import START, columns_of, full_session, session_of
from tests.tui.samples import make_record


def test_a_table_holds_every_point_and_another_every_event() -> None:
    pause = ChartEvent(20, START + 20, "‖", "paused 3s", "waiting")
    sessions = [full_session(events=[pause]), full_session(record=make_record(12))]
    points, events = chart_tables(sessions)
    assert len(points.rows) == 2 * (50 + 5 + 1)
    first = dict(zip(points.names, points.rows[0], strict=True))
    assert (first["session"], first["split"], first["epoch"], first["batch"]) == (
        11, "train", 0.1, 1,
    )  # fmt: skip
    assert first["unix_time"] == START + 1
    assert events.rows == [(11, "baseline", 2.0, 20, START + 20, "paused 3s")]


def test_more_points_are_exported_than_drawn() -> None:
    session = session_of(columns_of(range(1, 5_001), lambda e: e))
    assert len(chart_tables([session])[0].rows) == 5_000


def test_a_value_that_is_not_finite_is_absent() -> None:
    points, _ = chart_tables([session_of(columns_of([1], lambda _: math.nan))])
    assert dict(zip(points.names, points.rows[0], strict=True))["loss"] is None


def test_without_sessions_there_is_nothing_to_export() -> None:
    assert chart_tables([]) == []
