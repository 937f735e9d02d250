from __future__ import annotations

import math

import pytest

from tui.chart_figure import Axes, ChartLine, draw, whole_ticks
from tui.series import Points

AXES = Axes(10.0, (0.0, 2.5))


def curve(num_points: int) -> Points:
    x = tuple(place / 20 for place in range(num_points))
    return Points(x, tuple(2.3 * math.exp(-value) for value in x))


def lines_of(curves: dict[str, Points], width: int = 55, height: int = 12) -> list[ChartLine]:
    return draw(curves, AXES, width, height, lambda value: f"{value:.2f}")


def text_of(lines: list[ChartLine]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


@pytest.mark.parametrize(("width", "height"), [(30, 4), (39, 9), (55, 12), (110, 30)])
def test_a_chart_has_exactly_the_size_it_is_given(width: int, height: int) -> None:
    for curves in ({}, {"train": curve(50)}, {"test": Points((10.0,), (0.5,))}):
        assert {len(line) for line in text_of(lines_of(curves, width, height))} == {width}
        assert len(lines_of(curves, width, height)) == height


def test_a_new_point_changes_few_lines() -> None:
    before, after = lines_of({"train": curve(60)}), lines_of({"train": curve(61)})
    assert 1 <= sum(one != other for one, other in zip(before, after, strict=True)) <= 3


def test_train_validation_and_test_are_told_apart_without_colour() -> None:
    lines = lines_of(
        {
            "train": curve(60),
            "val": Points((1.0, 2.0), (1.5, 1.4)),
            "test": Points((3.0,), (1.0,)),
        }
    )
    roles = {role: text for line in lines for text, role in line if text.strip()}
    assert set(roles) == {"axis", "train", "val", "test"}
    drawn = "".join(text_of(lines))
    assert drawn.count("•") == 2
    assert drawn.count("◆") == 1


def test_the_axis_spans_the_planned_epochs() -> None:
    assert text_of(lines_of({"train": curve(5)}))[-1].split() == ["0", "2", "4", "6", "8", "10"]


def test_two_charts_do_not_mix() -> None:
    first = lines_of({"train": curve(60)})
    lines_of({"val": Points((5.0,), (2.0,))})
    assert lines_of({"train": curve(60)}) == first


@pytest.mark.parametrize(("x_max", "ticks"), [(1, [0, 1]), (5, [0, 1, 2, 3, 4, 5]),
                                              (100, [0, 20, 40, 60, 80, 100])])  # fmt: skip
def test_ticks_are_whole_epochs(x_max: float, ticks: list[int]) -> None:
    assert whole_ticks(x_max, 5) == ticks
