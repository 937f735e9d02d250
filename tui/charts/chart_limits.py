"""What the y axis of a chart spans: all that matters at its own scale, and what may leave it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mnist_tui.tui.charts.axes import YAxis, kept_limits, log_limits, nice_limits
from mnist_tui.tui.charts.charted_metrics import LOSS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.charts.chart_model import Curve
    from mnist_tui.tui.charts.charted_metrics import ChartedMetric

WARM_UP = 0.05
"""The first share of a curve may leave the chart, so that what follows is seen at its own scale."""
CHANCE_LOSS = math.log(10)
"""The loss of a model that gives all ten classes the same probability."""
DIVERGED = 1.5
"""Times the loss of chance, or of the start, from where on a loss may leave the chart."""
SANE_START = 1_000.0
"""A loss that begins above this says nothing of what is usual."""
SPIKE_SHARE = 0.05
"""Points that may leave the chart when the others would else be flat."""
FLAT = 0.25
HAIR = 1e-6
"""The share of the axis by which a value must be above it to be told so."""


class DrawnRange(NamedTuple):
    """One point that is drawn, and of which curve."""

    x: float
    y: float
    role: str


def y_axis_of(
    metric: ChartedMetric,
    curves: Sequence[Curve],
    *,
    is_log: bool,
    known: tuple[float, float] | None,
) -> tuple[YAxis, list[DrawnRange]]:
    """Return the axis, and the values above it that came after the warm-up."""
    if is_log:
        values = [y for curve in curves for y in (*curve.line.y, *curve.raw.y, *curve.dots.y)]
        limits = kept_limits(known, log_limits(values), is_log=True)
        return YAxis(*limits, is_log=True), []
    settled = _settled(curves)
    limit = _outlier_limit(settled, curves) if metric is LOSS else math.inf
    held = [drawn.y for drawn in settled if drawn.y <= limit]
    limits = kept_limits(known, nice_limits(held, floor=0.0, ceiling=metric.ceiling))
    # Smoothing rounds: an accuracy of 100 % may become a hair more.
    top = limits[1] + HAIR * (limits[1] - limits[0])
    return YAxis(*limits, metric.unit), [drawn for drawn in settled if drawn.y > top]


def _settled(curves: Sequence[Curve]) -> list[DrawnRange]:
    """Return the drawn values after the warm-up."""
    drawn = [
        DrawnRange(x, y, curve.role)
        for curve in curves
        for points in (curve.line, curve.raw, curve.dots)
        for x, y in zip(points.x, points.y, strict=True)
    ]
    reached = max((each.x for each in drawn), default=0.0)
    return [each for each in drawn if each.x >= WARM_UP * reached]


def _outlier_limit(settled: Sequence[DrawnRange], curves: Sequence[Curve]) -> float:
    """Return the loss from which on values leave the chart: diverged ones, and rare spikes."""
    starts = [float(curve.source.y[0]) for curve in curves]
    sane_starts = [start for start in starts if start < SANE_START]
    diverged = DIVERGED * max([CHANCE_LOSS, *sane_starts])
    sane = np.array([each.y for each in settled if each.y <= diverged])
    if not len(sane):
        return math.inf
    # np.quantile would do the same and load numpy.ma, 20 ms and 1.4 MB, for it.
    usual = float(np.sort(sane)[int((1 - SPIKE_SHARE) * (len(sane) - 1))])
    low = float(sane.min())
    is_flat = usual - low < FLAT * (float(sane.max()) - low)
    return low + 2 * (usual - low) if is_flat and usual > low else diverged
