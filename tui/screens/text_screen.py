"""A screen of lines under a header that scroll where they do not fit: devices, data, a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.getters import query_one
from textual.widgets import Static

from mnist_tui.tui.screens.base import BoardScreen
from mnist_tui.tui.widgets.key_footer import KeyFooter
from mnist_tui.tui.widgets.line_scrolling import Scrolling

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from mnist_tui.tui.state.services import AppServices

MARGIN = 2
"""Cells that stay free: a blank at the left, the scroll bar at the right."""


class TextScreen(BoardScreen):
    """One who derives from it makes the body, and shows header and lines."""

    header = query_one("#header", Static)
    scrolled = query_one("#body", Scrolling)

    def __init__(self, desk: AppServices) -> None:
        super().__init__(desk)
        self.banner = ""
        """That the supervisor is away or the picture frozen; empty where neither is."""

    def make_body(self) -> Scrolling:
        """Return the lines; they have the id `body`."""
        raise NotImplementedError

    def begin(self) -> None:
        """Begin to read what is shown."""
        raise NotImplementedError

    def show_header(self) -> None:
        """Say in the header what this is, or the banner."""
        raise NotImplementedError

    def show_lines(self) -> None:
        """Show what is known in the width there is."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Make the screen."""
        yield self.too_small_notice()
        yield Static(id="header", markup=False)
        yield self.make_body()
        yield KeyFooter(self.NAME, widget_id="keys")

    def on_mount(self) -> None:
        """Begin to read."""
        self.scrolled.focus()
        self.show_header()
        self.begin()

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self.show_lines()

    def show_banner(self, banner: str) -> None:
        """Show that the supervisor is away or the picture frozen."""
        self.banner = banner
        if self.is_mounted:
            self.show_header()

    def copy_text(self) -> str:
        """Return what is seen, as text."""
        return self.scrolled.text

    def action_move(self, rows: int) -> None:
        """Scroll."""
        self.scrolled.move(rows)

    def action_page(self, pages: float) -> None:
        """Scroll by a part of what is in sight."""
        self.scrolled.page(pages)

    def action_go_to_end(self, is_last: int) -> None:
        """Scroll to the first or last line."""
        self.scrolled.go_to_end(bool(is_last))

    def action_back(self) -> None:
        """Go back."""
        self.leave()
