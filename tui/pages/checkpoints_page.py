"""Checkpoints page: every checkpoint, newest first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.content import Content

from mnist_tui.storage import folders
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.errors import StorageError
from mnist_tui.tui.pages.session_page import SessionPage
from mnist_tui.tui.sessions.session_tables import SHOWN_OF_CHECKPOINTS, checkpoint_table
from mnist_tui.tui.terminal.line_styles import content_of
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.text_writer import table_lines
from mnist_tui.tui.widgets.text_page import TextPage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mnist_tui.storage.records import CheckpointInfo, SessionRecord
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
        return lambda: [checkpoint_table(_newest_first(folder))]

    async def _read(self, record: SessionRecord, width: int) -> Content:
        folder = self.screen.services.home.session(record.id)
        return await asyncio.to_thread(checkpoint_text, folder, width)


def checkpoint_text(folder: Path, width: int) -> Content:
    """Return the checkpoints in a session's folder, newest first; reads files."""
    try:
        infos = _newest_first(folder)
    except StorageError as error:
        return Content(printable(error))
    if not infos:
        return Content("no checkpoint yet: one is written at pause, stop and while training")
    table = checkpoint_table(infos).select(*SHOWN_OF_CHECKPOINTS)
    return content_of(table_lines(table, width))


def _newest_first(folder: Path) -> list[CheckpointInfo]:
    return CheckpointFolder(folder / folders.CHECKPOINTS).manifests()[::-1]
