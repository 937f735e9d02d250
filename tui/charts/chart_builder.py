"""From the metric columns of sessions to charts reduced to the width they are drawn in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mnist_tui.storage.metrics.metric_records import SPLITS
from mnist_tui.tui.charts.chart_limits import y_axis_of
from mnist_tui.tui.charts.chart_marks import CURVE_MARKERS, SLOT_MARKERS
from mnist_tui.tui.charts.chart_model import Chart, Curve, Source
from mnist_tui.tui.charts.charted_metrics import LOSS
from mnist_tui.tui.charts.series import NO_POINTS, reduce_points, smooth, spaced_points
from mnist_tui.tui.charts.session_curves import placed_events, positions, x_axis_of
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.tui.charts.axes import XAxis
    from mnist_tui.tui.charts.chart_view import ChartView
    from mnist_tui.tui.charts.charted_metrics import ChartedMetric
    from mnist_tui.tui.charts.session_curves import SessionCurves

MAX_POINTS = 2_400
"""For all curves of one chart; what drawing costs grows with them."""
MAX_RAW = 3
"""With more curves than these there is no room for the raw ones behind smoothed ones."""
MAX_NAME = 24


class Room(NamedTuple):
    """What a chart is made for."""

    columns: int
    """Columns of the plot."""
    limits: tuple[float, float] | None = None
    """The limits of its y axis in the picture before."""


def session_chart(
    metric: ChartedMetric, session: SessionCurves, view: ChartView, room: Room
) -> Chart:
    """Return the chart of one session: all splits, its best validation and its events."""
    x_axis = x_axis_of([session], view.x_unit)
    curves = [
        _curve(metric, session, split, view, x_axis, room.columns, share=3) for split in SPLITS
    ]
    chart = _chart(metric, [curve for curve in curves if curve], view, x_axis, room)
    events = placed_events(session, view.x_unit)
    return replace(chart, best=_best(metric, chart.curves), events=tuple(events))


def overlay_chart(
    metric: ChartedMetric,
    sessions: Sequence[SessionCurves],
    slots: Mapping[int, int],
    view: ChartView,
    room: Room,
) -> Chart:
    """Return a chart with one curve of each session; its training curve where it has no other."""
    x_axis = x_axis_of(sessions, view.x_unit)
    curves = []
    for session in sessions:
        splits = (view.split, "train", "val")
        split = next((name for name in splits if len(session.splits[name])), "train")
        made = _curve(metric, session, split, view, x_axis, room.columns, share=len(sessions))
        if made is None:
            continue
        slot = slots[session.record.id] % len(SLOT_MARKERS)
        name = printable(session.record.name, MAX_NAME)
        other = f" ({split})" if split != view.split else ""
        dots = spaced_points(made.line, x_axis.end, room.columns, phase=1 + slot)
        curves.append(
            replace(
                made,
                role=f"slot-{slot}",
                label=f"#{session.record.id} {name}{other}",
                marker=SLOT_MARKERS[slot],
                dots=dots,
                raw=made.raw if len(sessions) <= MAX_RAW else NO_POINTS,
            )
        )
    chart = _chart(metric, curves, view, x_axis, room)
    word = "validation" if view.split == "val" else "training"
    return replace(chart, is_overlay=True, notes=(word, *chart.notes))


def _chart(
    metric: ChartedMetric, curves: Sequence[Curve], view: ChartView, x_axis: XAxis, room: Room
) -> Chart:
    is_log = view.is_log and metric is LOSS
    y_axis, above = y_axis_of(metric, curves, is_log=is_log, known=room.limits)
    notes = ["log scale"] if is_log else []
    if view.smoothing:
        notes.append(f"smoothed {view.smoothing:g}")
    return Chart(
        metric.name,
        metric.show,
        x_axis,
        y_axis,
        tuple(curves),
        above=tuple((each.x, each.role) for each in above),
        greatest_above=max((each.y for each in above), default=None),
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
    """Return the curve of one split, None where nothing of it can be drawn."""
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
    """Return position, value and epoch of the best validation; the first of equal ones."""
    for curve in curves:
        if curve.role == "val":
            source = curve.source
            index = int(metric.best(source.y))
            return float(source.x[index]), float(source.y[index]), float(source.epoch[index])
    return None
