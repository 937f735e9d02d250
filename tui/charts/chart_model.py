"""What a chart shows, before anybody draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_tui.tui.charts.series import NO_POINTS, Points

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from mnist_tui.tui.charts.axes import XAxis, YAxis
    from mnist_tui.tui.charts.chart_events import ChartEvent


@dataclass(frozen=True)
class Source:
    """All values behind a curve: arrays of equal length by rising x, every value finite."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    """In the units of the y axis, as measured."""
    epoch: NDArray[np.float64]
    step: NDArray[np.int64]
    learning_rate: NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """One curve, reduced to the width it is drawn in."""

    role: str
    """Decides its colour: train, val, test, or slot-0 to slot-9."""
    label: str
    """Its name in the legend."""
    marker: str
    source: Source
    line: Points = NO_POINTS
    """What is drawn as a line; smoothed where that is wished."""
    raw: Points = NO_POINTS
    """The values before smoothing, drawn faintly behind."""
    dots: Points = NO_POINTS
    """Where the marker stands."""


@dataclass(frozen=True)
class Chart:
    """One metric of one session, or of several over each other."""

    name: str
    """loss or accuracy."""
    show: Callable[[float], str]
    """How a value is written."""
    x_axis: XAxis
    y_axis: YAxis
    curves: tuple[Curve, ...] = ()
    best: tuple[float, float, float] | None = None
    """Position, value and epoch of the best validation."""
    events: tuple[tuple[float, ChartEvent], ...] = ()
    """Positions on the x axis, rising, and what happened there."""
    above: tuple[tuple[float, str], ...] = ()
    """Position and role of the values that the y axis does not reach."""
    greatest_above: float | None = None
    """The greatest of them."""
    notes: tuple[str, ...] = ()
    """What the drawing does to the values, such as a logarithmic scale."""
    is_overlay: bool = False
