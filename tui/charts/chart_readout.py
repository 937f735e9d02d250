"""What a chart says at one position of its x axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_tui.tui.charts.series import last_until

if TYPE_CHECKING:
    from mnist_tui.tui.charts.chart_model import Chart, Curve


@dataclass(frozen=True)
class Reading:
    """The newest values up to a position, and where in the training that is."""

    epoch: float
    step: int
    seconds: float
    """Where on an axis of time the position is; of no meaning on others."""
    learning_rate: float | None
    values: tuple[float | None, ...]
    """Of each curve; None before it begins, and of one among others after it has ended."""
    event: str = ""


def read_at(chart: Chart, position: float, reach: float) -> Reading | None:
    """Return the reading at a position, None where there is no value up to there.

    Args:
        chart: What is read.
        position: On the x axis.
        reach: What lies so close behind the position is still at it.
    """
    found = [(curve, last_until(curve.source.x, position + reach)) for curve in chart.curves]
    known = [(curve, index) for curve, index in found if index is not None]
    if not known:
        return None
    leader, index = max(known, key=lambda pair: (pair[0].role != "test", pair[0].source.x[pair[1]]))
    train = next((pair for pair in known if pair[0].role == "train"), None)
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
            for curve, index in found
        ),
        _events(chart, position, reach),
    )


def _events(chart: Chart, position: float, reach: float) -> str:
    """Return what happened in the column of a position."""
    near = [event.text for place, event in chart.events if abs(place - position) <= 2 * reach]
    return ", ".join(dict.fromkeys(near))


def _end(curve: Curve, reach: float) -> float:
    """Return up to where a curve is read: a validation holds until the next one is due."""
    x = curve.source.x
    return float(x[-1] + max(reach, (x[-1] - x[0]) / max(1, len(x) - 1)))
