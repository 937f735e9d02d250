"""Charts drawn by plotext; the only module that imports it.

Import this module late: plotext costs 40 ms or more and no first frame needs it.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

# The figures of plotext's public functions are one global figure; this class makes separate ones.
from plotext._figure import _figure_class

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.series import Points

ChartLine = tuple[tuple[str, str], ...]
"""One row of a chart: runs of (text, role); roles are `axis` and the splits."""

Y_LABEL_WIDTH = 6
SPACING = 3
"""Columns per dot: closer together they would hide the line."""

_COLORS = {"train": "cyan", "val": "orange", "test": "green"}
_ROLES = {color: role for role, color in _COLORS.items()}
_POINT_MARKERS = {"val": "•", "test": "◆"}


class Axes(NamedTuple):
    """The ranges of a chart."""

    x_max: float
    y_limits: tuple[float, float]


def draw(
    curves: dict[str, Points],
    axes: Axes,
    width: int,
    height: int,
    y_label: Callable[[float], str],
) -> list[ChartLine]:
    """Return the rows of a chart, `height` of `width` characters each.

    Args:
        curves: Points by split; train is a line, val a line with a dot at each value, test a dot.
        axes: The ranges shown; x begins at 0.
        width: Characters per row.
        height: Rows, axis and tick labels included.
        y_label: How a value on the y axis is written, in at most six characters.
    """
    figure = _figure_class()
    figure._limit_size(False, False)
    figure.plot_size(width, height)
    figure.theme("clear")
    figure.xaxes(True, False)
    figure.yaxes(True, False)
    _add_curves(figure, curves, axes, width)
    figure.xlim(0, axes.x_max)
    figure.ylim(*axes.y_limits)
    x_ticks = whole_ticks(axes.x_max, max(1, width // 7))
    figure.xticks(x_ticks, [f"{tick:g}" for tick in x_ticks])
    y_ticks = _even_ticks(axes.y_limits, 3 if height >= 7 else 2)
    figure.yticks(y_ticks, [y_label(tick).rjust(Y_LABEL_WIDTH) for tick in y_ticks])
    figure.build()
    matrix = figure.monitor.matrix
    rows = zip(matrix.marker, matrix.fullground, strict=True)
    return [_line(markers, colors) for markers, colors in rows][::-1]


def whole_ticks(x_max: float, max_count: int) -> list[int]:
    """Return at most `max_count + 1` whole numbers from 0 up to `x_max`, evenly spaced."""
    for power in itertools.count():
        for factor in (1, 2, 5):
            step = factor * 10**power
            if x_max / step <= max_count:
                return list(range(0, int(x_max) + 1, step))
    raise AssertionError


def _even_ticks(limits: tuple[float, float], count: int) -> list[float]:
    lower, upper = limits
    return [lower + (upper - lower) * index / (count - 1) for index in range(count)]


def _add_curves(
    figure: _figure_class, curves: dict[str, Points], axes: Axes, num_columns: int
) -> None:
    # Without any point plotext leaves the axes away.
    figure.scatter([0], [axes.y_limits[0]], marker=" ")
    for split, points in curves.items():
        if not len(points):
            continue
        x, y = list(points.x), list(points.y)
        if split != "test" and len(points) > 1:
            figure.plot(x, y, marker="braille", color=_COLORS[split])
        if split in _POINT_MARKERS and len(points) <= num_columns / SPACING:
            figure.scatter(x, y, marker=_POINT_MARKERS[split], color=_COLORS[split])
        elif len(points) == 1:
            figure.scatter(x, y, marker="braille", color=_COLORS[split])


def _line(markers: Sequence[str], colors: Sequence[object]) -> ChartLine:
    cells = zip(markers, colors, strict=True)
    runs = itertools.groupby(cells, key=lambda cell: _ROLES.get(str(cell[1]), "axis"))
    return tuple(("".join(marker for marker, _ in run), role) for role, run in runs)
