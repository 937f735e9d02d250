"""Reading cursor of a chart: its position on the x axis, and the values of every curve there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.tui.charts.series import last_until

if TYPE_CHECKING:
    from mnist_tui.tui.charts.chart_model import Chart, Curve
    from mnist_tui.tui.charts.chart_painter import PaintedChart


@dataclass(frozen=True)
class Reading:
    """The newest values up to a position, and the point of the training it stands for."""

    epoch: float
    step: int
    seconds: float
    """The position on an axis of time; meaningless on the others."""
    learning_rate: float | None
    values: tuple[float | None, ...]
    """Value of each curve; None before it begins, and in an overlay after it has ended."""
    event: str = ""


def read_at(chart: Chart, position: float, reach: float) -> Reading | None:
    """Return the reading at a position, None if no curve has a value up to there.

    Args:
        chart: The chart to read.
        position: Position on the x axis.
        reach: Distance behind the position that still counts as at it.
    """
    indices = [(curve, last_until(curve.source.x, position + reach)) for curve in chart.curves]
    begun = [(curve, index) for curve, index in indices if index is not None]
    if not begun:
        return None
    leader, index = max(begun, key=lambda pair: (pair[0].role != "test", pair[0].source.x[pair[1]]))
    train = next((pair for pair in begun if pair[0].role == "train"), None)
    is_epoch = chart.is_overlay and chart.x_axis.unit == "epoch"
    is_step = chart.is_overlay and chart.x_axis.unit == "batch"
    return Reading(
        position if is_epoch else float(leader.source.epoch[index]),
        round(position) if is_step else int(leader.source.step[index]),
        position,
        float(train[0].source.learning_rate[train[1]]) if train else None,
        tuple(
            None
            if index is None or (chart.is_overlay and position > _end(curve, reach))
            else float(curve.source.y[index])
            for curve, index in indices
        ),
        _events(chart, position, reach),
    )


def moved(picture: PaintedChart, position: float | None, columns: int) -> float | None:
    """Return the position `columns` to the right of another, within the data.

    Args:
        picture: The chart to read.
        position: The cursor on the x axis; None while it is hidden, to show it at the end.
        columns: Columns to the right, negative to the left.

    Returns:
        None if the chart has no curve.
    """
    if not picture.chart.curves:
        return None
    first, last = _ends(picture.chart)
    if position is None:
        return last
    column = picture.column_of(position) + columns
    if column >= picture.column_of(last):
        return last
    return max(first, picture.position_of(column))


def carried(position: float, before: Chart, after: Chart) -> float | None:
    """Return the position on one chart that matches a position on another of the same sessions.

    If the x axes differ in their unit, both stand for the same batch.

    Returns:
        None if the chart has no curve.
    """
    if not after.curves:
        return None
    if before.x_axis.unit != after.x_axis.unit and before.curves:
        guide = max(before.curves, key=lambda curve: len(curve.source.x))
        same = [curve.source for curve in after.curves if curve.role == guide.role]
        if same:
            step = np.interp(position, guide.source.x, guide.source.step)
            position = float(np.interp(step, same[0].step, same[0].x))
    first, last = _ends(after)
    return min(last, max(first, position))


def _ends(chart: Chart) -> tuple[float, float]:
    """Return the positions of the first and the last value."""
    sources = [curve.source.x for curve in chart.curves]
    return min(float(x[0]) for x in sources), max(float(x[-1]) for x in sources)


def _events(chart: Chart, position: float, reach: float) -> str:
    """Return the events in the column of a position."""
    near = [event.text for place, event in chart.events if abs(place - position) <= 2 * reach]
    return ", ".join(dict.fromkeys(near))


def _end(curve: Curve, reach: float) -> float:
    """Return the last position that a curve is read at: a validation holds until the next."""
    x = curve.source.x
    return float(x[-1] + max(reach, (x[-1] - x[0]) / max(1, len(x) - 1)))
