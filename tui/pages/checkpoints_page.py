"""Checkpoints page: every checkpoint, newest first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mnist_tui.tui.pages.session_page import SessionPage
from mnist_tui.tui.sessions.checkpoint_table import checkpoint_table, list_checkpoints
from mnist_tui.tui.widgets.text_page import TextPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.content import Content

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.text.table import Table


class CheckpointsPage(SessionPage):
    """The checkpoints of a session, read from their manifests."""

    name, short_name = "checkpoints", "saves"

    def __init__(self, screen: BaseScreen, bring: Callable[[SessionPage], None]) -> None:
        super().__init__(screen, bring)
        self.widget = self._text = TextPage(self._read, widget_id=self.name)

    def show(self, record: SessionRecord) -> None:
        """Show the checkpoints."""
        self._text.show(record)

    def exporter(self, record: SessionRecord) -> Callable[[], list[Table]]:
        """Return a function that makes a table of the checkpoints."""
        folder = self.screen.services.home.session(record.id)
        return lambda: [checkpoint_table(folder)]

    async def _read(self, record: SessionRecord, _width: int) -> Content:
        folder = self.screen.services.home.session(record.id)
        return await asyncio.to_thread(list_checkpoints, folder)
