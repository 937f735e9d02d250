"""Drawn charts: the figure with its best value, events and outliers marked.

Import this module late and paint in a thread, for the costs that `plotext_figure` states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_tui.tui.charts.axes import column_at, row_at
from mnist_tui.tui.charts.canvas import Canvas
from mnist_tui.tui.charts.chart_marks import ABOVE, BEST, lay_out
from mnist_tui.tui.charts.chart_title import num_title_lines
from mnist_tui.tui.charts.plotext_figure import LEFT, PlotextFigure, draw

if TYPE_CHECKING:
    from mnist_tui.tui.charts.chart_model import Chart
    from mnist_tui.tui.text.styled_lines import Line

LEAST_ROWS = 5
"""Height below which a sparkline is drawn."""
ROWS_FOR_WORDS = 9
"""Height from which on the words of events have a line of their own."""
EVENT, CURSOR = "┊", "│"
_SPARKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class PaintedChart:
    """The drawn rows of a chart, with the place of the plot in them."""

    chart: Chart
    width: int
    height: int
    num_title_lines: int
    lines: tuple[Line, ...]
    """The rows below the title."""
    left: int
    """The first column of the plot."""
    columns: int
    """Columns of the plot."""
    plot_rows: range
    """The rows of `lines` that the plot takes."""

    def column_of(self, position: float) -> int:
        """Return the column of the plot for a position on the x axis."""
        return column_at(position, self.chart.x_axis.end, self.columns)

    def position_of(self, column: int) -> float:
        """Return the position on the x axis of the middle of a column."""
        return (2 * column + 0.5) / max(1, 2 * self.columns - 1) * self.chart.x_axis.end

    @property
    def reach(self) -> float:
        """Distance on the x axis from the middle of a column to its edges."""
        return (self.position_of(1) - self.position_of(0)) / 2

    def with_cursor(self, column: int) -> tuple[Line, ...]:
        """Return the lines with a cursor, a vertical rule, at a column of the plot."""
        canvas = Canvas.of_lines(self.lines)
        for row in self.plot_rows:
            canvas.put(row, self.left + column, CURSOR, "cursor", over=False)
        canvas.put(self.plot_rows.stop, self.left + column, "┴", "cursor")
        return tuple(canvas.lines())


def plot_columns(width: int) -> int:
    """Return the columns of the plot in a chart of `width` characters."""
    return max(1, width - LEFT)


def paint(chart: Chart, width: int, height: int) -> PaintedChart | None:
    """Return a chart drawn in `height` rows of `width` characters, None if that is too small."""
    if width < 20 or height < 1:
        return None
    if height < LEAST_ROWS:
        return PaintedChart(chart, width, height, 1, _sparkline(chart, width, height), 1, width - 2,
                       range(0))  # fmt: skip
    num_titles = num_title_lines(chart, width, height)
    has_words = height >= ROWS_FOR_WORDS and any(not event.is_quiet for _, event in chart.events)
    figure = draw(chart, width, height - num_titles - has_words)
    words = _mark_events(figure, chart, width) if has_words else []
    if not has_words:
        _mark_events(figure, chart, width)
    _mark_values(figure, chart)
    _mark_above(figure, chart)
    first = len(words)
    return PaintedChart(
        chart, width, height, num_titles, (*words, *figure.canvas.lines()), figure.left,
        figure.columns, range(first, first + figure.rows),
    )  # fmt: skip


def _mark_events(figure: PlotextFigure, chart: Chart, width: int) -> list[Line]:
    """Mark the events in plot and axis, and return the line with their words."""
    end = chart.x_axis.end
    placed = [(column_at(position, end, figure.columns), event) for position, event in chart.events]
    layout = lay_out(placed, figure.columns)
    for column, event in placed:
        if event.is_quiet:
            figure.canvas.put(figure.rows, figure.left + column, event.glyph, "event")
    for column in layout.columns:
        for row in range(figure.rows):
            figure.canvas.put(row, figure.left + column, EVENT, "event", over=False)
    line = Canvas([[" "] * width], [["axis"] * width])
    for mark in layout.marks:
        line.put(0, figure.left + mark.start, mark.text, "event")
    return line.lines()


def _mark_values(figure: PlotextFigure, chart: Chart) -> None:
    """Put the markers of the curves and of the best value on the curves."""
    for curve in chart.curves:
        for x, y in zip(curve.dots.x, curve.dots.y, strict=True):
            _put_at(figure, chart, x, y, curve.marker, curve.role)
    if chart.best is not None:
        position, value, _ = chart.best
        _put_at(figure, chart, position, value, BEST, "best")


def _put_at(
    figure: PlotextFigure, chart: Chart, x: float, y: float, marker: str, role: str
) -> None:
    axis = chart.y_axis
    if axis.is_log and y <= 0:
        return
    row = row_at(axis.place(y), axis.ends, figure.rows)
    if row is not None:
        column = column_at(x, chart.x_axis.end, figure.columns)
        figure.canvas.put(row, figure.left + column, marker, role)


def _mark_above(figure: PlotextFigure, chart: Chart) -> None:
    for position, role in chart.above:
        column = column_at(position, chart.x_axis.end, figure.columns)
        figure.canvas.put(0, figure.left + column, ABOVE, role)


def _sparkline(chart: Chart, width: int, height: int) -> tuple[Line, ...]:
    """Return one line for the first curve, none if the title takes all the height."""
    if not chart.curves or height < 2:
        return ()
    curve = chart.curves[0]
    columns = width - 2
    lower, upper = chart.y_axis.ends
    cells = [" "] * columns
    for x, y in zip(curve.line.x, curve.line.y, strict=True):
        place = chart.y_axis.place(y) if y > 0 or not chart.y_axis.is_log else lower
        share = max(0.0, min(1.0, (place - lower) / (upper - lower)))
        cells[min(columns - 1, int(x / chart.x_axis.end * columns))] = _SPARKS[int(share * 7.99)]
    return (((" " + "".join(cells), curve.role),),)
