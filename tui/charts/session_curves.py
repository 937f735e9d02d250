"""What is known of a session at one moment, and where it lies on the x axis of a chart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.training.sessions.lifecycle import ENDED
from mnist_tui.tui.charts.axes import XAxis, doubled_capacity, time_capacity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mnist_tui.storage.metrics.metric_columns import Columns
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.sessions.active_time import ActiveTime
    from mnist_tui.tui.charts.chart_events import ChartEvent
    from mnist_tui.tui.charts.chart_view import XUnit

LEAST_EPOCHS, LEAST_STEPS = 10.0, 100.0
"""A long plan is not shown at once: its first epochs would be a few columns."""


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


def positions(session: SessionCurves, columns: Columns, unit: XUnit) -> NDArray[np.float64]:
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


def x_axis_of(sessions: Sequence[SessionCurves], unit: XUnit) -> XAxis:
    """Return an axis that holds what is planned, so that it seldom changes."""
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
