from __future__ import annotations

import pytest

from mnist_tui.tui.charts.chart_description import describe_chart, trend
from tests.tui.chart_samples import (
    accuracy_of,
    columns_of,
    full_session,
    loss_of,
    overlay_of,
    session_of,
)
from tests.tui.samples import make_record


def test_a_chart_is_described_by_its_newest_values_trends_and_best() -> None:
    session = session_of(
        columns_of(range(1, 31), lambda e: 0.5 if e <= 2 else 0.48),
        columns_of([10, 20, 30], lambda e: {1.0: 0.4, 2.0: 0.25, 3.0: 0.26}[e]),
        columns_of([30], lambda _: 0.3),
    )
    assert describe_chart(loss_of(session)) == (
        "loss: training 0.4800, falling 4 % per epoch;"
        " validation 0.2600, rising 4 % per epoch, best 0.2500 at epoch 2; test 0.3000"
    )


def test_accuracy_changes_by_points() -> None:
    session = session_of(columns_of([10, 20], lambda _: 1.0, accuracy=lambda e: 0.85 + e / 20))
    assert describe_chart(accuracy_of(session)) == (
        "accuracy: training 95.00 %, rising 5 points per epoch"
    )


def test_less_than_two_epochs_have_no_trend() -> None:
    session = session_of(columns_of(range(1, 10), lambda e: 1 - e / 10))
    assert describe_chart(loss_of(session)) == "loss: training 0.9100"


def test_nothing_measured_is_said() -> None:
    assert describe_chart(loss_of(session_of())) == "loss: nothing measured yet"


def test_several_sessions_are_described_one_by_one() -> None:
    sessions = [full_session(record=make_record(number)) for number in (11, 12)]
    told = describe_chart(overlay_of(sessions))
    assert told.startswith("loss (validation): #11 baseline 0.2000, rising")
    assert "; #12 baseline 0.2000" in told


@pytest.mark.parametrize(
    ("before", "now", "is_share", "words"),
    [
        (1.0, 0.96, False, "falling 4 % per epoch"),
        (1.0, 1.012, False, "rising 1.2 % per epoch"),
        (1.0, 0.997, False, "steady"),
        (0.0, 1.0, False, "steady"),
        (90.0, 90.4, True, "rising 0.4 points per epoch"),
        (98.0, 98.04, True, "steady"),
        (50.0, 42.0, True, "falling 8 points per epoch"),
    ],
)
def test_a_trend_is_a_word_and_an_amount(
    before: float, now: float, is_share: bool, words: str
) -> None:
    assert trend(before, now, is_share=is_share) == words
