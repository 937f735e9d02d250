"""Page of text that is read in the background and scrolls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import ComposeResult

    from mnist_tui.storage.records import SessionRecord

MARGIN = 5
"""Columns that a page leaves free beside its text."""


class TextPage(VerticalScroll):
    """The newest text of one session; unchanged text is not redrawn."""

    def __init__(
        self, read: Callable[[SessionRecord, int], Awaitable[Content]], *, widget_id: str
    ) -> None:
        """Make the page.

        Args:
            read: Returns the text for a session and a width in cells.
            widget_id: The ID of this widget.
        """
        super().__init__(id=widget_id, classes="page")
        self._read = read
        self._text = Static()
        self._content = Content()
        self._record: SessionRecord | None = None
        self._is_wanted = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Yield the text."""
        yield self._text

    def show(self, record: SessionRecord) -> None:
        """Read the text of a session again; a reading of another session is cancelled."""
        is_other = self._record is None or self._record.id != record.id
        self._record = record
        self._is_wanted.set()
        if is_other:
            self._follow()

    def put(self, content: Content) -> None:
        """Show `content` until the next reading ends."""
        if not content.is_same(self._content):
            self._content = content
            self._text.update(content)

    def on_resize(self) -> None:
        """Read for the new width."""
        self._is_wanted.set()

    @work(exclusive=True)
    async def _follow(self) -> None:
        """Read one text at a time, always the newest one requested."""
        while True:
            await self._is_wanted.wait()
            self._is_wanted.clear()
            if self._record is not None:
                # The page is as wide as its parent, also while it is hidden.
                width = self.app.size.width - MARGIN
                self.put(await self._read(self._record, width))
