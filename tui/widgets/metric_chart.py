"""Chart of one metric: a title with the newest values above the drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from mnist_tui.tui.widgets.lines_widget import LinesWidget

if TYPE_CHECKING:
    from mnist_tui.tui.charts.chart_painter import PaintedChart
    from mnist_tui.tui.text.styled_lines import Line


class MetricChart(LinesWidget, can_focus=False):
    """A metric of one session, or of several overlaid, painted elsewhere."""

    scrolls = False

    class SizeChanged(Message):
        """The size changed, and the picture no longer fits."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._picture: PaintedChart | None = None
        self._cursor: float | None = None

    @property
    def picture(self) -> PaintedChart | None:
        """The newest picture."""
        return self._picture

    def show(self, picture: PaintedChart | None, cursor: float | None = None) -> None:
        """Draw a picture, or nothing for None.

        Args:
            picture: What is drawn.
            cursor: The position on the x axis whose values are read; none where None.
        """
        self._picture, self._cursor = picture, cursor
        self.show_lines(self._compose_lines())

    def on_resize(self) -> None:
        """Ask for a picture of the new size."""
        self.post_message(self.SizeChanged())

    def _compose_lines(self) -> list[Line]:
        picture = self._picture
        if picture is None:
            return []
        from mnist_tui.tui.charts.chart_readout import read_at  # noqa: PLC0415 — numpy, 120 ms
        from mnist_tui.tui.charts.chart_title import title_lines  # noqa: PLC0415 — only with a picture

        cursor = self._cursor
        chart, count = picture.chart, picture.num_title_lines
        if cursor is None or not picture.plot_rows:
            return [*title_lines(chart, picture.width, count), *picture.lines]
        reading = read_at(chart, cursor, picture.reach)
        return [
            *title_lines(chart, picture.width, count, reading),
            *picture.with_cursor(picture.column_of(cursor)),
        ]
