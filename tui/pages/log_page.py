"""Log page: the end of the worker's log, followed and searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage import folders
from mnist_tui.tui.pages.session_page import SessionPage
from mnist_tui.tui.sessions.session_tables import log_table
from mnist_tui.tui.state.messages import FormRequested
from mnist_tui.tui.widgets.log_tail import LogTail
from mnist_tui.tui.widgets.text_prompt import PromptOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.text.table import Table

COPIED_LINES = 400
"""Lines from the end of the log that are copied: about as much as terminals take."""
STEP = 8
"""Columns by which an arrow moves along long lines."""


class LogPage(SessionPage):
    """The log of a session."""

    name = "log"

    def __init__(self, screen: BaseScreen, bring: Callable[[SessionPage], None]) -> None:
        super().__init__(screen, bring)
        self.widget = self._log = LogTail(widget_id=self.name)
        self.shared_keys = (LogSearch(self, self._log),)

    def show(self, record: SessionRecord) -> None:
        """Follow the log."""
        self._log.follow(self.screen.services.home.session(record.id) / folders.WORKER_LOG)

    def exporter(self, record: SessionRecord) -> Callable[[], list[Table]]:
        """Return a function that makes a table of the lines."""
        lines = self._log.text.splitlines()
        return lambda: [log_table(lines)]

    def copy_text(self) -> str:
        """Return the last lines."""
        return "\n".join(self._log.text.splitlines()[-COPIED_LINES:])

    def back(self) -> bool:
        """End a search."""
        return self._log.end_search()

    def action_cursor(self, columns: int) -> None:
        """Move along long lines."""
        self._log.shift(STEP * columns)

    def action_search_on(self, places: int) -> None:
        """Go to another match; without a search `n` opens the form as on other pages."""
        number = self._log.go_on(places)
        if number is not None:
            self.screen.notify(f"{number} of {self._log.num_matches}", markup=False, timeout=2.0)
        elif places < 0:
            self.screen.post_message(FormRequested())


class LogSearch:
    """Keys of the log that work on every page."""

    def __init__(self, page: LogPage, log: LogTail) -> None:
        self._page = page
        self._log = log

    def action_search(self) -> None:
        """Prompt for a text to search the log for."""
        self._page.bring()

        def search(text: str) -> str | None:
            count = self._log.search(text)
            return None if count or not text else "not in the last part of the log"

        self._page.screen.prompt(PromptOptions("search", search, "", "n and N go on", search))

    def action_search_on(self, places: int) -> None:
        """Open the form for `n`, as on every screen."""
        if places < 0:
            self._page.screen.post_message(FormRequested())

    def action_follow(self) -> None:
        """Show the end of the log and follow it."""
        self._page.bring()
        self._log.follow_end()
