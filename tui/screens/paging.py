"""Keys that move within the pages of a session, and search its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.screens.charting import ChartingScreen
from mnist_tui.tui.widgets.ask_line import LineQuestion

if TYPE_CHECKING:
    from textual.widgets import ContentSwitcher

    from mnist_tui.tui.widgets.log_tail import LogTail

LOG_STEP = 8
"""Columns by which an arrow moves along the lines of the log."""


class PagingScreen(ChartingScreen):
    """A screen of pages by number, one of which is a log."""

    pages: ContentSwitcher
    log_tail: LogTail

    def action_tab(self, number: str) -> None:
        """Show a page by its number."""
        raise NotImplementedError

    def action_cursor(self, columns: int) -> None:
        """Move the charts' cursor, or along the long lines of the log."""
        if self._page == "log":
            self.log_tail.shift(LOG_STEP * columns)
        else:
            super().action_cursor(columns)

    def action_search(self) -> None:
        """Ask what to search the log for."""
        self.action_tab("5")

        def search(text: str) -> str | None:
            count = self.log_tail.search(text)
            return None if count or not text else "not in the last part of the log"

        self.ask_for(LineQuestion("search", search, "", "n and N go on", search))

    def action_search_on(self, places: int) -> None:
        """Go to another line found; where nothing is searched `n` opens the form as elsewhere."""
        number = self.log_tail.go_on(places) if self._page == "log" else None
        if number is not None:
            self.notify(f"{number} of {self.log_tail.num_found}", markup=False, timeout=2.0)
        elif places < 0:
            self.action_new()

    def action_follow(self) -> None:
        """Show the end of the log and follow it."""
        self.action_tab("5")
        self.log_tail.go_to_end()

    def action_move(self, rows: int) -> None:
        """Scroll the page."""
        page = self.pages.visible_content
        if page is not None:
            page.scroll_relative(y=rows, animate=False)

    def action_page(self, pages: float) -> None:
        """Scroll by a part of what is in sight."""
        self.action_move(round(pages * self.pages.size.height))

    def action_go_to_end(self, is_last: int) -> None:
        """Scroll to the beginning or the end."""
        page = self.pages.visible_content
        if page is not None:
            (page.scroll_end if is_last else page.scroll_home)(animate=False)

    @property
    def _page(self) -> str:
        current = self.pages.current or ""
        return "charts" if current == "charts-page" else current
