"""Charts as SVG elements: the same curves, axes and events that the terminal shows.

The page's style sheet colours each curve by its role, for light and dark backgrounds.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from mnist_tui.tui.charts.axes import column_at
from mnist_tui.tui.charts.chart_marks import BEST, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mnist_tui.tui.charts.chart_model import Chart, Curve, Points

WIDTH, HEIGHT = 520.0, 280.0
LEFT, RIGHT, TOP, BOTTOM = 54.0, 14.0, 24.0, 34.0
"""Margins around the plot: for labels, for half a label, for events, for labels."""
EDGE = 6.0
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
PIXELS_PER_COLUMN = 2.0
NUM_COLUMNS = int(PLOT_WIDTH / PIXELS_PER_COLUMN)
"""Columns that the points of a curve are reduced to; each keeps its least and greatest value."""
CHARACTER_WIDTH = 6.03
"""Width of a character of the events, in 10 px monospaced type."""
X_TICK_COLUMNS, Y_TICK_ROWS = 64, 12
"""Size of the plot in characters, from which the axes choose their ticks."""


def chart_svg(chart: Chart, name: str, number: int) -> str:
    """Return the `<svg>` element of a chart.

    Args:
        chart: With its curves reduced to `NUM_COLUMNS`.
        name: Its accessible name.
        number: Unique among the charts of the page.
    """
    clip = f"plot-{number}"
    return "\n".join(
        (
            f'<svg class="chart" role="img" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
            f' aria-label="{escape(name)}">',
            # The clip area is larger than the plot, so that markers at the edge are drawn whole.
            f'<clipPath id="{clip}"><rect x="{LEFT - EDGE:g}" y="{TOP - EDGE:g}"'
            f' width="{PLOT_WIDTH + 2 * EDGE:g}" height="{PLOT_HEIGHT + 2 * EDGE:g}"/></clipPath>',
            *_axes(chart),
            *_events(chart),
            f'<g clip-path="url(#{clip})">',
            *(part for curve in chart.curves for part in _curve(chart, curve)),
            "</g>",
            *_above(chart),
            *_best(chart),
            "</svg>",
        )
    )


def _x(chart: Chart, position: float) -> float:
    return LEFT + PLOT_WIDTH * position / (chart.x_axis.end or 1.0)


def _y(chart: Chart, value: float) -> float:
    return _y_of_place(chart, chart.y_axis.place(value))


def _y_of_place(chart: Chart, place: float) -> float:
    lower, upper = chart.y_axis.ends
    return TOP + PLOT_HEIGHT * (1 - (place - lower) / (upper - lower))


def _axes(chart: Chart) -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    for place, label in chart.y_axis.ticks(Y_TICK_ROWS):
        y = _y_of_place(chart, place)
        yield f'<path class="grid" d="M{LEFT:g} {y:.1f}H{right:g}"/>'
        yield f'<text class="y" x="{LEFT - 6:g}" y="{y + 4:.1f}">{escape(label)}</text>'
    for position, label in chart.x_axis.ticks(X_TICK_COLUMNS):
        x = _x(chart, position)
        # The last label includes the unit and would otherwise extend beyond the figure.
        is_last = x > right - 30
        side, label_x = ("end", min(x + 8, right)) if is_last else ("middle", x)
        yield f'<path class="tick" d="M{x:.1f} {bottom:g}v4"/>'
        yield (
            f'<text class="x" text-anchor="{side}" x="{label_x:.1f}"'
            f' y="{bottom + 17:g}">{escape(label)}</text>'
        )
    yield f'<path class="axis" d="M{LEFT:g} {TOP:g}V{bottom:g}H{right:g}"/>'


def _curve(chart: Chart, curve: Curve) -> Iterator[str]:
    if len(curve.line) > 1:
        yield f'<polyline class="line {curve.role}" points="{_points(chart, curve.line)}"/>'
    dots = curve.dots if len(curve.line) > 1 else curve.dots or curve.line
    for x, y in zip(dots.x, dots.y, strict=True):
        yield (
            f'<text class="dot {curve.role}" x="{_x(chart, x):.1f}" y="{_y(chart, y):.1f}">'
            f"{curve.marker if curve.marker != '─' else '•'}</text>"
        )


def _points(chart: Chart, points: Points) -> str:
    return " ".join(
        f"{_x(chart, x):.1f},{_y(chart, y):.1f}" for x, y in zip(points.x, points.y, strict=True)
    )


def _events(chart: Chart) -> Iterator[str]:
    """Yield a line and a text for each event, and a tick on the axis for each quiet one."""
    num_characters = int(PLOT_WIDTH / CHARACTER_WIDTH)
    placed = [
        (column_at(position, chart.x_axis.end, num_characters), event)
        for position, event in chart.events
        if 0 <= position <= chart.x_axis.end
    ]
    layout = lay_out(placed, num_characters)
    bottom = HEIGHT - BOTTOM
    for column in layout.columns:
        x = LEFT + (column + 0.5) * CHARACTER_WIDTH
        yield f'<path class="event" d="M{x:.1f} {TOP - 2:g}V{bottom:g}"/>'
    for mark in layout.marks:
        x = LEFT + mark.start * CHARACTER_WIDTH
        yield f'<text class="event" x="{x:.1f}" y="{TOP - 8:g}">{escape(mark.text)}</text>'
    quiet = sorted({column for column, event in placed if event.is_quiet})
    for column in quiet:
        x = LEFT + (column + 0.5) * CHARACTER_WIDTH
        yield f'<path class="saved" d="M{x:.1f} {bottom:g}v-5"/>'


def _above(chart: Chart) -> Iterator[str]:
    """Yield an arrow in each column that has a value above the axis."""
    columns = {
        column_at(position, chart.x_axis.end, NUM_COLUMNS // 5): role
        for position, role in chart.above
    }
    for column, role in columns.items():
        x = LEFT + (column + 0.5) * PLOT_WIDTH / (NUM_COLUMNS // 5)
        yield f'<text class="dot {role}" x="{x:.1f}" y="{TOP + 9:g}">↑</text>'


def _best(chart: Chart) -> Iterator[str]:
    if chart.best is None:
        return
    position, value, _ = chart.best
    x, y = _x(chart, position), _y(chart, value)
    if not TOP <= y <= HEIGHT - BOTTOM:
        return
    # Towards the middle of the plot, where the label has room.
    is_low = y > TOP + PLOT_HEIGHT / 2
    label_y = y - 9 if is_low else y + 19
    is_left, is_right = x < LEFT + 40, x > WIDTH - RIGHT - 40
    side = "start" if is_left else "end" if is_right else "middle"
    yield f'<text class="best" x="{x:.1f}" y="{y:.1f}">{BEST}</text>'
    yield (
        f'<text class="best-value" text-anchor="{side}" x="{x:.1f}" y="{label_y:.1f}">'
        f"best {escape(chart.show(value))}{escape(chart.y_axis.unit)}</text>"
    )
