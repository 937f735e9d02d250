"""From the metric files of sessions to charts ready to draw; reads files: call it in a thread."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from storage.metrics import MetricReader, MetricSeries
from tui import formatting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from storage.home import Home
    from storage.records import MetricRow, SessionRecord
    from tui.series import Points

SPLITS = ("train", "val", "test")
WARM_UP = 0.05
"""The first share of a curve may leave the chart, so that what follows is seen at its own scale."""
MAX_OPEN = 16


@dataclass(frozen=True)
class Chart:
    """One metric of one session, reduced to the width it is drawn in."""

    title: str
    x_max: float
    y_limits: tuple[float, float]
    y_label: Callable[[float], str]
    curves: dict[str, Points]
    newest: dict[str, str]
    """The newest value of each split, in words."""
    note: str = ""


@dataclass
class _OpenSeries:
    """A metric file being followed."""

    reader: MetricReader
    series: MetricSeries = field(default_factory=MetricSeries)
    num_restarts: int = 0

    def read(self) -> MetricSeries:
        """Return the series with all rows written until now."""
        while rows := self.reader.read_new():
            if self.num_restarts != self.reader.num_restarts:
                self.num_restarts, self.series = self.reader.num_restarts, MetricSeries()
            self.series.apply(rows)
        return self.series


class MetricFeed:
    """Follows the metric files of the sessions looked at last."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._open: OrderedDict[int, _OpenSeries] = OrderedDict()

    def charts(self, record: SessionRecord, num_columns: int) -> tuple[Chart, Chart]:
        """Return the charts of loss and accuracy with all rows written until now.

        Raises:
            StorageError: The metrics cannot be read.
        """
        series = self._read(record.id)
        rows = {split: series.rows(split) for split in SPLITS}
        best = record.progress.best_val_accuracy
        note = (
            ""
            if best is None
            else f"best {formatting.percent(best)} at {record.progress.best_epoch}"
        )
        return (
            _chart("loss", rows, [_losses(rows[split]) for split in SPLITS], record, num_columns),
            _chart(
                "accuracy %", rows, [_accuracies(rows[split]) for split in SPLITS], record,
                num_columns, ceiling=100.0, note=note,
            ),
        )  # fmt: skip

    def _read(self, session_id: int) -> MetricSeries:
        if session_id not in self._open:
            path = self._home.session(session_id) / "metrics.jsonl"
            self._open[session_id] = _OpenSeries(MetricReader(path))
        self._open.move_to_end(session_id)
        if len(self._open) > MAX_OPEN:
            self._open.popitem(last=False)
        return self._open[session_id].read()


def _losses(rows: Sequence[MetricRow]) -> list[float | None]:
    return [row.loss for row in rows]


def _accuracies(rows: Sequence[MetricRow]) -> list[float | None]:
    return [None if row.accuracy is None else 100 * row.accuracy for row in rows]


def _chart(
    title: str,
    rows: Mapping[str, Sequence[MetricRow]],
    values: list[list[float | None]],
    record: SessionRecord,
    num_columns: int,
    *,
    ceiling: float | None = None,
    note: str = "",
) -> Chart:
    from tui.series import nice_limits, reduce_points  # noqa: PLC0415 — numpy, 120 ms

    x_max = float(record.parameters["epochs"])
    curves = {
        split: reduce_points([row.epoch for row in rows[split]], split_values, x_max, num_columns)
        for split, split_values in zip(SPLITS, values, strict=True)
    }
    show = formatting.loss if ceiling is None else _show_percent
    newest = {
        split: f"{split} {show(points.y[-1])}" for split, points in curves.items() if len(points)
    }
    y_limits = nice_limits(_settled(curves), floor=0.0, ceiling=ceiling)
    y_label = _y_label(y_limits, decimals=1 if ceiling else 2)
    return Chart(title, x_max, y_limits, y_label, curves, newest, note)


def _y_label(y_limits: tuple[float, float], decimals: int) -> Callable[[float], str]:
    """Return how values are written beside the axis, in at most six characters."""
    if y_limits[1] >= 1_000:
        return lambda value: f"{value:.0e}" if value else "0"
    if y_limits[1] - y_limits[0] < 10**-decimals * 10:
        decimals = 4 if y_limits[1] < 10 else 3
    return lambda value: f"{value:.{decimals}f}"


def _show_percent(value: float) -> str:
    return formatting.percent(value / 100)


def _settled(curves: dict[str, Points]) -> list[float]:
    """Return the values that the y axis must hold: all but those of the warm-up."""
    reached = max((points.x[-1] for points in curves.values() if len(points)), default=0.0)
    return [
        value
        for points in curves.values()
        for position, value in zip(points.x, points.y, strict=True)
        if position >= WARM_UP * reached
    ]
