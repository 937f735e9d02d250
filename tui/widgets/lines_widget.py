"""Widget of styled lines that redraws changed spans alone: a tenth of the bytes of DataTable.

Textual's Static, RichLog and DataTable repaint as a whole (`bench_ui widgets`, docs/benchmarks.md).
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mnist_tui.tui.terminal.line_styles import style_of
from mnist_tui.tui.text.styled_lines import EMPTY, changed_span, fitted, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.text.styled_lines import Line


class LinesWidget(ScrollView, inherit_bindings=False):
    """Lines whose runs have a role of `tui.terminal.line_styles`, or the colours of pixels."""

    scrolls: ClassVar[bool] = True
    """True if lines beyond the height are reached by scrolling; else they are cut off."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._lines: Sequence[Line] = ()

    @property
    def text(self) -> str:
        """The lines as plain text."""
        return text_of(self._lines, strip=self.scrolls)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show `lines` in place of those before."""
        before, self._lines = self._lines, lines
        if self.scrolls and len(lines) != len(before):
            self.virtual_size = Size(0, len(lines))
        top = self.scroll_offset.y
        visible = slice(top, top + self.size.height)
        changed = [
            Region(x, y, width, 1)
            for y, (old, new) in enumerate(
                zip_longest(before[visible], lines[visible], fillvalue=EMPTY)
            )
            for x, width in [changed_span(old, new)]
            if width
        ]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """Return one visible line."""
        row = y + self.scroll_offset.y
        line = self._lines[row] if row < len(self._lines) else EMPTY
        if self.scrolls:
            line = fitted(line, self.scrollable_content_region.width)
        return self.strip_of(line)

    def strip_of(self, line: Line, role: str = "") -> Strip:
        """Return a line as wide as the widget, with one more role for all of it."""
        theme, width = self.app.theme, self.size.width
        base = self.rich_style + style_of(role, theme)
        segments = [Segment(text, base + style_of(own, theme)) for text, own in line]
        return Strip(segments).adjust_cell_length(width, base)

    def move(self, rows: int) -> None:
        """Scroll by lines."""
        self.scroll_relative(y=rows, animate=False, immediate=True)

    def page(self, pages: float) -> None:
        """Scroll by a fraction of the visible lines."""
        self.move(round(pages * self.size.height))

    def go_to_end(self, is_last: bool) -> None:
        """Scroll to the first or the last line."""
        (self.scroll_end if is_last else self.scroll_home)(animate=False)
