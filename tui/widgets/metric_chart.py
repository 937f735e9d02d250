"""One chart: a title with the newest values over the drawing; only changed lines are redrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.session_columns import fit

if TYPE_CHECKING:
    from tui.chart_figure import ChartLine
    from tui.metric_feed import Chart

ROLES = ("title", "axis", "train", "val", "test")


class MetricChart(Widget):
    """A metric over the epochs: train, validation and test."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"metric-chart--{role}" for role in ROLES}

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._chart: Chart | None = None
        self._lines: list[ChartLine] = []

    @property
    def text(self) -> str:
        """What is drawn, as plain text."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def show(self, chart: Chart | None) -> None:
        """Draw `chart`, or nothing for None."""
        self._chart = chart
        lines = self._draw()
        changed = [y for y in range(self.size.height) if _at(lines, y) != _at(self._lines, y)]
        self._lines = lines
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """Return one line of the title or the drawing."""
        base = self.rich_style
        segments = [
            Segment(
                text, base + self.get_component_rich_style(f"metric-chart--{role}", partial=True)
            )
            for text, role in _at(self._lines, y)
        ]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lines = self._draw()
        self.refresh()

    def _draw(self) -> list[ChartLine]:
        width, height = self.size
        if self._chart is None or width < 20 or height < 1:
            return []
        title = _title(self._chart, width)
        if height < 5:
            return [title, *_sparkline(self._chart, width, height - 1)]
        from tui import chart_figure  # noqa: PLC0415 — 40 ms after the first frame

        chart = self._chart
        return [
            title,
            *chart_figure.draw(
                chart.curves, chart_figure.Axes(chart.x_max, chart.y_limits), width, height - 1,
                chart.y_label,
            ),
        ]  # fmt: skip


def _at(lines: list[ChartLine], y: int) -> ChartLine:
    return lines[y] if y < len(lines) else ()


def _title(chart: Chart, width: int) -> ChartLine:
    runs = [(f" {chart.title}", "title")]
    for role, text in chart.newest.items():
        runs.append((f"  {text}", role))
    used = sum(len(text) for text, _ in runs)
    if chart.note and used + len(chart.note) + 2 <= width:
        runs.append((f"  {chart.note}", "axis"))
    return tuple(runs) if used <= width else ((fit("".join(t for t, _ in runs), width), "title"),)


def _sparkline(chart: Chart, width: int, height: int) -> list[ChartLine]:
    points = chart.curves.get("train")
    if not points or height < 1:
        return []
    columns = width - 2
    lower, upper = chart.y_limits
    cells = [" "] * columns
    for x, y in zip(points.x, points.y, strict=True):
        share = max(0.0, min(1.0, (y - lower) / (upper - lower)))
        cells[min(columns - 1, int(x / chart.x_max * columns))] = "▁▂▃▄▅▆▇█"[int(share * 7.99)]
    return [((" " + "".join(cells), "train"),)]
