"""Figures drawn by plotext: curves and axes. No other module imports plotext.

Import this module late and draw in a thread: plotext takes 40 ms to import, and some per drawing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

# plotext's public functions share one global figure; this class makes separate ones.
from plotext._figure import _figure_class

from mnist_tui.tui.charts.axes import Y_LABEL_WIDTH, column_at
from mnist_tui.tui.charts.canvas import Canvas, line_cells
from mnist_tui.tui.charts.chart_model import Points

if TYPE_CHECKING:
    from mnist_tui.tui.charts.axes import YAxis
    from mnist_tui.tui.charts.chart_model import Chart

LEFT = Y_LABEL_WIDTH + 1
"""Columns beside the plot: labels and the axis."""
BELOW = 2
"""Rows under the plot: the axis and its labels."""
_FIRST_COLOR = 16
"""plotext takes colours by number; from this one on they stand for roles and are never shown."""


class PlotextFigure(NamedTuple):
    """A drawing and the place of the plot in it; the plot begins in the first row."""

    canvas: Canvas
    left: int
    """The first column of the plot."""
    columns: int
    """Columns of the plot."""
    rows: int
    """Rows of the plot; the axis lies in the next one."""


def draw(chart: Chart, width: int, height: int) -> PlotextFigure:
    """Return curves and axes, `height` rows of `width` characters."""
    figure = _figure_class()
    figure._limit_size(False, False)
    figure.plot_size(width, height)
    figure.theme("clear")
    figure.xaxes(True, False)
    figure.yaxes(True, False)
    figure.xlim(0, chart.x_axis.end)
    figure.ylim(*chart.y_axis.ends)
    # One empty label keeps the row; plotext would order several of them at random.
    figure.xticks([0], [" "])
    y_ticks = chart.y_axis.ticks(height - BELOW)
    figure.yticks(
        [place for place, _ in y_ticks], [label.rjust(Y_LABEL_WIDTH) for _, label in y_ticks]
    )
    roles = _add_curves(figure, chart, width - LEFT, height - BELOW)
    # The steps of `build`, without the string of escape sequences that it ends with.
    figure._set_sizes()
    figure._build_matrix()
    matrix = figure.monitor.matrix
    canvas = Canvas(
        matrix.marker[::-1],
        [[roles.get(str(color), "axis") for color in row] for row in matrix.fullground[::-1]],
    )
    plot, rows = matrix.Cols_canvas, matrix.Rows_canvas
    drawn = PlotextFigure(canvas, plot.start, len(plot), len(rows))
    _add_x_ticks(drawn, chart, width)
    return drawn


def _add_x_ticks(figure: PlotextFigure, chart: Chart, width: int) -> None:
    """Mark the x axis and write the labels that fit below it."""
    free_from = 0
    for place, label in chart.x_axis.ticks(figure.columns):
        column = figure.left + column_at(place, chart.x_axis.end, figure.columns)
        figure.canvas.put(figure.rows, column, "┬", "axis")
        start = min(column - len(label) // 2, width - len(label))
        if start >= free_from:
            figure.canvas.put(figure.rows + 1, start, label, "axis")
            free_from = start + len(label) + 1


def _add_curves(figure: _figure_class, chart: Chart, columns: int, rows: int) -> dict[str, str]:
    """Draw all curves, the raw ones first, and return the role of each colour."""
    # Without any point plotext draws no axes.
    figure.scatter([0], [chart.y_axis.ends[0]], marker=" ")
    roles = ["raw", *(curve.role for curve in chart.curves)]
    colors = {role: _FIRST_COLOR + number for number, role in enumerate(roles)}
    lines = [(curve.raw, "raw") for curve in chart.curves]
    lines += [(curve.line, curve.role) for curve in chart.curves]
    (lower, upper), end = chart.y_axis.ends, chart.x_axis.end
    for points, role in lines:
        places = _places(points, chart.y_axis)
        if places:
            shares = [x / end for x in places.x]
            cells = line_cells(shares, places.y, (lower, upper), (columns, rows))
            figure.scatter(
                [end * column / max(1, columns - 1) for column in cells.columns],
                [lower + (upper - lower) * row / max(1, rows - 1) for row in cells.rows],
                marker=cells.characters,
                color=colors[role],
            )
    return {str(color): role for role, color in colors.items()}


def _places(points: Points, axis: YAxis) -> Points:
    """Return the places of points; those outside stay near, so that lines lead towards them."""
    lower, upper = axis.ends
    span = upper - lower
    places = [
        (x, min(max(axis.place(y), lower - span), upper + span))
        for x, y in zip(points.x, points.y, strict=True)
        if y > 0 or not axis.is_log
    ]
    return Points(tuple(x for x, _ in places), tuple(y for _, y in places))
