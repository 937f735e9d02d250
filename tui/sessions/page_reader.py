"""The pages of a session that must be read first: from its files, or by asking the supervisor."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual.content import Content

from mnist_tui.training.protocol.client import Refused, Unreachable
from mnist_tui.tui.sessions.checkpoint_table import list_checkpoints
from mnist_tui.tui.sessions.session_pages import history_page, layer_page
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.state.services import AppServices

READ_PAGES = ("model", "checkpoints", "history")


class PageReader:
    """Reads pages in threads, and the layers of each session's network only once."""

    def __init__(self, desk: AppServices) -> None:
        self._desk = desk
        self._summaries: dict[int, dict[str, Any]] = {}

    def layers(self, session_id: int) -> dict[str, Any] | None:
        """Return the layers of a session's network; None while they are not known."""
        return self._summaries.get(session_id)

    async def read(self, record: SessionRecord, name: str) -> Content:
        """Return one of `READ_PAGES` as it is now."""
        folder = self._desk.home.session(record.id)
        match name:
            case "checkpoints":
                return await asyncio.to_thread(list_checkpoints, folder)
            case "history":
                return await asyncio.to_thread(history_page, folder)
            case _:
                return await self._layer_page(record)

    async def _layer_page(self, record: SessionRecord) -> Content:
        if record.id not in self._summaries:
            try:
                summary = await self._desk.asker.layers(record)
            except (Refused, Unreachable) as error:
                return Content(printable(error))
            self._summaries[record.id] = summary
        return layer_page(record, self._summaries[record.id])
