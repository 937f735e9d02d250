"""Metric columns and charts of them, for tests of what is drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_tui.storage.metrics.metric_columns import Columns
from mnist_tui.storage.records import CheckpointInfo, Position
from mnist_tui.training.sessions.active_time import ActiveTime
from mnist_tui.tui.charts.chart_builder import PlotArea, overlay_chart, session_chart
from mnist_tui.tui.charts.chart_model import METRICS, ChartView
from mnist_tui.tui.charts.session_curves import SessionCurves
from tests.tui.samples import make_record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.charts.chart_events import ChartEvent
    from mnist_tui.tui.charts.chart_model import Chart

STEPS_PER_EPOCH = 10
"""As in the records of `make_record`."""
START = 1_767_225_600.0
"""2026-01-01T00:00:00Z in Unix seconds; a step takes one second."""
VIEW = ChartView()


def columns_of(
    steps: Sequence[int],
    loss: Callable[[float], float],
    *,
    accuracy: Callable[[float], float] = lambda epoch: 1 - 0.5 * math.exp(-epoch),
    rates: Sequence[float] | None = None,
) -> Columns:
    """Return rows at some steps; loss and accuracy are functions of the epoch."""
    step = np.array(steps, dtype=np.int64)
    epoch = step / STEPS_PER_EPOCH
    return Columns(
        step=step,
        epoch=epoch,
        loss=np.array([loss(each) for each in epoch.tolist()], dtype=np.float64),
        accuracy=np.array([accuracy(each) for each in epoch.tolist()], dtype=np.float64),
        mse=np.full(len(step), 0.01),
        learning_rate=np.array(rates if rates is not None else [0.001] * len(step), dtype=float),
        time=START + step.astype(np.float64),
    )


NO_COLUMNS = columns_of([], lambda _: 0.0)


def falling(epoch: float) -> float:
    return 2.3 * math.exp(-epoch)


def session_of(
    train: Columns = NO_COLUMNS,
    val: Columns = NO_COLUMNS,
    test: Columns = NO_COLUMNS,
    *,
    record: SessionRecord | None = None,
    events: Sequence[ChartEvent] = (),
) -> SessionCurves:
    """Return what is known of a session of ten epochs of ten steps."""
    splits = {"train": train, "val": val, "test": test}
    return SessionCurves(record or make_record(11), splits, events, ActiveTime())


def full_session(**fields: Any) -> SessionCurves:
    """Return a session that trained for five epochs, with validation and test."""
    return session_of(
        columns_of(range(1, 51), falling),
        columns_of([10, 20, 30, 40, 50], lambda epoch: 0.1 + (epoch - 4) ** 2 / 10),
        columns_of([50], lambda _: 0.2),
        **fields,
    )


def loss_of(session: SessionCurves, columns: int = 53, **view: Any) -> Chart:
    """Return the loss chart of one session."""
    return session_chart(METRICS[0], session, ChartView(**view), PlotArea(columns))


def accuracy_of(session: SessionCurves, columns: int = 53, **view: Any) -> Chart:
    """Return the accuracy chart of one session."""
    return session_chart(METRICS[1], session, ChartView(**view), PlotArea(columns))


def overlay_of(
    sessions: Sequence[SessionCurves], columns: int = 53, number: int = 0, **view: Any
) -> Chart:
    """Return the loss chart of several sessions, the first in slot 0."""
    slots = {session.record.id: slot for slot, session in enumerate(sessions)}
    return overlay_chart(METRICS[number], sessions, slots, ChartView(**view), PlotArea(columns))


def checkpoint(step: int, *, name: str = "", is_best: bool = False) -> CheckpointInfo:
    """Return a manifest."""
    return CheckpointInfo(
        file=f"step-{step:08d}.pt",
        num_bytes=1,
        sha256="0" * 64,
        position=Position(step=step),
        epoch=step / STEPS_PER_EPOCH,
        reason="periodic",
        is_best=is_best,
        generation=1,
        fingerprint={},
        created_at=f"2026-01-01T00:00:{step % 60:02d}.000Z",
        name=name,
    )
