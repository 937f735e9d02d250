"""Many lines of letters and pixels that scroll; only those in sight are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mnist_tui.tui.evaluation.styles import styles_in
from mnist_tui.tui.widgets.line_scrolling import Scrolling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.terminal.image_half_blocks import ImageLine


class PictureLines(ScrollView, Scrolling, can_focus=True):
    """Lines whose runs have a role of `tui.evaluation.styles`, or the colours of pixels."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._lines: Sequence[ImageLine] = ()
        self._styles: dict[str, Style] = {}

    @property
    def text(self) -> str:
        """The lines without their styles."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self._lines)

    def show(self, lines: Sequence[ImageLine]) -> None:
        """Show `lines` in place of those before."""
        if lines != self._lines:
            self._lines = lines
            self.virtual_size = Size(0, len(lines))
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line of what is in sight."""
        base = self.rich_style
        number = self.scroll_offset.y + y
        line = self._lines[number] if number < len(self._lines) else ()
        segments = [Segment(text, self._style(base, role)) for text, role in line]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def notify_style_update(self) -> None:
        """Forget the colours of another theme."""
        super().notify_style_update()
        self._styles.clear()

    def _style(self, base: Style, role: str) -> Style:
        if role not in self._styles:
            known = styles_in(self.app.theme)
            self._styles[role] = base + Style.parse(known.get(role, role))
        return self._styles[role]
