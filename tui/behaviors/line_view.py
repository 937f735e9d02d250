"""Screen layout of scrolling lines under a header line: devices, data and study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from mnist_tui.tui.widgets.key_footer import KeyFooter

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.widgets.lines_widget import LinesWidget

MARGIN = 2
"""Cells that stay free: a blank at the left, the scroll bar at the right."""


class LineView:
    """Header, body and footer of such a screen, and the actions that scroll the body."""

    def __init__(self, screen: BaseScreen, body: LinesWidget) -> None:
        self._screen = screen
        self._body = body
        self._header = Static(id="header", markup=False)
        self._title = Content()
        self._banner = ""

    @property
    def width(self) -> int:
        """Cells of a line; 0 or less while the screen has no size."""
        return self._screen.size.width - MARGIN

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
        yield self._screen.too_small_notice()
        yield self._header
        yield self._body
        yield KeyFooter(self._screen.NAME, widget_id="keys")

    def show_title(self, name: str, *details: tuple[str, str]) -> None:
        """Show the screen's name, and details in their styles unless there is a banner."""
        if self._banner:
            details = ((f"  {self._banner}", "$warning"),)
        title = Content.assemble((f" {name}", "bold"), *details)
        if not title.is_same(self._title):
            self._title = title
            self._header.update(title, layout=False)

    def set_banner(self, banner: str) -> None:
        """Set the banner that the next `show_title` shows instead of details; empty for none."""
        self._banner = banner

    def action_move(self, rows: int) -> None:
        """Scroll."""
        self._body.move(rows)

    def action_page(self, pages: float) -> None:
        """Scroll by a fraction of the visible lines."""
        self._body.page(pages)

    def action_go_to_end(self, is_last: int) -> None:
        """Scroll to the first or last line."""
        self._body.go_to_end(bool(is_last))
