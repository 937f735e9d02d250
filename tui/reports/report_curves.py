"""Curves of sessions in a report: charts as on the terminal, and a table of epochs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.tui.charts.chart_builder import PlotArea, overlay_chart, session_chart
from mnist_tui.tui.charts.chart_description import SPLIT_WORDS, describe_chart
from mnist_tui.tui.charts.chart_marks import SLOT_MARKERS, slots_of
from mnist_tui.tui.charts.chart_model import METRICS, ChartView
from mnist_tui.tui.charts.metric_feed import MetricFeed
from mnist_tui.tui.reports.chart_svg import NUM_COLUMNS, chart_svg
from mnist_tui.tui.reports.report_columns import session_title
from mnist_tui.tui.reports.report_document import ChartFigure
from mnist_tui.tui.text.figures import EPOCHS, Column, columns
from mnist_tui.tui.text.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.metrics.metric_columns import Columns
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.analysis.comparison_metrics import Measured
    from mnist_tui.tui.charts.chart_model import Chart
    from mnist_tui.tui.charts.session_curves import SessionCurves

MAX_OVERLAY = len(SLOT_MARKERS)
"""Sessions in one chart: one for each marker."""
TRAIN = " (train)"
"""Suffix of a session without validation images, whose training curve is drawn instead."""
MAX_EPOCHS = 20
"""Rows of the table of epochs."""
VIEW, AREA = ChartView(), PlotArea(NUM_COLUMNS)


@dataclass
class ReportCharts:
    """Charts of sessions, numbered so that the IDs in their SVG are unique on the page."""

    home: Home
    _num_drawn: int = field(default=0)

    def of_session(self, record: SessionRecord) -> list[ChartFigure]:
        """Return loss and accuracy of one session; empty before the first measurement.

        Raises:
            StorageError: Its files cannot be read.
        """
        (session,) = MetricFeed(self.home).sessions([record])
        charts = [session_chart(metric, session, VIEW, AREA) for metric in METRICS]
        return [self._figure(chart, f"#{record.id}") for chart in charts if chart.curves]

    def overlay(self, records: Sequence[SessionRecord]) -> list[ChartFigure]:
        """Return loss and accuracy of at most `MAX_OVERLAY` sessions, one chart for each metric.

        Raises:
            StorageError: Their files cannot be read.
        """
        sessions: Sequence[SessionCurves] = MetricFeed(self.home).sessions(records)
        slots = slots_of(record.id for record in records)
        names = {f"slot-{slots[record.id]}": session_title(record) for record in records}
        charts = [
            _with_full_names(overlay_chart(metric, sessions, slots, VIEW, AREA), names)
            for metric in METRICS
        ]
        return [self._figure(chart, "validation") for chart in charts if chart.curves]

    def _figure(self, chart: Chart, subject: str) -> ChartFigure:
        self._num_drawn += 1
        title = f"{chart.name.capitalize()}, {subject}"
        legend = tuple(
            (curve.role, curve.marker, SPLIT_WORDS.get(curve.label, curve.label))
            for curve in chart.curves
        )
        description = describe_chart(chart)
        if chart.greatest_above is not None:
            description += f"; ↑ above the axis, up to {chart.show(chart.greatest_above)}"
        events = [event.text for _, event in chart.events if not event.is_quiet]
        if events and not chart.is_overlay:
            description += f". Events: {', '.join(events)}"
        svg = chart_svg(chart, f"{title}: {description}", self._num_drawn)
        return ChartFigure(title, svg, legend, f"{description[:1].upper()}{description[1:]}.")


def _with_full_names(chart: Chart, names: Mapping[str, str]) -> Chart:
    """Return an overlay whose curves have the full names, by role; the terminal truncates them."""
    curves = [
        replace(curve, label=names[curve.role] + (TRAIN if curve.label.endswith(TRAIN) else ""))
        for curve in chart.curves
    ]
    return replace(chart, curves=tuple(curves))


def epoch_table(measured: Measured) -> list[Table]:
    """Return loss and accuracy of both splits after at most `MAX_EPOCHS` evenly spaced epochs.

    Empty before the first epoch is complete.
    """
    train, val = _by_epoch(measured.train_points), _by_epoch(measured.val)
    epochs = sorted({*train, *val})
    if not epochs:
        return []
    shown = epochs
    if len(epochs) > MAX_EPOCHS:
        indices = np.linspace(0, len(epochs) - 1, MAX_EPOCHS).round().astype(int).tolist()
        shown = [epochs[index] for index in indices]
    absent = (None, None)
    rows = [(epoch, *train.get(epoch, absent), *val.get(epoch, absent)) for epoch in shown]
    selection = f", {len(rows)} of {len(epochs):,}" if len(rows) < len(epochs) else ""
    heads = columns("train_loss", "train_accuracy", "val_loss", "val_accuracy")
    return [Table(f"After each epoch{selection}", (Column("epoch", EPOCHS), *heads), rows)]


def _by_epoch(points: Columns) -> dict[float, tuple[float, float]]:
    return {
        epoch: (loss, accuracy)
        for epoch, loss, accuracy in zip(
            points.epoch.tolist(), points.loss.tolist(), points.accuracy.tolist(), strict=True
        )
    }
