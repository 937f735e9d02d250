"""Charts made from the metric columns of sessions, reduced to the width they are drawn in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mnist_tui.storage.metrics.metric_records import SPLITS
from mnist_tui.tui.charts.axis_limits import y_axis_of
from mnist_tui.tui.charts.chart_marks import CURVE_MARKERS, SLOT_MARKERS
from mnist_tui.tui.charts.chart_model import LOSS, NO_POINTS, Chart, Curve, Source
from mnist_tui.tui.charts.series import reduce_points, smooth, spaced_points
from mnist_tui.tui.charts.session_curves import placed_events, positions, x_axis_of
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.tui.charts.axes import XAxis
    from mnist_tui.tui.charts.chart_model import ChartedMetric, ChartView
    from mnist_tui.tui.charts.session_curves import SessionCurves

MAX_POINTS = 2_400
"""Limit for all curves of one chart: the cost of drawing grows with it."""
MAX_RAW = 3
"""Curves up to which the raw values are drawn behind smoothed ones; more would be a tangle."""
MAX_NAME = 24


class PlotArea(NamedTuple):
    """The plot that a chart is made for."""

    columns: int
    """Width in characters."""
    limits: tuple[float, float] | None = None
    """Limits of the y axis in the picture before, None for the first."""


def session_chart(
    metric: ChartedMetric, session: SessionCurves, view: ChartView, area: PlotArea
) -> Chart:
    """Return the chart of one session: all splits, the best validation and the events."""
    x_axis = x_axis_of([session], view.x_unit)
    curves = [
        _curve(metric, session, split, view, x_axis, area.columns, share=3) for split in SPLITS
    ]
    chart = _chart(metric, [curve for curve in curves if curve], view, x_axis, area)
    events = placed_events(session, view.x_unit)
    return replace(chart, best=_best(metric, chart.curves), events=tuple(events))


def overlay_chart(
    metric: ChartedMetric,
    sessions: Sequence[SessionCurves],
    slots: Mapping[int, int],
    view: ChartView,
    area: PlotArea,
) -> Chart:
    """Return a chart with one curve per session: of the split in view, else of training."""
    x_axis = x_axis_of(sessions, view.x_unit)
    curves = []
    for session in sessions:
        splits = (view.split, "train", "val")
        split = next((name for name in splits if len(session.splits[name])), "train")
        curve = _curve(metric, session, split, view, x_axis, area.columns, share=len(sessions))
        if curve is None:
            continue
        slot = slots[session.record.id] % len(SLOT_MARKERS)
        name = printable(session.record.name, MAX_NAME)
        other = f" ({split})" if split != view.split else ""
        dots = spaced_points(curve.line, x_axis.end, area.columns, phase=1 + slot)
        curves.append(
            replace(
                curve,
                role=f"slot-{slot}",
                label=f"#{session.record.id} {name}{other}",
                marker=SLOT_MARKERS[slot],
                dots=dots,
                raw=curve.raw if len(sessions) <= MAX_RAW else NO_POINTS,
            )
        )
    chart = _chart(metric, curves, view, x_axis, area)
    word = "validation" if view.split == "val" else "training"
    return replace(chart, is_overlay=True, notes=(word, *chart.notes))


def _chart(
    metric: ChartedMetric, curves: Sequence[Curve], view: ChartView, x_axis: XAxis, area: PlotArea
) -> Chart:
    is_log = view.is_log and metric is LOSS
    y_axis, points_above = y_axis_of(metric, curves, is_log=is_log, previous=area.limits)
    notes = ["log scale"] if is_log else []
    if view.smoothing:
        notes.append(f"smoothed {view.smoothing:g}")
    return Chart(
        metric.name,
        metric.show,
        x_axis,
        y_axis,
        tuple(curves),
        above=tuple((point.x, point.role) for point in points_above),
        greatest_above=max((point.y for point in points_above), default=None),
        notes=tuple(notes),
    )


def _curve(
    metric: ChartedMetric,
    session: SessionCurves,
    split: str,
    view: ChartView,
    x_axis: XAxis,
    num_columns: int,
    *,
    share: int,
) -> Curve | None:
    """Return the curve of one split, None if it has no finite value."""
    columns = session.splits[split]
    x, y = positions(session, columns, view.x_unit), metric.values(columns)
    kept = np.isfinite(x) & np.isfinite(y)
    if not kept.any():
        return None
    if kept.all():
        kept = slice(None)  # type: ignore[assignment]  # nothing is copied
    x, y = x[kept], y[kept]
    source = Source(x, y, columns.epoch[kept], columns.step[kept], columns.learning_rate[kept])
    num_kept = max(20, min(num_columns, MAX_POINTS // (2 * share)))
    raw = reduce_points(x, y, x_axis.end, num_kept)
    curve = Curve(split, split, CURVE_MARKERS[split], source)
    if split == "test":
        return replace(curve, dots=raw)
    line = raw
    if view.smoothing:
        line = reduce_points(x, smooth(y, view.smoothing), x_axis.end, num_kept)
    dots = spaced_points(raw, x_axis.end, num_columns) if split == "val" else NO_POINTS
    return replace(curve, line=line, raw=raw if view.smoothing else NO_POINTS, dots=dots)


def _best(metric: ChartedMetric, curves: Sequence[Curve]) -> tuple[float, float, float] | None:
    """Return position, value and epoch of the best validation, the first if several are equal."""
    for curve in curves:
        if curve.role == "val":
            source = curve.source
            index = int(metric.best(source.y))
            return float(source.x[index]), float(source.y[index]), float(source.epoch[index])
    return None
