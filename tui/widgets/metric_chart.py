"""One chart: a title with the newest values over the drawing; only changed lines are redrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from mnist_tui.tui.charts.chart_marks import SLOT_MARKERS
from mnist_tui.tui.text.styled_lines import text_of

if TYPE_CHECKING:
    from rich.style import Style

    from mnist_tui.tui.charts.chart_painter import PaintedChart
    from mnist_tui.tui.text.styled_lines import Line

ROLES = (
    "title", "axis", "train", "val", "test", "raw", "best", "event", "cursor",
    *(f"slot-{slot}" for slot in range(len(SLOT_MARKERS))),
)  # fmt: skip


class MetricChart(Widget):
    """A metric of one session, or of several over each other, painted elsewhere."""

    class SizeChanged(Message):
        """The picture does not fit any more."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"metric-chart--{role}" for role in ROLES}

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._picture: PaintedChart | None = None
        self._cursor: float | None = None
        self._lines: list[Line] = []
        self._styles: dict[str, Style] = {}

    @property
    def text(self) -> str:
        """What is drawn, as plain text."""
        return text_of(self._lines, strip=False)

    @property
    def picture(self) -> PaintedChart | None:
        """What was painted last."""
        return self._picture

    def show(self, picture: PaintedChart | None, cursor: float | None = None) -> None:
        """Draw a picture, or nothing for None.

        Args:
            picture: What is drawn.
            cursor: The position on the x axis whose values are read; none where None.
        """
        self._picture, self._cursor = picture, cursor
        lines = self._compose_lines()
        changed = [y for y in range(self.size.height) if _at(lines, y) != _at(self._lines, y)]
        self._lines = lines
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """Return one line of the title or the drawing."""
        segments = [Segment(text, self._style(role)) for text, role in _at(self._lines, y)]
        return Strip(segments).adjust_cell_length(self.size.width, self._style(""))

    def notify_style_update(self) -> None:
        """Forget the colours of another theme."""
        super().notify_style_update()
        self._styles.clear()

    def on_resize(self) -> None:
        """Ask for a picture of the new size."""
        self.post_message(self.SizeChanged())

    def _style(self, role: str) -> Style:
        """Return the style of a role, of what is empty for none."""
        style = self._styles.get(role)
        if style is None:
            style = self.rich_style
            if role:
                style += self.get_component_rich_style(f"metric-chart--{role}", partial=True)
            self._styles[role] = style
        return style

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


def _at(lines: list[Line], y: int) -> Line:
    return lines[y] if y < len(lines) else ()
