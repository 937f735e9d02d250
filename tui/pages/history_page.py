"""History page: commands and state changes, newest first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mnist_tui.tui.pages.session_page import SessionPage
from mnist_tui.tui.sessions.session_pages import history_page, history_table
from mnist_tui.tui.widgets.text_page import TextPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.content import Content

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.text.table import Table


class HistoryPage(SessionPage):
    """The history of a session, read from its file."""

    name = "history"

    def __init__(self, screen: BaseScreen, bring: Callable[[SessionPage], None]) -> None:
        super().__init__(screen, bring)
        self.widget = self._text = TextPage(self._read, widget_id=self.name)

    def show(self, record: SessionRecord) -> None:
        """Show the history."""
        self._text.show(record)

    def exporter(self, record: SessionRecord) -> Callable[[], list[Table]]:
        """Return a function that makes a table of the history."""
        folder = self.screen.services.home.session(record.id)
        return lambda: [history_table(folder)]

    async def _read(self, record: SessionRecord, _width: int) -> Content:
        folder = self.screen.services.home.session(record.id)
        return await asyncio.to_thread(history_page, folder)
