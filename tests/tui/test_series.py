from __future__ import annotations

import math
import random

import pytest

from tui.series import nice_limits, reduce_points


def test_at_most_two_points_per_column_are_kept_and_spikes_are_among_them() -> None:
    x = [step / 1000 for step in range(100_000)]
    y: list[float | None] = [math.sin(value) for value in x]
    y[12_345], y[77_777] = 50.0, -50.0
    points = reduce_points(x, y, 100.0, 60)
    assert len(points) <= 120
    assert max(points.y) == 50.0
    assert min(points.y) == -50.0
    assert list(points.x) == sorted(points.x)


def test_a_short_series_is_left_as_it_is() -> None:
    points = reduce_points([0.0, 1.0], [2.0, 3.0], 10.0, 60)
    assert (points.x, points.y) == ((0.0, 1.0), (2.0, 3.0))


def test_absent_values_and_those_that_are_not_finite_are_left_out() -> None:
    points = reduce_points([1.0, 2.0, 3.0, 4.0], [None, math.nan, math.inf, 7.0], 10.0, 60)
    assert (points.x, points.y) == ((4.0,), (7.0,))
    assert len(reduce_points([], [], 10.0, 60)) == 0


def test_appending_a_point_moves_only_its_own_column() -> None:
    source = random.Random(0)
    x = [step / 100 for step in range(5_000)]
    y: list[float | None] = [source.random() for _ in x]
    before = reduce_points(x, y, 100.0, 50)
    after = reduce_points([*x, 50.01], [*y, 9.0], 100.0, 50)
    assert before.x == after.x[: len(before)]


@pytest.mark.parametrize(
    "values",
    [[0.03, 2.4], [0.971, 0.988], [0.5], [0.0, 0.0], [1e12, 3e12], [1e-9, 2e-9], [-3.0, 4.0]],
)
def test_nice_limits_hold_all_values_and_are_apart(values: list[float]) -> None:
    lower, upper = nice_limits(values)
    assert lower <= min(values) <= max(values) <= upper
    assert lower < upper


def test_limits_stay_where_a_value_moves_a_little() -> None:
    assert nice_limits([0.03, 2.4], 0.0) == nice_limits([0.05, 2.3], 0.0) == (0.0, 2.5)


def test_limits_keep_to_floor_and_ceiling() -> None:
    assert nice_limits([97.1, 99.9], 0.0, 100.0)[1] == 100.0
    assert nice_limits([100.0], 0.0, 100.0)[1] == 100.0
    assert nice_limits([], 0.0, 100.0) == (0.0, 100.0)
