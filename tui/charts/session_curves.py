"""Curves of a session as read from its files, placed on an x axis or exported as tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.training.sessions.lifecycle import ENDED
from mnist_tui.tui.charts.axes import XAxis
from mnist_tui.tui.charts.axis_limits import doubled_capacity, time_capacity
from mnist_tui.tui.text.table import raw_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from mnist_tui.storage.metrics.metric_columns import Columns
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.sessions.active_time import ActiveTime
    from mnist_tui.tui.charts.chart_events import ChartEvent
    from mnist_tui.tui.charts.chart_model import XUnit
    from mnist_tui.tui.text.figures import Value
    from mnist_tui.tui.text.table import Table

POINT_COLUMNS = (
    "session", "name", "split", "epoch", "batch", "loss", "accuracy", "mse", "learning_rate",
    "unix_time",
)  # fmt: skip
EVENT_COLUMNS = ("session", "name", "epoch", "batch", "unix_time", "event")
LEAST_EPOCHS, LEAST_STEPS = 10.0, 100.0
"""An axis begins with this much: the first epochs of a long plan would take a few columns only."""


@dataclass(frozen=True)
class SessionCurves:
    """The metric rows and events of one session at one moment."""

    record: SessionRecord
    splits: Mapping[str, Columns]
    events: Sequence[ChartEvent]
    active: ActiveTime

    @property
    def steps_per_epoch(self) -> float | None:
        """Optimiser steps in one epoch, taken from the metric rows if the record has none."""
        if self.record.progress.steps_per_epoch:
            return float(self.record.progress.steps_per_epoch)
        train = self.splits["train"]
        return float(train.step[-1] / train.epoch[-1]) if len(train) and train.epoch[-1] else None

    @property
    def epochs(self) -> float:
        """Epochs planned."""
        return float(self.record.parameters["epochs"])


def positions(session: SessionCurves, columns: Columns, unit: XUnit) -> NDArray[np.float64]:
    """Return the positions of rows on the x axis, rising."""
    if unit == "epoch":
        return columns.epoch
    if unit == "batch":
        return columns.step.astype(np.float64)
    # Time stands still while a clock that was set back catches up.
    return active_seconds(session.active, np.fmax.accumulate(columns.time))


def active_seconds(active: ActiveTime, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `active.seconds_at` for an array of moments in Unix seconds."""
    if not active.starts:
        return times - times[0] if len(times) else times
    starts, ends = np.array(active.starts), np.array(active.ends)
    index = np.searchsorted(starts, times, side="right") - 1
    span = np.maximum(index, 0)
    seconds = np.array(active.seconds_before)[span] + np.minimum(times, ends[span]) - starts[span]
    return np.where(index < 0, 0.0, seconds)


def x_axis_of(sessions: Sequence[SessionCurves], unit: XUnit) -> XAxis:
    """Return an axis that holds the planned epochs, so that it seldom changes."""
    return XAxis(unit, max(_end(session, unit) for session in sessions))


def _end(session: SessionCurves, unit: XUnit) -> float:
    if unit != "time":
        reached = max((float(each.epoch[-1]) for each in session.splits.values() if len(each)),
                      default=0.0)  # fmt: skip
        epochs = min(session.epochs, doubled_capacity(reached, LEAST_EPOCHS))
        return epochs if unit == "epoch" else epochs * (session.steps_per_epoch or LEAST_STEPS)
    ends = [positions(session, columns, unit)[-1:] for columns in session.splits.values()]
    reached = max((float(end[0]) for end in ends if len(end)), default=0.0)
    return max(reached, 1.0) if session.record.state in ENDED else time_capacity(reached)


def placed_events(session: SessionCurves, unit: XUnit) -> list[tuple[float, ChartEvent]]:
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


def chart_tables(sessions: Sequence[SessionCurves]) -> list[Table]:
    """Return a table of all points and one of all events, nothing if there is no session."""
    if not sessions:
        return []
    return [
        raw_table(
            "curves", POINT_COLUMNS, [row for session in sessions for row in _points(session)]
        ),
        raw_table(
            "events", EVENT_COLUMNS, [row for session in sessions for row in _events(session)]
        ),
    ]


def _points(session: SessionCurves) -> Iterator[tuple[Value, ...]]:
    record = session.record
    for split, columns in session.splits.items():
        arrays = (
            columns.epoch, columns.step, columns.loss, columns.accuracy, columns.mse,
            columns.learning_rate, columns.time,
        )  # fmt: skip
        for row in zip(*(array.tolist() for array in arrays), strict=True):
            yield (record.id, record.name, split, *map(_finite, row))


def _events(session: SessionCurves) -> Iterator[tuple[Value, ...]]:
    record, per_epoch = session.record, session.steps_per_epoch
    for event in session.events:
        epoch = event.step / per_epoch if per_epoch else None
        yield record.id, record.name, epoch, event.step, _finite(event.time), event.word


def _finite(value: float) -> Value:
    return value if math.isfinite(value) else None
