"""From the metric columns of sessions to charts reduced to the width they are drawn in."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from storage.metric_records import SPLITS
from training.lifecycle import ENDED
from tui import formatting
from tui.chart_axes import (
    XAxis,
    YAxis,
    doubled_capacity,
    kept_limits,
    log_limits,
    nice_limits,
    time_capacity,
)
from tui.chart_data import Chart, Curve, Source
from tui.chart_marks import CURVE_MARKERS, SLOT_MARKERS
from tui.inert import inert
from tui.series import NO_POINTS, reduce_points, smooth, spaced_points

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from storage.metric_columns import Columns
    from storage.records import SessionRecord
    from training.active_time import ActiveTime
    from tui.chart_events import ChartEvent
    from tui.chart_view import ChartView, XUnit

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
LEAST_EPOCHS, LEAST_STEPS = 10.0, 100.0
"""A long plan is not shown at once: its first epochs would be a few columns."""
MAX_POINTS = 2_400
"""For all curves of one chart; what drawing costs grows with them."""
MAX_RAW = 3
"""With more curves than these there is no room for the raw ones behind smoothed ones."""
MAX_NAME = 24


class Metric(NamedTuple):
    """What a chart is of."""

    name: str
    unit: str
    values: Callable[[Columns], NDArray[np.float64]]
    show: Callable[[float], str]
    best: Callable[[NDArray[np.float64]], np.intp]
    ceiling: float | None = None


LOSS = Metric("loss", "", lambda columns: columns.loss, formatting.loss, np.argmin)
ACCURACY = Metric(
    "accuracy",
    "%",
    lambda columns: 100 * columns.accuracy,
    lambda value: formatting.percent(value / 100),
    np.argmax,
    ceiling=100.0,
)
METRICS = (LOSS, ACCURACY)


@dataclass(frozen=True)
class SessionCurves:
    """What is known of one session at one moment."""

    record: SessionRecord
    splits: Mapping[str, Columns]
    events: Sequence[ChartEvent]
    active: ActiveTime

    @property
    def steps_per_epoch(self) -> float | None:
        """Optimiser steps in one epoch, also where only the rows tell."""
        if self.record.progress.steps_per_epoch:
            return float(self.record.progress.steps_per_epoch)
        train = self.splits["train"]
        return float(train.step[-1] / train.epoch[-1]) if len(train) and train.epoch[-1] else None

    @property
    def epochs(self) -> float:
        """Epochs planned."""
        return float(self.record.parameters["epochs"])


class _Drawn(NamedTuple):
    """One point that is drawn, and of which curve."""

    x: float
    y: float
    role: str


class Room(NamedTuple):
    """What a chart is made for."""

    columns: int
    """Columns of the plot."""
    limits: tuple[float, float] | None = None
    """The limits of its y axis in the picture before."""


def session_chart(metric: Metric, session: SessionCurves, view: ChartView, room: Room) -> Chart:
    """Return the chart of one session: all splits, its best validation and its events."""
    x_axis = _x_axis([session], view.x_unit)
    curves = [
        _curve(metric, session, split, view, x_axis, room.columns, share=3) for split in SPLITS
    ]
    chart = _chart(metric, [curve for curve in curves if curve], view, x_axis, room)
    events = _placed(session, view.x_unit)
    return replace(chart, best=_best(metric, chart.curves), events=tuple(events))


def overlay_chart(
    metric: Metric,
    sessions: Sequence[SessionCurves],
    slots: Mapping[int, int],
    view: ChartView,
    room: Room,
) -> Chart:
    """Return a chart with one curve of each session; its training curve where it has no other."""
    x_axis = _x_axis(sessions, view.x_unit)
    curves = []
    for session in sessions:
        splits = (view.split, "train", "val")
        split = next((name for name in splits if len(session.splits[name])), "train")
        made = _curve(metric, session, split, view, x_axis, room.columns, share=len(sessions))
        if made is None:
            continue
        slot = slots[session.record.id] % len(SLOT_MARKERS)
        name = inert(session.record.name, MAX_NAME)
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
    metric: Metric, curves: Sequence[Curve], view: ChartView, x_axis: XAxis, room: Room
) -> Chart:
    is_log = view.is_log and metric is LOSS
    y_axis, above = _y_axis(metric, curves, is_log=is_log, known=room.limits)
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
    metric: Metric,
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
    x, y = _positions(session, columns, view.x_unit), metric.values(columns)
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


def _positions(session: SessionCurves, columns: Columns, unit: XUnit) -> NDArray[np.float64]:
    """Return where rows lie on the x axis, rising."""
    if unit == "epoch":
        return columns.epoch
    if unit == "batch":
        return columns.step.astype(np.float64)
    # A clock that was set back stands still.
    return active_seconds(session.active, np.fmax.accumulate(columns.time))


def active_seconds(active: ActiveTime, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `active.seconds_at` of many moments (Unix seconds) at once."""
    if not active.starts:
        return times - times[0] if len(times) else times
    starts, ends = np.array(active.starts), np.array(active.ends)
    index = np.searchsorted(starts, times, side="right") - 1
    span = np.maximum(index, 0)
    seconds = np.array(active.seconds_before)[span] + np.minimum(times, ends[span]) - starts[span]
    return np.where(index < 0, 0.0, seconds)


