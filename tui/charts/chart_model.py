"""Data model of charts: the metrics, the view that the user has set, curves and events.

Free of numpy: the remembered view is read before the first frame, and numpy costs 120 ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from mnist_tui.tui.text import formatting

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from mnist_tui.storage.metrics.metric_columns import Columns
    from mnist_tui.tui.charts.axes import XAxis, YAxis
    from mnist_tui.tui.charts.chart_events import ChartEvent

XUnit = Literal["epoch", "batch", "time"]
X_UNITS: tuple[XUnit, ...] = ("epoch", "batch", "time")

SMOOTHING_STEPS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99)
"""Weights of the moving average that the keys step through; 0 turns smoothing off."""


class ChartView(Struct, frozen=True, kw_only=True):
    """The settings that all charts share, remembered between two starts of the screen."""

    smoothing: Annotated[float, Meta(ge=0, le=SMOOTHING_STEPS[-1])] = 0.0
    """Weight of the past in the exponential moving average, 0..0.99."""
    is_log: bool = False
    """True for a logarithmic y axis of the loss."""
    x_unit: XUnit = "epoch"
    split: Literal["val", "train"] = "val"
    """The split that is drawn of each session in an overlay of several."""


class ChartedMetric(NamedTuple):
    """A metric that has a chart."""

    name: str
    unit: str
    values: Callable[[Columns], NDArray[np.float64]]
    """Reads the values, in `unit`, from the metric rows of one split."""
    show: Callable[[float], str]
    """Formats a value."""
    best: Callable[[NDArray[np.float64]], np.intp]
    """Returns the index of the best value."""
    ceiling: float | None = None


LOSS = ChartedMetric(
    "loss", "", lambda columns: columns.loss, formatting.loss, lambda values: values.argmin()
)
ACCURACY = ChartedMetric(
    "accuracy",
    "%",
    lambda columns: 100 * columns.accuracy,
    lambda value: formatting.percent(value / 100),
    lambda values: values.argmax(),
    ceiling=100.0,
)
METRICS = (LOSS, ACCURACY)


@dataclass(frozen=True)
class Points:
    """A series to draw: x rising, x and y finite and of equal length."""

    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()

    def __len__(self) -> int:
        return len(self.x)


NO_POINTS = Points()


@dataclass(frozen=True)
class Source:
    """All values behind a curve: arrays of equal length by rising x, every value finite."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    """As measured, in the unit of the y axis."""
    epoch: NDArray[np.float64]
    step: NDArray[np.int64]
    learning_rate: NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """One curve, reduced to the width it is drawn in."""

    role: str
    """Sets its colour: train, val, test, or slot-0 to slot-9."""
    label: str
    """Its name in the legend."""
    marker: str
    source: Source
    line: Points = NO_POINTS
    """The line, smoothed if the view says so."""
    raw: Points = NO_POINTS
    """The values before smoothing, drawn faintly behind the line."""
    dots: Points = NO_POINTS
    """The points at which the marker is drawn."""


@dataclass(frozen=True)
class Chart:
    """One metric of one session, or of several sessions in an overlay."""

    name: str
    """loss or accuracy."""
    show: Callable[[float], str]
    """Formats a value."""
    x_axis: XAxis
    y_axis: YAxis
    curves: tuple[Curve, ...] = ()
    best: tuple[float, float, float] | None = None
    """Position, value and epoch of the best validation."""
    events: tuple[tuple[float, ChartEvent], ...] = ()
    """Events with their positions on the x axis, rising."""
    above: tuple[tuple[float, str], ...] = ()
    """Position and role of each value above the upper end of the y axis."""
    greatest_above: float | None = None
    """The greatest of those values."""
    notes: tuple[str, ...] = ()
    """Changes that the drawing makes to the values, such as a logarithmic scale."""
    is_overlay: bool = False
