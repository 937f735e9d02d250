from __future__ import annotations

import math

import numpy as np
import pytest

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.active_time import ActiveTime
from mnist_tui.tui.charts.axis_limits import CHANCE_LOSS
from mnist_tui.tui.charts.chart_builder import PlotArea, session_chart
from mnist_tui.tui.charts.chart_events import checkpoint_events
from mnist_tui.tui.charts.chart_marks import SLOT_MARKERS
from mnist_tui.tui.charts.chart_model import METRICS, ChartView, Points
from mnist_tui.tui.charts.session_curves import active_seconds
from tests.tui.chart_samples import (
    NO_COLUMNS,
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


def test_a_session_shows_its_splits_with_a_marker_and_a_word_each() -> None:
    chart = loss_of(full_session())
    assert [(curve.label, curve.marker) for curve in chart.curves] == [
        ("train", "─"), ("val", "•"), ("test", "◆"),
    ]  # fmt: skip
    assert chart.x_axis.end == 10.0
    assert (chart.y_axis.lower, chart.y_axis.upper) == (0.0, 2.0)


def test_the_best_validation_is_the_least_loss_and_the_first_of_the_greatest_accuracies() -> None:
    session = session_of(
        columns_of(range(1, 31), falling),
        columns_of([10, 20, 30], lambda epoch: abs(epoch - 2), accuracy=lambda e: min(0.9, e / 2)),
    )
    assert loss_of(session).best == (2.0, 0.0, 2.0)
    assert accuracy_of(session).best == (2.0, 90.0, 2.0)
    assert loss_of(session, x_unit="batch").best == (20.0, 0.0, 2.0)


def test_without_validation_no_best_is_claimed() -> None:
    assert loss_of(session_of(columns_of(range(1, 11), falling))).best is None


def test_a_session_without_rows_has_axes_and_no_curves() -> None:
    chart = loss_of(session_of())
    assert (chart.curves, chart.x_axis.end) == ((), 10.0)


def test_the_axis_of_batches_holds_the_plan() -> None:
    assert loss_of(full_session(), x_unit="batch").x_axis.end == 100.0


def test_time_counts_no_pauses() -> None:
    active = ActiveTime((START, START + 60), (START + 20, math.inf), (0.0, 20.0))
    times = START + np.array([-5.0, 0.0, 10.0, 30.0, 60.0, 75.0])
    expected = [active.seconds_at(float(time)) for time in times]
    assert active_seconds(active, times).tolist() == expected == [0, 0, 10, 20, 20, 35]


def test_the_axis_of_time_fits_once_the_session_has_ended() -> None:
    running = full_session()
    ended = full_session(record=make_record(11, SessionState.STOPPED))
    assert loss_of(running, x_unit="time").x_axis.end == 60.0
    assert loss_of(ended, x_unit="time").x_axis.end == 49.0


def test_smoothing_keeps_the_measured_values_behind_the_line() -> None:
    chart = loss_of(full_session(), smoothing=0.9)
    train, val, test = chart.curves
    assert train.raw.y == loss_of(full_session()).curves[0].line.y
    assert np.diff(train.line.y).max() < 0
    assert val.dots.y[-1] == pytest.approx(0.2)
    assert test.line == Points()
    assert chart.notes == ("smoothed 0.9",)


def test_only_loss_has_a_logarithmic_scale() -> None:
    assert loss_of(full_session(), is_log=True).y_axis.is_log
    assert loss_of(full_session(), is_log=True).notes == ("log scale",)
    assert not accuracy_of(full_session(), is_log=True).y_axis.is_log


def test_a_diverged_loss_leaves_the_chart_and_the_chart_says_so() -> None:
    session = session_of(columns_of(range(1, 101), lambda e: falling(e) if e < 6 else 1e9 * e))
    chart = loss_of(session)
    assert chart.y_axis.upper <= 2.5
    assert chart.greatest_above == 1e10
    assert loss_of(session, is_log=True).y_axis.upper == 1e10


def test_a_single_spike_does_not_flatten_the_curve() -> None:
    session = session_of(columns_of(range(1, 101), lambda e: 3.0 if e == 5.0 else 0.1 + e / 100))
    chart = loss_of(session)
    assert chart.y_axis.upper <= 0.5
    assert chart.greatest_above == 3.0


def test_a_loss_that_rises_within_reason_stays_on_the_chart() -> None:
    session = session_of(columns_of(range(1, 101), lambda e: 0.1 + e / 10))
    assert loss_of(session).greatest_above is None
    assert loss_of(session).y_axis.upper >= 1.1


def test_a_smoothed_accuracy_of_100_per_cent_is_not_above_the_chart() -> None:
    session = session_of(columns_of(range(1, 101), falling, accuracy=lambda _: 1.0))
    for smoothing in (0.5, 0.8, 0.9, 0.99):
        assert accuracy_of(session, smoothing=smoothing).above == ()


def test_a_session_that_never_learned_is_no_outlier() -> None:
    chart = loss_of(session_of(columns_of(range(1, 51), lambda _: CHANCE_LOSS)))
    assert chart.greatest_above is None
    assert chart.y_axis.lower <= CHANCE_LOSS <= chart.y_axis.upper


def test_limits_stay_while_a_curve_falls_a_little() -> None:
    def upper(loss: float, known: tuple[float, float] | None) -> float:
        session = session_of(columns_of(range(1, 51), lambda _: loss))
        return session_chart(METRICS[0], session, ChartView(), PlotArea(50, known)).y_axis.upper

    assert upper(0.9, (0.0, 1.0)) == 1.0
    assert upper(1.2, (0.0, 1.0)) > 1.0


def test_values_that_are_not_finite_make_a_gap_and_no_curve_of_their_own() -> None:
    nowhere = session_of(columns_of(range(1, 11), lambda _: math.nan))
    assert loss_of(nowhere).curves == ()
    half = session_of(columns_of(range(1, 11), lambda e: math.nan if e > 0.5 else 1.0))
    assert loss_of(half).curves[0].line.x[-1] == 0.5


def test_events_lie_where_they_happened_on_each_axis() -> None:
    session = full_session(events=list(checkpoint_events([checkpoint(20)])))
    places = {unit: loss_of(session, x_unit=unit).events[0][0] for unit in ("epoch", "batch")}
    assert places == {"epoch": 2.0, "batch": 20.0}


def test_sessions_over_each_other_keep_the_colour_and_marker_of_their_slot() -> None:
    sessions = [full_session(record=make_record(number, name=f"s{number}")) for number in (11, 12)]
    chart = overlay_of(sessions)
    assert [(curve.label, curve.role, curve.marker) for curve in chart.curves] == [
        ("#11 s11", "slot-0", SLOT_MARKERS[0]),
        ("#12 s12", "slot-1", SLOT_MARKERS[1]),
    ]
    assert chart.notes == ("validation",)
    swapped = overlay_of(sessions[::-1])
    assert [curve.role for curve in swapped.curves] == ["slot-0", "slot-1"]


def test_a_session_without_validation_is_compared_by_its_training_curve() -> None:
    with_val = full_session(record=make_record(11))
    without = session_of(columns_of(range(1, 51), falling), record=make_record(12))
    chart = overlay_of([with_val, without])
    assert [curve.label for curve in chart.curves] == ["#11 baseline", "#12 baseline (train)"]
    assert len(chart.curves[1].source.x) == 50
    assert [curve.label for curve in overlay_of([with_val, without], split="train").curves] == [
        "#11 baseline", "#12 baseline",
    ]  # fmt: skip


def test_a_session_that_measured_nothing_takes_no_curve() -> None:
    chart = overlay_of([full_session(), session_of(NO_COLUMNS, record=make_record(12))])
    assert [curve.label for curve in chart.curves] == ["#11 baseline"]


def test_the_axis_of_several_sessions_holds_the_longest() -> None:
    records = [make_record(1, epochs=6), make_record(2, epochs=8)]
    assert overlay_of([full_session(record=record) for record in records]).x_axis.end == 8.0


def test_a_long_plan_is_shown_as_far_as_it_is_needed_and_never_further() -> None:
    def end(num_steps: int, unit: str = "epoch") -> float:
        session = session_of(
            columns_of(range(1, num_steps + 1), falling), record=make_record(1, epochs=35)
        )
        return loss_of(session, x_unit=unit).x_axis.end

    assert [end(steps) for steps in (1, 100, 101, 300)] == [10.0, 10.0, 20.0, 35.0]
    assert end(101, "batch") == 200.0


def test_hostile_names_are_made_harmless() -> None:
    sessions = [full_session(record=make_record(n, name="\x1b[2J[bold]" * 9)) for n in (1, 2)]
    label = overlay_of(sessions).curves[0].label
    assert label.isprintable()
    assert len(label) < 40


def test_long_series_are_reduced_to_two_points_per_column() -> None:
    steps = range(1, 100_001)
    session = session_of(columns_of(steps, lambda epoch: 1 + math.sin(epoch)))
    record = make_record(11, epochs=10_000)
    for smoothing in (0.0, 0.9):
        chart = loss_of(session_of(session.splits["train"], record=record), smoothing=smoothing)
        assert len(chart.curves[0].line) <= 2 * 53
