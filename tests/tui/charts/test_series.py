from __future__ import annotations

import math
import random

import numpy as np
import pytest

from mnist_tui.tui.charts.chart_model import Points
from mnist_tui.tui.charts.series import (
    last_until,
    reduce_points,
    smooth,
    spaced_points,
)


def test_at_most_two_points_per_column_are_kept_and_spikes_are_among_them() -> None:
    x = [step / 1000 for step in range(100_000)]
    y = [math.sin(value) for value in x]
    y[12_345], y[77_777] = 50.0, -50.0
    points = reduce_points(x, y, 100.0, 60)
    assert len(points) <= 120
    assert max(points.y) == 50.0
    assert min(points.y) == -50.0
    assert list(points.x) == sorted(points.x)


def test_a_short_series_is_left_as_it_is() -> None:
    points = reduce_points([0.0, 1.0], [2.0, 3.0], 10.0, 60)
    assert (points.x, points.y) == ((0.0, 1.0), (2.0, 3.0))


def test_values_that_are_not_finite_are_left_out() -> None:
    points = reduce_points([1.0, 2.0, 3.0, 4.0], [math.nan, math.nan, math.inf, 7.0], 10.0, 60)
    assert (points.x, points.y) == ((4.0,), (7.0,))
    assert len(reduce_points([], [], 10.0, 60)) == 0


def test_appending_a_point_moves_only_its_own_column() -> None:
    source = random.Random(0)
    x = [step / 100 for step in range(5_000)]
    y = [source.random() for _ in x]
    before = reduce_points(x, y, 100.0, 50)
    after = reduce_points([*x, 50.01], [*y, 9.0], 100.0, 50)
    assert before.x == after.x[: len(before)]


def test_rows_beyond_the_end_of_the_axis_count_to_its_last_column() -> None:
    points = reduce_points(np.arange(1_000) / 10, np.arange(1_000), 50.0, 10)
    assert points.y[-1] == 999.0
    assert len(points) <= 20


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        (0.0, [1.0, 2.0, 4.0]),
        # 0.5·1 / 0.5; (0.25·1 + 0.5·2) / 0.75; (0.125·1 + 0.25·2 + 0.5·4) / 0.875
        (0.5, [1.0, 1.25 / 0.75, 2.625 / 0.875]),
        # The first two are 1 and (0.09·1 + 0.1·2) / 0.19.
        (0.9, [1.0, 0.29 / 0.19, (0.081 + 0.18 + 0.4) / 0.271]),
    ],
)
def test_smoothing_is_a_moving_average_without_bias_at_the_start(
    weight: float, expected: list[float]
) -> None:
    assert smooth(np.array([1.0, 2.0, 4.0]), weight) == pytest.approx(expected)


@pytest.mark.parametrize("weight", [0.5, 0.9, 0.99])
def test_smoothing_in_blocks_is_smoothing_step_by_step(weight: float) -> None:
    values = np.random.default_rng(0).normal(size=5_000)
    average, expected = 0.0, []
    for step, value in enumerate(values.tolist(), start=1):
        average = weight * average + (1 - weight) * value
        expected.append(average / (1 - weight**step))
    assert smooth(values, weight) == pytest.approx(np.array(expected), abs=1e-12)


def test_a_constant_stays_what_it_is_however_much_it_is_smoothed() -> None:
    assert smooth(np.full(3_000, 7.0), 0.99) == pytest.approx(np.full(3_000, 7.0))


def test_dots_stand_apart_and_the_last_value_has_one() -> None:
    points = Points(tuple(float(x) for x in range(101)), tuple(range(101)))
    dots = spaced_points(points, 100.0, 100)
    gaps = np.diff(dots.x)
    assert dots.x[0] == 0.0
    assert dots.x[-1] == 100.0
    assert gaps.min() >= 3
    assert spaced_points(Points(), 100.0, 100) == Points()


def test_marks_of_curves_over_each_other_stand_in_different_columns() -> None:
    points = Points(tuple(float(x) for x in range(101)), tuple(range(101)))
    marked = [set(spaced_points(points, 100.0, 100, phase=slot).x[:-1]) for slot in range(1, 11)]
    assert all(marks for marks in marked)
    assert sum(map(len, marked)) == len(set.union(*marked))


@pytest.mark.parametrize(
    ("position", "index"), [(-1.0, None), (0.0, 0), (0.9, 0), (1.0, 1), (5.0, 2)]
)
def test_the_last_row_up_to_a_position_is_found(position: float, index: int | None) -> None:
    assert last_until(np.array([0.0, 1.0, 2.0]), position) == index


def test_of_no_rows_none_is_found() -> None:
    assert last_until(np.array([]), 1.0) is None