def _x_axis(sessions: Sequence[SessionCurves], unit: XUnit) -> XAxis:
    """Return an axis that holds what is planned, so that it seldom changes."""
    return XAxis(unit, max(_end(session, unit) for session in sessions))


def _end(session: SessionCurves, unit: XUnit) -> float:
    if unit != "time":
        reached = max((float(each.epoch[-1]) for each in session.splits.values() if len(each)),
                      default=0.0)  # fmt: skip
        epochs = min(session.epochs, doubled_capacity(reached, LEAST_EPOCHS))
        return epochs if unit == "epoch" else epochs * (session.steps_per_epoch or LEAST_STEPS)
    ends = [_positions(session, columns, unit)[-1:] for columns in session.splits.values()]
    reached = max((float(end[0]) for end in ends if len(end)), default=0.0)
    return max(reached, 1.0) if session.record.state in ENDED else time_capacity(reached)


def _placed(session: SessionCurves, unit: XUnit) -> list[tuple[float, ChartEvent]]:
    """Return the events with their positions on the x axis, rising."""
    per_epoch = session.steps_per_epoch
    placed = []
    for event in session.events:
        if unit == "time":
            position = float(active_seconds(session.active, np.array([event.time]))[0])
        elif unit == "batch":
            position = event.step
        else:
            position = event.step / per_epoch if per_epoch else 0.0
        if math.isfinite(position):
            placed.append((position, event))
    return sorted(placed, key=lambda pair: pair[0])


def _best(metric: Metric, curves: Sequence[Curve]) -> tuple[float, float, float] | None:
    """Return position, value and epoch of the best validation; the first of equal ones."""
    for curve in curves:
        if curve.role == "val":
            source = curve.source
            index = int(metric.best(source.y))
            return float(source.x[index]), float(source.y[index]), float(source.epoch[index])
    return None


def _y_axis(
    metric: Metric,
    curves: Sequence[Curve],
    *,
    is_log: bool,
    known: tuple[float, float] | None,
) -> tuple[YAxis, list[_Drawn]]:
    """Return the axis, and the values above it that came after the warm-up."""
    if is_log:
        values = [y for curve in curves for y in (*curve.line.y, *curve.raw.y, *curve.dots.y)]
        limits = kept_limits(known, log_limits(values), is_log=True)
        return YAxis(*limits, is_log=True), []
    settled = _settled(curves)
    limit = _outlier_limit(settled, curves) if metric is LOSS else math.inf
    held = [drawn.y for drawn in settled if drawn.y <= limit]
    limits = kept_limits(known, nice_limits(held, floor=0.0, ceiling=metric.ceiling))
    return YAxis(*limits, metric.unit), [drawn for drawn in settled if drawn.y > limits[1]]


def _settled(curves: Sequence[Curve]) -> list[_Drawn]:
    """Return the drawn values after the warm-up."""
    drawn = [
        _Drawn(x, y, curve.role)
        for curve in curves
        for points in (curve.line, curve.raw, curve.dots)
        for x, y in zip(points.x, points.y, strict=True)
    ]
    reached = max((each.x for each in drawn), default=0.0)
    return [each for each in drawn if each.x >= WARM_UP * reached]


def _outlier_limit(settled: Sequence[_Drawn], curves: Sequence[Curve]) -> float:
    """Return the loss from which on values leave the chart: diverged ones, and rare spikes."""
    starts = [float(curve.source.y[0]) for curve in curves]
    sane_starts = [start for start in starts if start < SANE_START]
    diverged = DIVERGED * max([CHANCE_LOSS, *sane_starts])
    sane = np.array([each.y for each in settled if each.y <= diverged])
    if not len(sane):
        return math.inf
    low, usual = float(sane.min()), float(np.quantile(sane, 1 - SPIKE_SHARE))
    is_flat = usual - low < FLAT * (float(sane.max()) - low)
    return low + 2 * (usual - low) if is_flat and usual > low else diverged
