from __future__ import annotations

import itertools

import pytest

from mnist_tui.tui.charts.axes import (
    XAxis,
    YAxis,
    column_at,
    whole_ticks,
)
from mnist_tui.tui.charts.axis_limits import (
    doubled_capacity,
    kept_limits,
    log_limits,
    nice_limits,
    time_capacity,
)


@pytest.mark.parametrize(
    "values",
    [[0.03, 2.4], [0.971, 0.988], [0.5], [0.0, 0.0], [1e12, 3e12], [1e-8, 2e-8], [-3.0, 4.0],
     [1e-300, 1e-200], [50.0, 50.0 + 1e-14]],
)  # fmt: skip
def test_nice_limits_hold_all_values_and_are_apart(values: list[float]) -> None:
    lower, upper = nice_limits(values)
    assert lower <= min(values) <= max(values) <= upper + 1e-9
    assert lower < upper


def test_limits_stay_where_a_value_moves_a_little() -> None:
    assert nice_limits([0.03, 2.4], 0.0) == nice_limits([0.05, 2.3], 0.0) == (0.0, 2.5)


def test_limits_keep_to_floor_and_ceiling() -> None:
    assert nice_limits([97.1, 99.9], 0.0, 100.0)[1] == 100.0
    assert nice_limits([100.0], 0.0, 100.0)[1] == 100.0
    assert nice_limits([], 0.0, 100.0) == (0.0, 100.0)


def test_limits_are_kept_while_the_values_fit_and_use_them() -> None:
    known = (0.0, 2.5)
    assert kept_limits(None, (0.0, 1.0)) == (0.0, 1.0)
    assert kept_limits(known, (0.0, 2.0)) == known
    assert kept_limits(known, (0.0, 1.0)) == known
    assert kept_limits(known, (0.0, 0.5)) == (0.0, 0.5)
    assert kept_limits(known, (0.0, 5.0)) == (0.0, 5.0)


def test_on_a_logarithmic_scale_the_room_is_measured_in_powers_of_ten() -> None:
    known = (0.01, 10.0)
    assert kept_limits(known, (0.01, 0.2), is_log=True) == known
    assert kept_limits(known, (0.01, 0.1), is_log=True) == (0.01, 0.1)


@pytest.mark.parametrize(
    ("values", "limits"),
    [
        ([0.03, 2.3], (0.02, 5.0)),
        ([0.1, 0.1], (0.1, 1.0)),
        ([0.0, -1.0], (0.01, 1.0)),
        ([1e-20, 1e30], (1e-12, 5e12)),
    ],
)
def test_logarithmic_limits_are_1_2_or_5_times_a_power_of_ten(
    values: list[float], limits: tuple[float, float]
) -> None:
    assert log_limits(values) == pytest.approx(limits)


def labels_of(axis: XAxis | YAxis, size: int) -> list[str]:
    return [label for _, label in axis.ticks(size)]


@pytest.mark.parametrize(
    ("axis", "width", "labels"),
    [
        (XAxis("epoch", 10.0), 60, ["0", "2", "4", "6", "8", "10 epochs"]),
        (XAxis("epoch", 10.0), 53, ["0", "2", "4", "6", "", "10 epochs"]),
        (XAxis("epoch", 1.0), 50, ["0", "1 epoch"]),
        (XAxis("batch", 4_300.0), 60, ["0", "1k", "2k", "3k", "4k batches"]),
        (XAxis("batch", 3_000_000.0), 45, ["0", "1M", "2M", "3M batches"]),
        (XAxis("time", 60.0), 50, ["0", "15s", "30s", "", "1m training"]),
        (XAxis("time", 7_200.0), 60, ["0", "30m", "1h", "1h30", "2h training"]),
        (XAxis("time", 4 * 86_400.0), 60, ["0", "1d", "2d", "3d", "4d training"]),
    ],
)
def test_the_last_tick_of_the_x_axis_names_the_unit(
    axis: XAxis, width: int, labels: list[str]
) -> None:
    assert labels_of(axis, width) == labels


@pytest.mark.parametrize(
    ("axis", "height", "labels"),
    [
        (YAxis(0.0, 0.5), 4, ["0.00", "0.25", "0.50"]),
        (YAxis(0.0, 2.5), 5, ["0.0", "2.5"]),
        (YAxis(0.0, 2.5), 20, ["0.00", "0.25", "0.50", "0.75", "1.00", "1.25", "1.50", "1.75",
                               "2.00", "2.25", "2.50"]),
        (YAxis(85.0, 100.0, "%"), 8, ["85%", "90%", "95%", "100%"]),
        (YAxis(98.5, 99.0, "%"), 4, ["98.50%", "98.75%", "99.00%"]),
        (YAxis(0.0, 200_000.0), 4, ["0", "1e5", "2e5"]),
        (YAxis(0.5, 2.5), 4, ["0.5", "1.5", "2.5"]),
        (YAxis(15_000.0, 20_000.0), 5, ["1.50e4", "1.75e4", "2.00e4"]),
        (YAxis(0.00375, 0.0039), 9, [".00375", "0.0039"]),
        (YAxis(0.01, 10.0, is_log=True), 8, ["0.01", "0.1", "1", "10"]),
    ],
)  # fmt: skip
def test_y_labels_are_round_and_carry_their_unit(
    axis: YAxis, height: int, labels: list[str]
) -> None:
    assert labels_of(axis, height) == labels
    assert max(map(len, labels)) <= 6


@pytest.mark.parametrize("unit", ["", "%"])
def test_y_labels_are_exact_in_charts_of_any_height(unit: str) -> None:
    ceiling = 100.0 if unit else None
    tops = (0.31, 2.4, 9.7, 64.0, 98.6) if unit else (5e-5, 0.31, 2.4, 730.0, 6.2e7)
    for top, share, height in itertools.product(tops, (0.0, 0.2, 0.5, 0.8), range(2, 38)):
        axis = YAxis(*nice_limits([share * top, top], 0.0, ceiling), unit)
        labels = labels_of(axis, height)
        assert len(set(labels)) == len(labels), (axis, height)
        assert max(map(len, labels)) <= 6
        said = [float(label.removesuffix("%")) for label in labels]
        assert said == pytest.approx([place for place, _ in axis.ticks(height)]), (axis, height)


def test_the_axis_of_time_doubles_when_it_is_full() -> None:
    assert time_capacity(0.0) == time_capacity(15.0) == 15.0
    assert time_capacity(16.0) == 30.0
    assert time_capacity(3_601.0) == 7_200.0
    assert time_capacity(100_000.0) == 172_800.0


def test_the_axis_of_a_long_plan_doubles_when_it_is_full() -> None:
    assert [doubled_capacity(count, 100) for count in (0, 100, 101, 900)] == [100, 100, 200, 1600]


@pytest.mark.parametrize(("end", "ticks"), [(1, [0, 1]), (5, [0, 1, 2, 3, 4, 5]),
                                            (100, [0, 20, 40, 60, 80, 100])])  # fmt: skip
def test_ticks_are_whole_numbers(end: float, ticks: list[int]) -> None:
    assert whole_ticks(end, 5) == ticks


def test_positions_have_columns_from_the_first_to_the_last() -> None:
    assert [column_at(x, 10.0, 101) for x in (0.0, 5.0, 10.0, 99.0, -1.0)] == [0, 50, 100, 100, 0]
