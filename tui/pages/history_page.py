"""History page: commands and state changes, newest first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.content import Content

from mnist_tui.storage import folders
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.history import read_history
from mnist_tui.tui.pages.session_page import SessionPage
from mnist_tui.tui.sessions.session_tables import MAX_HISTORY, history_table, history_view
from mnist_tui.tui.terminal.line_styles import content_of
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.text_writer import table_lines
from mnist_tui.tui.widgets.text_page import TextPage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
        return lambda: [history_table(read_history(folder / folders.HISTORY))]

    async def _read(self, record: SessionRecord, _width: int) -> Content:
        folder = self.screen.services.home.session(record.id)
        return await asyncio.to_thread(history_text, folder)


def history_text(folder: Path) -> Content:
    """Return the requests and events in a session's folder, newest first; reads files."""
    try:
        rows = read_history(folder / folders.HISTORY)[-MAX_HISTORY:]
    except StorageError as error:
        return Content(printable(error))
    if not rows:
        return Content("nothing has happened yet")
    return content_of(table_lines(history_view(rows[::-1])))
