"""Many lines of letters and pixels that scroll; only those in sight are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mnist_tui.tui.terminal.line_styles import style_of
from mnist_tui.tui.widgets.line_scrolling import Scrolling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.text.styled_lines import Line


class PictureLines(ScrollView, Scrolling, can_focus=True):
    """Lines whose runs have a role of `tui.terminal.line_styles`, or the colours of pixels."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._lines: Sequence[Line] = ()

    @property
    def text(self) -> str:
        """The lines without their styles."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self._lines)

    def show(self, lines: Sequence[Line]) -> None:
        """Show `lines` in place of those before."""
        if lines != self._lines:
            self._lines = lines
            self.virtual_size = Size(0, len(lines))
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line of what is in sight."""
        base, theme = self.rich_style, self.app.theme
        number = self.scroll_offset.y + y
        line = self._lines[number] if number < len(self._lines) else ()
        segments = [Segment(text, base + style_of(role, theme)) for text, role in line]
        return Strip(segments).adjust_cell_length(self.size.width, base)
