"""Text alternatives of charts: one sentence each, for screen readers and logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.charts.chart_builder import PlotArea, session_chart
from mnist_tui.tui.charts.chart_model import METRICS, ChartView

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mnist_tui.tui.charts.chart_model import Chart, Curve
    from mnist_tui.tui.charts.session_curves import SessionCurves

STEADY = 0.5
"""Change in per cent of an epoch below which a value counts as steady."""
SPLIT_WORDS = {"train": "training", "val": "validation", "test": "test"}


def describe_chart(chart: Chart) -> str:
    """Return a chart as a sentence, such as "loss: training 0.31, falling 4 % per epoch"."""
    if not chart.curves:
        return f"{chart.name}: nothing measured yet"
    parts = [_describe_curve(chart, curve) for curve in chart.curves]
    notes = f" ({', '.join(chart.notes)})" if chart.is_overlay and chart.notes else ""
    return f"{chart.name}{notes}: {'; '.join(parts)}"


def describe_session(session: SessionCurves) -> list[str]:
    """Return the charts of one session as sentences."""
    charts = [session_chart(metric, session, ChartView(), PlotArea(1)) for metric in METRICS]
    return [describe_chart(chart) for chart in charts if chart.curves]


def _describe_curve(chart: Chart, curve: Curve) -> str:
    """Return the newest value of a curve, its trend and its best value."""
    unit = f" {chart.y_axis.unit}" if chart.y_axis.unit else ""
    source = curve.source
    name = SPLIT_WORDS.get(curve.label, curve.label)
    parts = [f"{name} {chart.show(float(source.y[-1]))}{unit}"]
    if curve.role == "test":
        return parts[0]
    if len(means := _epoch_means(source.epoch, source.y)) == 2:
        parts.append(trend(*means, is_share=bool(unit)))
    if curve.role != "train":
        index = int(source.y.argmax() if unit else source.y.argmin())
        value, epoch = float(source.y[index]), float(source.epoch[index])
        parts.append(f"best {chart.show(value)}{unit} at epoch {_epoch(epoch)}")
    return ", ".join(parts)


def trend(before: float, now: float, *, is_share: bool) -> str:
    """Return the change of a value from one epoch to the next in words.

    Args:
        before: The mean over the epoch before.
        now: The mean over the last epoch.
        is_share: True for a value in per cent, which changes by points.
    """
    change = now - before if is_share else 100 * (now / before - 1) if before else 0.0
    unit = "points" if is_share else "%"
    if abs(change) < (STEADY / 10 if is_share else STEADY):
        return "steady"
    size = abs(change)
    amount = f"{size:.0f}" if size >= 3 else f"{size:.1f}"
    return f"{'rising' if change > 0 else 'falling'} {amount} {unit} per epoch"


def _epoch_means(epoch: NDArray[np.float64], values: NDArray[np.float64]) -> list[float]:
    """Return the mean in each of the last two epochs, begun ones included, the older first.

    Args:
        epoch: Epochs done at each value, rising.
        values: Finite values.
    """
    if not len(values):
        return []
    reached = float(epoch[-1])
    means = []
    for start in (reached - 2, reached - 1):
        within = values[(epoch > start) & (epoch <= start + 1)]
        if start >= -1e-9 and len(within):
            means.append(float(within.mean()))
    return means


def _epoch(epoch: float) -> str:
    return f"{epoch:.1f}".removesuffix(".0")
