"""End of a log file, followed and searched; as fast to fill as Textual's Log (`bench_ui widgets`).

Textual's Log can neither mark the matches of a search nor move along long lines.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from textual import work
from textual.geometry import Size

from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.lines_widget import LinesWidget

if TYPE_CHECKING:
    from pathlib import Path

    from textual.strip import Strip

TAIL_BYTES = 256 * 1024


class LogTail(LinesWidget):
    """The last lines of a file; it follows the end unless the user has scrolled up."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._path: Path | None = None
        self._bytes_seen = -1
        self._log_lines: list[str] = []
        self._needle = ""
        self._matches: list[int] = []
        self._place = -1
        self._left = 0
        self._is_wanted = asyncio.Event()

    @property
    def text(self) -> str:
        """The lines there are."""
        return "\n".join(self._log_lines)

    def on_mount(self) -> None:
        """Start reading, one reading at a time."""
        self._follow()

    def follow(self, path: Path) -> None:
        """Show the end of `path`, read again whenever this is called."""
        if path != self._path:
            self._path, self._log_lines, self._bytes_seen = path, [], -1
            self._matches, self._place = [], -1
            self.refresh()
        self._is_wanted.set()

    def follow_end(self) -> None:
        """Show the last lines and follow them from now on."""
        self._place = -1
        self.scroll_end(animate=False)

    def shift(self, columns: int) -> None:
        """Move to the right along long lines, or back to the left."""
        longest = max(map(len, self._log_lines), default=0)
        self._left = max(0, min(self._left + columns, longest - self.size.width // 2))
        self.refresh()

    def end_search(self) -> bool:
        """Remove the marks; return whether there was a search."""
        was_searched = bool(self._needle)
        self.search("")
        return was_searched

    def search(self, text: str) -> int:
        """Mark the lines that contain `text`, go to the last of them, and return their number.

        Case does not matter; nothing is marked for an empty text.
        """
        self._needle = text.casefold()
        self._find_matches()
        self._place = len(self._matches) - 1
        self._show_match()
        return len(self._matches)

    def go_on(self, places: int) -> int | None:
        """Go to the next match or the one before; return its number from 1, None if no match."""
        if not self._matches:
            return None
        self._place = (self._place + places) % len(self._matches)
        self._show_match()
        return self._place + 1

    @property
    def num_matches(self) -> int:
        """Number of lines that match the search."""
        return len(self._matches)

    def render_line(self, y: int) -> Strip:
        """Return one line in sight."""
        row = y + round(self.scroll_y)
        text = self._log_lines[row] if row < len(self._log_lines) else ""
        if not self._log_lines and y == 0:
            text = "no log yet: it begins when the session first starts"
        role, mark = "", ""
        if self._needle and self._needle in text.casefold():
            is_current = 0 <= self._place < len(self._matches) and self._matches[self._place] == row
            role = "bold reverse" if is_current else "bold"
            mark = "▶ " if is_current else "• "
        return self.strip_of(((mark + text[self._left :], role),))

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
        self._find_matches()
        self.virtual_size = Size(self.size.width, len(lines))
        # A scroll repaints, too.
        if is_at_end and self.max_scroll_y > self.scroll_y:
            self.scroll_end(animate=False)
        else:
            self.refresh()

    def _find_matches(self) -> None:
        self._matches = (
            [row for row, line in enumerate(self._log_lines) if self._needle in line.casefold()]
            if self._needle
            else []
        )

    def _show_match(self) -> None:
        if 0 <= self._place < len(self._matches):
            row = self._matches[self._place]
            self.scroll_to(y=max(0, row - self.size.height // 2), animate=False)
        self.refresh()


def read_tail(path: Path, known_size: int) -> tuple[int, list[str]]:
    """Return the file's size and its last lines, or no lines if it still has `known_size`."""
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
