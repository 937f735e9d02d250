"""The end of a session's log, followed as it grows."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import work
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.inert import inert

if TYPE_CHECKING:
    from pathlib import Path

TAIL_BYTES = 256 * 1024


class LogTail(ScrollView, can_focus=True):
    """The last lines of a file; it follows the end unless the user looks further up."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._path: Path | None = None
        self._bytes_seen = -1
        self._log_lines: list[str] = []
        self._is_wanted = asyncio.Event()

    @property
    def text(self) -> str:
        """The lines there are."""
        return "\n".join(self._log_lines)

    def on_mount(self) -> None:
        """Begin to read; one reading at a time."""
        self._follow()

    def follow(self, path: Path) -> None:
        """Show the end of `path`, read again whenever this is called."""
        if path != self._path:
            self._path, self._log_lines, self._bytes_seen = path, [], -1
            self.refresh()
        self._is_wanted.set()

    def render_line(self, y: int) -> Strip:
        """Return one line in sight."""
        row = y + round(self.scroll_y)
        text = self._log_lines[row] if row < len(self._log_lines) else ""
        if not self._log_lines and y == 0:
            text = "no log yet: it begins when the session first starts"
        segment = Segment(text, self.rich_style)
        return Strip([segment]).adjust_cell_length(self.size.width, self.rich_style)

    @work(exclusive=True)
    async def _follow(self) -> None:
        while True:
            await self._is_wanted.wait()
            self._is_wanted.clear()
            path = self._path
            if path is None:
                continue
            size, lines = await asyncio.to_thread(read_tail, path, self._bytes_seen)
            if path == self._path and size != self._bytes_seen:
                self._take(size, lines)

    def _take(self, size: int, lines: list[str]) -> None:
        is_at_end = self.scroll_y >= self.max_scroll_y - 1
        self._bytes_seen, self._log_lines = size, lines
        self.virtual_size = Size(self.size.width, len(lines))
        if is_at_end:
            self.scroll_end(animate=False)
        self.refresh()


def read_tail(path: Path, known_size: int) -> tuple[int, list[str]]:
    """Return the file's size and its last lines, or no lines where it still has `known_size`."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size == known_size:
                return size, []
            file.seek(max(0, size - TAIL_BYTES))
            text = file.read(TAIL_BYTES).decode(errors="replace")
    except FileNotFoundError:
        return -2, []
    except OSError as error:
        return -2, [inert(f"cannot be read: {error}")]
    lines = text.replace("\r\n", "\n").expandtabs(4).split("\n")
    if size > TAIL_BYTES:
        lines = lines[1:]
    if not lines[-1]:
        lines.pop()
    return size, [inert(line.rsplit("\r", 1)[-1]) for line in lines]
