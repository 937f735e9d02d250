"""The end of a session's log, followed as it grows, and searched."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import work
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from pathlib import Path

TAIL_BYTES = 256 * 1024


class LogTail(ScrollView, can_focus=True):
    """The last lines of a file; it follows the end unless the user looks further up."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"log-tail--found", "log-tail--current"}

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._path: Path | None = None
        self._bytes_seen = -1
        self._log_lines: list[str] = []
        self._sought = ""
        self._found: list[int] = []
        self._place = -1
        self._left = 0
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
            self._found, self._place = [], -1
            self.refresh()
        self._is_wanted.set()

    def go_to_end(self) -> None:
        """Show the last lines and follow them from now on."""
        self._place = -1
        self.scroll_end(animate=False)

    def shift(self, columns: int) -> None:
        """Look further to the right at long lines, or back to the left."""
        longest = max(map(len, self._log_lines), default=0)
        self._left = max(0, min(self._left + columns, longest - self.size.width // 2))
        self.refresh()

    def end_search(self) -> bool:
        """Mark nothing any more; return whether anything was searched."""
        was_searched = bool(self._sought)
        self.search("")
        return was_searched

    def search(self, text: str) -> int:
        """Mark the lines that hold `text`, go to the last of them, and return how many there are.

        Case does not matter; nothing is marked for an empty text.
        """
        self._sought = text.casefold()
        self._find()
        self._place = len(self._found) - 1
        self._show_found()
        return len(self._found)

    def go_on(self, places: int) -> int | None:
        """Go to the next line found, or the one before; return its number from 1 on.

        None where nothing was found.
        """
        if not self._found:
            return None
        self._place = (self._place + places) % len(self._found)
        self._show_found()
        return self._place + 1

    @property
    def num_found(self) -> int:
        """How many lines hold what was searched."""
        return len(self._found)

    def render_line(self, y: int) -> Strip:
        """Return one line in sight."""
        row = y + round(self.scroll_y)
        text = self._log_lines[row] if row < len(self._log_lines) else ""
        if not self._log_lines and y == 0:
            text = "no log yet: it begins when the session first starts"
        style, mark = self.rich_style, ""
        if self._sought and self._sought in text.casefold():
            is_current = 0 <= self._place < len(self._found) and self._found[self._place] == row
            kind = "current" if is_current else "found"
            style += self.get_component_rich_style(f"log-tail--{kind}", partial=True)
            mark = "▶ " if is_current else "• "
        shown = mark + text[self._left :]
        return Strip([Segment(shown, style)]).adjust_cell_length(self.size.width, self.rich_style)

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
        self._find()
        self.virtual_size = Size(self.size.width, len(lines))
        if is_at_end:
            self.scroll_end(animate=False)
        self.refresh()

    def _find(self) -> None:
        self._found = (
            [row for row, line in enumerate(self._log_lines) if self._sought in line.casefold()]
            if self._sought
            else []
        )

    def _show_found(self) -> None:
        if 0 <= self._place < len(self._found):
            row = self._found[self._place]
            self.scroll_to(y=max(0, row - self.size.height // 2), animate=False)
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
        return -2, [printable(f"cannot be read: {error}")]
    lines = text.replace("\r\n", "\n").expandtabs(4).split("\n")
    if size > TAIL_BYTES:
        lines = lines[1:]
    if not lines[-1]:
        lines.pop()
    return size, [printable(line.rsplit("\r", 1)[-1]) for line in lines]
