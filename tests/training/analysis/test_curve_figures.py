"""Figures of a curve against numbers worked out by hand."""

from __future__ import annotations

import pytest

from mnist_tui.training.analysis import curve_figures
from tests.training.comparisons import NAN, columns


def test_the_last_value_is_the_newest_that_is_a_number() -> None:
    point = curve_figures.last(columns([1, 2, 3], [0.5, 0.4, NAN]), "loss")
    assert point == (0.4, 2.0, 1010.0)
    assert curve_figures.last(columns([1], [NAN]), "loss") is None
    assert curve_figures.last(columns(), "loss") is None


def test_the_best_loss_is_the_least_and_the_best_accuracy_the_greatest() -> None:
    points = columns([1, 2, 3], [0.5, 0.2, 0.4], [0.8, 0.9, 0.7])
    assert curve_figures.best(points, "loss") == (0.2, 2.0, 1010.0)
    assert curve_figures.best(points, "accuracy") == (0.9, 2.0, 1010.0)


def test_of_equal_bests_the_first_counts_and_absent_values_do_not() -> None:
    points = columns([1, 2, 3, 4], [NAN, 0.2, 0.2, 0.3], [NAN, 0.9, 0.9, 0.8])
    for best in (curve_figures.best(points, "loss"), curve_figures.best(points, "accuracy")):
        assert best is not None
        assert best.epoch == 2.0
    assert curve_figures.best(columns([1], [NAN]), "loss") is None


def test_convergence_is_the_first_point_that_reaches_the_accuracy_exactly_or_more() -> None:
    points = columns([1, 2, 3, 4], accuracy=[0.90, 0.98, 0.97, 0.99])
    reached = curve_figures.first_reaching(points, 0.98)
    assert reached == (0.98, 2.0, 1010.0)
    assert curve_figures.first_reaching(points, 0.995) is None
    assert curve_figures.first_reaching(columns([1], accuracy=[NAN]), 0.1) is None


def test_the_loss_falls_by_the_mean_and_by_the_geometric_mean_per_epoch() -> None:
    # From 1.6 to 0.1 in 4 epochs: (1.6 − 0.1) / 4, and each epoch halves it.
    fall = curve_figures.loss_fall(columns([1, 2, 3, 4, 5], [1.6, 0.9, 0.3, 0.2, 0.1]))
    assert fall.per_epoch == pytest.approx(0.375)
    assert fall.rate == pytest.approx(0.5)


def test_a_rising_loss_falls_by_less_than_nothing() -> None:
    fall = curve_figures.loss_fall(columns([1, 2], [0.5, 1.0]))
    assert fall == (-0.5, -1.0)


def test_one_epoch_tells_no_fall_and_a_loss_of_zero_no_rate() -> None:
    assert curve_figures.loss_fall(columns([1], [0.5])) == (None, None)
    assert curve_figures.loss_fall(columns()) == (None, None)
    assert curve_figures.loss_fall(columns([1, 2], [0.0, 0.5])) == (-0.5, None)
    assert curve_figures.loss_fall(columns([1, 2], [0.5, 0.0])) == (0.5, 1.0)


def test_epochs_that_are_missing_in_between_count() -> None:
    assert curve_figures.loss_fall(columns([1, 3], [0.8, 0.2])).rate == pytest.approx(0.5)


def test_the_spread_is_the_sample_deviation_of_the_last_five() -> None:
    # 2, 4, 4, 4, 6: mean 4, squares 4 + 0 + 0 + 0 + 4 = 8, by 4 = 2
    points = columns([1, 2, 3, 4, 5, 6], [100.0, 2.0, 4.0, 4.0, 4.0, 6.0])
    assert curve_figures.spread(points, "loss") == pytest.approx(2**0.5)
    assert curve_figures.spread(columns([1, 2], [1.0, 3.0]), "loss") == pytest.approx(2**0.5)
    assert curve_figures.spread(columns([1, 2], [1.0, NAN]), "loss") is None
    assert curve_figures.spread(columns([1], [1.0]), "loss") is None


def test_the_gap_is_told_at_the_newest_epoch_that_has_both() -> None:
    train = columns([1, 2, 3], accuracy=[0.80, 0.95, 0.99])
    assert curve_figures.gap(train, columns([1, 2], accuracy=[0.85, 0.90])) == pytest.approx(0.05)
    assert curve_figures.gap(train, columns([1, 2], accuracy=[0.85, NAN])) == pytest.approx(-0.05)
    assert curve_figures.gap(train, columns()) is None
    assert curve_figures.gap(columns(), train) is None


def test_batches_per_second_leave_validation_and_pauses_out() -> None:
    # Pairs within an epoch: 4 batches in 2 s, 3 in 1 s, 4 in 40 s with a pause, 3 in 1 s.
    rows = columns([0.3, 0.7, 1.0, 1.3, 1.7, 2.0], time=[0.0, 2.0, 3.0, 103.0, 143.0, 144.0])
    # 2, 3, 0.1 and 3 per second; the median is 2.5.
    assert curve_figures.batches_per_s(rows) == pytest.approx(2.5)


def test_one_row_per_epoch_tells_no_speed() -> None:
    assert curve_figures.batches_per_s(columns([1, 2, 3])) is None
    assert curve_figures.batches_per_s(columns()) is None
    assert curve_figures.batches_per_s(columns([0.5, 0.9], time=[7.0, 7.0])) is None
