"""Table of sessions that redraws changed lines alone: 1.1 kB where Textual's DataTable sends 12 kB.

Measured by `bench_ui widgets` for five changes among 1,000 sessions; see docs/benchmarks.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region, Size

from mnist_tui.tui.state.messages import CursorMoved, SessionOpened
from mnist_tui.tui.text.abbreviations import abbreviate
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets import session_columns
from mnist_tui.tui.widgets.lines_widget import LinesWidget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.strip import Strip

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.state.board import Board, BoardDiff

KEPT_PAGES = 4
"""Number of screens of drawn lines that are kept."""


class SessionTable(LinesWidget):
    """The board as a table: a header, a line per session, a cursor that follows its session."""

    def __init__(self, board: Board, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._board = board
        self._columns = session_columns.choose(80)
        self._column_names: tuple[str, ...] = ()
        self._strips: dict[int, Strip] = {}
        self._short_names: dict[str, str] = {}
        """Names that are longer than their column, each as it can be told from the others."""
        self._cursor_id: int | None = None

    def show(self, change: BoardDiff) -> None:
        """Draw again what `change` made different, if it is in sight."""
        if change.is_order_new:
            self._strips.clear()
            self._fit_to_board()
            self.refresh()
        else:
            for session_id in change.ids:
                self._redraw(session_id)
        self.show_cursor()

    def show_columns(self, names: tuple[str, ...]) -> None:
        """Show these columns as far as they fit; the usual ones where none is named."""
        self._column_names = names
        self.on_resize()

    def show_marks(self, session_ids: Iterable[int]) -> None:
        """Draw again the lines of sessions that were marked or are no longer."""
        for session_id in session_ids:
            self._redraw(session_id)

    def show_cursor(self) -> None:
        """Put the mark on the board's selected session and bring it into sight."""
        before, self._cursor_id = self._cursor_id, self._board.selected_id
        self._scroll_to_cursor()
        if before != self._cursor_id:
            for session_id in {before, self._cursor_id} - {None}:
                assert session_id is not None
                self._redraw(session_id)

    def move(self, rows: int) -> None:
        """Move the cursor down, or up where `rows` is negative."""
        self.go_to(self._board.cursor + rows)

    def go_to(self, row: int) -> None:
        """Put the cursor on a row, or the nearest there is."""
        self._board.select_row(row)
        if self._board.selected_id is not None and self._board.selected_id != self._cursor_id:
            self.show_cursor()
            self.post_message(CursorMoved(self._board.selected_id))

    @property
    def page_rows(self) -> int:
        """Sessions in sight."""
        return max(1, self.size.height - 1)

    def render_line(self, y: int) -> Strip:
        """Return one line of the table as it is in sight."""
        if y == 0:
            return self.strip_of(((self._header(), ""),), "muted bold")
        row = y - 1 + round(self.scroll_y)
        if row >= len(self._board.order):
            return self.strip_of(())
        session_id = self._board.order[row]
        strip = self._strips.get(session_id)
        if strip is None:
            if len(self._strips) >= KEPT_PAGES * self.size.height:
                self._strips.clear()  # after scrolling through thousands, 3 kB each
            strip = self._strips[session_id] = self._row_strip(session_id)
        return strip

    def on_resize(self) -> None:
        """Choose the columns for the new width."""
        self._columns = session_columns.choose(self._width, self._column_names)
        self._short_names.clear()
        self._strips.clear()
        self._fit_to_board()
        self.refresh()
        self._scroll_to_cursor()

    def watch_show_vertical_scrollbar(self) -> None:
        """Make room for the scroll bar, which comes once there are more sessions than rows."""
        self.call_after_refresh(self.on_resize)

    def notify_style_update(self) -> None:
        """Forget lines drawn in another theme."""
        super().notify_style_update()
        self._strips.clear()

    def on_click(self, event: events.Click) -> None:
        """Select the clicked session; open it with a double click."""
        row = event.y - 1 + round(self.scroll_y)
        if event.y < 1 or row >= len(self._board.order):
            return
        self.go_to(row)
        if event.chain == 2:
            self.post_message(SessionOpened(self._board.order[row]))

    @property
    def _width(self) -> int:
        """Characters of a line: what the scroll bar leaves."""
        return self.scrollable_content_region.width

    def _fit_to_board(self) -> None:
        self.virtual_size = Size(self._width, len(self._board.order) + 1)

    def _redraw(self, session_id: int) -> None:
        """Draw one session's line again if it is in sight and looks different."""
        before = self._strips.pop(session_id, None)
        if session_id not in self._board.records:
            return
        y = self._board.row_of(session_id) - round(self.scroll_y) + 1
        if not 1 <= y < self.size.height:
            return
        strip = self._strips[session_id] = self._row_strip(session_id)
        if strip != before:
            self.refresh(Region(0, y, self.size.width, 1))

    def _row_strip(self, session_id: int) -> Strip:
        record = self._board.records[session_id]
        has_cursor = session_id == self._cursor_id
        mark = "*" if session_id in self._board.marks else "^" if record.is_pinned else " "
        edge = (("▌" if has_cursor else " ") + mark, "busy")
        line = (edge, *session_columns.row(self._columns, record, self._short_name(record)))
        return self.strip_of(line, "chosen bold" if has_cursor else "").simplify()

    def _short_name(self, record: SessionRecord) -> str:
        """Return the name of a session if it fits its column, else what sets it apart.

        A long name that was not there before may look like another one, so all are abbreviated
        again.
        """
        name = printable(record.name)
        width = next(column.width for column in self._columns if column.name == "name")
        if len(name) <= width:
            return name
        if name not in self._short_names:
            names = (printable(other.name) for other in self._board.records.values())
            self._short_names = abbreviate(names, width)
            self._strips.clear()
            self.refresh()
        return self._short_names[name]

    def _header(self) -> str:
        sort = self._board.sort
        arrow = "▾" if sort.is_descending else "▴"
        return session_columns.header(self._columns, sort.name, arrow)

    def _scroll_to_cursor(self) -> None:
        """Bring the cursor into sight by half a page, so that most moves redraw two lines."""
        row, top, page = self._board.cursor, round(self.scroll_y), self.page_rows
        if top <= row < top + page:
            return
        half = page // 2
        target = row - page + 1 + half if row >= top + page else row - half
        target = max(0, min(target, len(self._board.order) - page))
        self.scroll_to(y=target, animate=False)
