"""The points and events of charts as tables, for files: all of them, not only those drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mnist_tui.tui.text.table import raw_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mnist_tui.tui.charts.session_curves import SessionCurves
    from mnist_tui.tui.text.figures import Value
    from mnist_tui.tui.text.table import Table

POINT_COLUMNS = (
    "session", "name", "split", "epoch", "batch", "loss", "accuracy", "mse", "learning_rate",
    "unix_time",
)  # fmt: skip
EVENT_COLUMNS = ("session", "name", "epoch", "batch", "unix_time", "event")


def chart_tables(sessions: Sequence[SessionCurves]) -> list[Table]:
    """Return one table of all points and one of all events, none without a session."""
    if not sessions:
        return []
    points = [row for session in sessions for row in _points(session)]
    events = [row for session in sessions for row in _events(session)]
    return [
        raw_table("curves", POINT_COLUMNS, points),
        raw_table("events", EVENT_COLUMNS, events),
    ]


def _points(session: SessionCurves) -> Iterator[tuple[Value, ...]]:
    record = session.record
    for split, columns in session.splits.items():
        arrays = (
            columns.epoch, columns.step, columns.loss, columns.accuracy, columns.mse,
            columns.learning_rate, columns.time,
        )  # fmt: skip
        for row in zip(*(array.tolist() for array in arrays), strict=True):
            yield (record.id, record.name, split, *map(_present, row))


def _events(session: SessionCurves) -> Iterator[tuple[Value, ...]]:
    record = session.record
    per_epoch = session.steps_per_epoch
    for event in session.events:
        epoch = event.step / per_epoch if per_epoch else None
        yield record.id, record.name, epoch, event.step, _present(event.time), event.word


def _present(value: float) -> Value:
    """Return a number, None for one that is none."""
    return value if math.isfinite(value) else None
