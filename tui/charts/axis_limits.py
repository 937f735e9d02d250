"""Limits of the axes: round, stable, and wide enough for every value that is not an outlier.

Limits change rarely, so that a new point changes a few cells and not the whole picture.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mnist_tui.tui.charts.axes import YAxis
from mnist_tui.tui.charts.chart_model import LOSS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.charts.chart_model import ChartedMetric, Curve

LEAST_USE = 0.4
"""Limits are kept while the values take at least this share of them."""
LEAST_SPAN = 1e-9
WARM_UP = 0.05
"""The first share of a curve, which may leave the chart so that the rest keeps its scale."""
CHANCE_LOSS = math.log(10)
"""The loss of a model that gives all ten classes the same probability."""
DIVERGED = 1.5
"""Multiple of the chance loss, or of the first loss, above which a loss may leave the chart."""
SANE_START = 1_000.0
"""A first loss above this is no measure of what is usual."""
SPIKE_SHARE = 0.05
"""Share of the points that may leave the chart if the others would be flat with them."""
FLAT = 0.25
HAIR = 1e-6
"""Share of the axis by which a value must exceed it to count as above."""
_TIMES_S = (15, 30, 60, 120, 300, 600, 1_200, 2_400, 3_600, 7_200, 14_400, 28_800, 57_600, 86_400)
_DAY_S = 86_400.0


class _DrawnPoint(NamedTuple):
    """One point that is drawn, with the role of its curve."""

    x: float
    y: float
    role: str


def y_axis_of(
    metric: ChartedMetric,
    curves: Sequence[Curve],
    *,
    is_log: bool,
    previous: tuple[float, float] | None,
) -> tuple[YAxis, list[_DrawnPoint]]:
    """Return the y axis, and the points above it that follow the warm-up.

    Args:
        metric: What is drawn.
        curves: Its curves.
        is_log: True for a logarithmic axis.
        previous: The limits of the picture before, None for the first.
    """
    if is_log:
        values = [y for curve in curves for y in (*curve.line.y, *curve.raw.y, *curve.dots.y)]
        limits = kept_limits(previous, log_limits(values), is_log=True)
        return YAxis(*limits, is_log=True), []
    points = _after_warm_up(curves)
    limit = _outlier_limit(points, curves) if metric is LOSS else math.inf
    inside = [point.y for point in points if point.y <= limit]
    limits = kept_limits(previous, nice_limits(inside, floor=0.0, ceiling=metric.ceiling))
    # Smoothing rounds: an accuracy of 100 % may become a hair more.
    top = limits[1] + HAIR * (limits[1] - limits[0])
    return YAxis(*limits, metric.unit), [point for point in points if point.y > top]


def nice_limits(
    values: Sequence[float], floor: float | None = None, ceiling: float | None = None
) -> tuple[float, float]:
    """Return round limits around `values`.

    Args:
        values: Finite values, all of which must fit.
        floor: The least limit.
        ceiling: The greatest limit.
    """
    if not values:
        return (0.0 if floor is None else floor, 1.0 if ceiling is None else ceiling)
    least, greatest = min(values), max(values)
    span = greatest - least
    # Values that differ by rounding only count as one value.
    size = span if span > 1e-6 * abs(greatest) else abs(greatest)
    step = _nice_step(size if size > LEAST_SPAN else 1.0)
    lower = math.floor(least / step + 1e-9) * step
    upper = math.ceil(greatest / step - 1e-9) * step
    if upper <= lower:
        upper = lower + step
    if floor is not None:
        lower = max(lower, floor)
    if ceiling is not None:
        upper = min(upper, ceiling)
    if upper <= lower:
        lower = upper - step
    return round(lower, 12), round(upper, 12)


def log_limits(values: Sequence[float]) -> tuple[float, float]:
    """Return limits at 1, 2 or 5 times a power of ten around the values above 0."""
    positive = [value for value in values if value > 0]
    if not positive:
        return 0.01, 1.0
    marks = [factor * 10.0**power for power in range(-12, 13) for factor in (1, 2, 5)]
    lower = max((mark for mark in marks if mark <= min(positive)), default=marks[0])
    upper = min((mark for mark in marks if mark >= max(positive)), default=marks[-1])
    return (lower, upper) if upper > lower else (lower, lower * 10)


def kept_limits(
    previous: tuple[float, float] | None, wanted: tuple[float, float], *, is_log: bool = False
) -> tuple[float, float]:
    """Return the previous limits if the wanted ones fit into them and use them well.

    Args:
        previous: The limits of the picture before, None for the first.
        wanted: The limits that `nice_limits` or `log_limits` give now.
        is_log: True if spans are measured in powers of ten.
    """
    if previous is None:
        return wanted
    (lower, upper), (least, greatest) = (
        [math.log10(limit) for limit in limits] if is_log else limits
        for limits in (previous, wanted)
    )
    does_fit = lower <= least and greatest <= upper
    return previous if does_fit and greatest - least >= LEAST_USE * (upper - lower) else wanted


def time_capacity(seconds: float) -> float:
    """Return the end of a time axis that holds `seconds`: about doubled whenever it is full."""
    for capacity in _TIMES_S:
        if seconds <= capacity:
            return float(capacity)
    return doubled_capacity(seconds, _DAY_S)


def doubled_capacity(count: float, least: float) -> float:
    """Return the end of an axis that holds `count`: `least`, doubled as often as needed."""
    capacity = least
    while capacity < count:
        capacity *= 2
    return capacity


def _after_warm_up(curves: Sequence[Curve]) -> list[_DrawnPoint]:
    drawn = [
        _DrawnPoint(x, y, curve.role)
        for curve in curves
        for points in (curve.line, curve.raw, curve.dots)
        for x, y in zip(points.x, points.y, strict=True)
    ]
    reached = max((point.x for point in drawn), default=0.0)
    return [point for point in drawn if point.x >= WARM_UP * reached]


def _outlier_limit(points: Sequence[_DrawnPoint], curves: Sequence[Curve]) -> float:
    """Return the loss above which values leave the chart: diverged ones and rare spikes."""
    starts = [float(curve.source.y[0]) for curve in curves]
    sane_starts = [start for start in starts if start < SANE_START]
    diverged = DIVERGED * max([CHANCE_LOSS, *sane_starts])
    sane = np.array([point.y for point in points if point.y <= diverged])
    if not len(sane):
        return math.inf
    # np.quantile gives the same but loads numpy.ma for it, 20 ms and 1.4 MB.
    usual = float(np.sort(sane)[int((1 - SPIKE_SHARE) * (len(sane) - 1))])
    low = float(sane.min())
    is_flat = usual - low < FLAT * (float(sane.max()) - low)
    return low + 2 * (usual - low) if is_flat and usual > low else diverged


def _nice_step(span: float) -> float:
    """Return 1, 2 or 5 times a power of ten: a fifth to a half of `span`."""
    power = 10.0 ** math.floor(math.log10(span))
    for factor in (0.2, 0.5, 1.0):
        if span / (factor * power) <= 5:
            return factor * power
    return 2 * power
