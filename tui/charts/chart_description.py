"""What a chart shows, as a sentence: for screen readers, logs and whoever cannot see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.charts.chart_builder import Room, session_chart
from mnist_tui.tui.charts.chart_view import ChartView
from mnist_tui.tui.charts.charted_metrics import METRICS
from mnist_tui.tui.charts.series import epoch_means

if TYPE_CHECKING:
    from mnist_tui.tui.charts.chart_model import Chart, Curve
    from mnist_tui.tui.charts.session_curves import SessionCurves

STEADY = 0.5
"""Per cent of change in an epoch below which a value is called steady."""
SPLIT_WORDS = {"train": "training", "val": "validation", "test": "test"}


def describe_chart(chart: Chart) -> str:
    """Return what a chart shows, such as "loss: training 0.31, falling 4 % per epoch"."""
    if not chart.curves:
        return f"{chart.name}: nothing measured yet"
    parts = [describe_curve(chart, curve) for curve in chart.curves]
    notes = f" ({', '.join(chart.notes)})" if chart.is_overlay and chart.notes else ""
    return f"{chart.name}{notes}: {'; '.join(parts)}"


def describe_session(session: SessionCurves) -> list[str]:
    """Return what the charts of one session show."""
    charts = [session_chart(metric, session, ChartView(), Room(1)) for metric in METRICS]
    return [describe_chart(chart) for chart in charts if chart.curves]


def describe_curve(chart: Chart, curve: Curve) -> str:
    """Return the newest value of a curve, where it tends to, and its best."""
    unit = f" {chart.y_axis.unit}" if chart.y_axis.unit else ""
    source = curve.source
    name = SPLIT_WORDS.get(curve.label, curve.label)
    parts = [f"{name} {chart.show(float(source.y[-1]))}{unit}"]
    if curve.role == "test":
        return parts[0]
    if len(means := epoch_means(source.epoch, source.y)) == 2:
        parts.append(trend(*means, is_share=bool(unit)))
    if curve.role != "train":
        is_loss = not unit
        index = int(source.y.argmin() if is_loss else source.y.argmax())
        value, epoch = float(source.y[index]), float(source.epoch[index])
        parts.append(f"best {chart.show(value)}{unit} at epoch {_epoch(epoch)}")
    return ", ".join(parts)


def trend(before: float, now: float, *, is_share: bool) -> str:
    """Return how a value changes from one epoch to the next, in words.

    Args:
        before: Its mean over the epoch before.
        now: Its mean over the last epoch.
        is_share: Whether it is given in per cent already, and so changes by points.
    """
    change = now - before if is_share else 100 * (now / before - 1) if before else 0.0
    unit = "points" if is_share else "%"
    if abs(change) < (STEADY / 10 if is_share else STEADY):
        return "steady"
    size = abs(change)
    amount = f"{size:.0f}" if size >= 3 else f"{size:.1f}"
    return f"{'rising' if change > 0 else 'falling'} {amount} {unit} per epoch"


def _epoch(epoch: float) -> str:
    return f"{epoch:.1f}".removesuffix(".0")
