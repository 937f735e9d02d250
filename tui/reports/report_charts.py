"""The charts of a report, made by what makes those of the terminal."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mnist_tui.tui.charts.chart_builder import Room, overlay_chart, session_chart
from mnist_tui.tui.charts.chart_description import SPLIT_WORDS, describe_chart
from mnist_tui.tui.charts.chart_marks import SLOT_MARKERS, slots_of
from mnist_tui.tui.charts.chart_view import ChartView
from mnist_tui.tui.charts.charted_metrics import METRICS
from mnist_tui.tui.charts.metric_feed import MetricFeed
from mnist_tui.tui.reports import report_values
from mnist_tui.tui.reports.chart_svg import NUM_COLUMNS, chart_svg
from mnist_tui.tui.reports.report_document import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.charts.chart_model import Chart
    from mnist_tui.tui.charts.session_curves import SessionCurves

MAX_OVERLAY = len(SLOT_MARKERS)
"""More curves than there are markers could not be told apart."""
TRAIN = " (train)"
"""Stands behind the name of a session without validation, whose training curve is drawn."""
VIEW, ROOM = ChartView(), Room(NUM_COLUMNS)


@dataclass
class ReportCharts:
    """Draws the charts of sessions, each with a number that no other on the page has."""

    home: Home
    _num_drawn: int = field(default=0)

    def of_session(self, record: SessionRecord) -> list[Figure]:
        """Return loss and accuracy of one session; nothing before anything is measured.

        Raises:
            StorageError: Its files cannot be read.
        """
        (session,) = MetricFeed(self.home).sessions([record])
        charts = [session_chart(metric, session, VIEW, ROOM) for metric in METRICS]
        return [self._figure(chart, f"#{record.id}") for chart in charts if chart.curves]

    def overlay(self, records: Sequence[SessionRecord]) -> list[Figure]:
        """Return loss and accuracy of at most `MAX_OVERLAY` sessions over each other.

        Raises:
            StorageError: Their files cannot be read.
        """
        sessions: Sequence[SessionCurves] = MetricFeed(self.home).sessions(records)
        slots = slots_of(record.id for record in records)
        names = {f"slot-{slots[record.id]}": report_values.name_of(record) for record in records}
        charts = [
            _with_whole_names(overlay_chart(metric, sessions, slots, VIEW, ROOM), names)
            for metric in METRICS
        ]
        return [self._figure(chart, "validation") for chart in charts if chart.curves]

    def _figure(self, chart: Chart, of: str) -> Figure:
        self._num_drawn += 1
        title = f"{chart.name.capitalize()}, {of}"
        legend = tuple(
            (curve.role, curve.marker, SPLIT_WORDS.get(curve.label, curve.label))
            for curve in chart.curves
        )
        twin = describe_chart(chart)
        if chart.greatest_above is not None:
            twin += f"; ↑ above the axis, up to {chart.show(chart.greatest_above)}"
        if not chart.is_overlay and (
            told := [event.text for _, event in chart.events if not event.is_quiet]
        ):
            twin += f". Events: {', '.join(told)}"
        svg = chart_svg(chart, f"{title}: {twin}", self._num_drawn)
        return Figure(title, svg, legend, f"{twin[:1].upper()}{twin[1:]}.")


def _with_whole_names(chart: Chart, names: Mapping[str, str]) -> Chart:
    """Return an overlay with names that are not cut, as a terminal cuts them; by role."""
    curves = [
        replace(curve, label=names[curve.role] + (TRAIN if curve.label.endswith(TRAIN) else ""))
        for curve in chart.curves
    ]
    return replace(chart, curves=tuple(curves))
