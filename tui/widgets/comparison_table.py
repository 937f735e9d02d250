"""Table of compared sessions: a column per session, a line per parameter or metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from mnist_tui.tui.text.styled_lines import first_visible
from mnist_tui.tui.text.table import Table, value_of
from mnist_tui.tui.widgets.comparison_lines import (
    HEADER_LINES,
    LABEL_WIDTH,
    ColumnWindow,
    column_width,
    columns_in,
    lines_of,
)
from mnist_tui.tui.widgets.lines_widget import LinesWidget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual import events

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.text.styled_lines import Line


class ComparisonTable(LinesWidget, can_focus=False):
    """A fixed column of labels and a column per session, with a cursor on a session and a row."""

    scrolls = False

    @dataclass
    class Chosen(Message):
        """The cursor moved to another session or row."""

    @dataclass
    class Opened(Message):
        """The user double-clicked a session."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._records: Sequence[SessionRecord] = ()
        self._table: Table | None = None
        self._slots: Mapping[int, int] = {}
        self._baseline_id = 0
        self._chosen_id = 0
        self._row = 0
        self._first_column = self._first_row = 0

    @property
    def chosen_id(self) -> int:
        """The session that keys act on."""
        return self._chosen_id

    @property
    def chosen_measure(self) -> str:
        """The name of the row under the cursor; empty before there are rows."""
        names = self._names
        return names[self._row] if self._row < len(names) else ""

    @property
    def page_rows(self) -> int:
        """The number of visible rows."""
        return max(1, self.size.height - HEADER_LINES)

    def show(
        self,
        records: Sequence[SessionRecord],
        table: Table | None,
        slots: Mapping[int, int],
        baseline_id: int,
    ) -> None:
        """Draw the changes; the cursor stays on its session and on its row.

        Args:
            records: The sessions, in the order of their columns.
            table: The comparison of these sessions; None until it is read.
            slots: The slot 0..9 of each session ID, as in the charts.
            baseline_id: The session that the others are compared with.
        """
        measure = self.chosen_measure
        self._records, self._table, self._slots = records, table, slots
        self._baseline_id = baseline_id
        if self._chosen_id not in {record.id for record in records}:
            self._chosen_id = records[0].id if records else 0
        names = self._names
        last = max(0, len(names) - 1)
        self._row = names.index(measure) if measure in names else min(self._row, last)
        self._draw()

    def choose(self, session_id: int) -> None:
        """Put the cursor on a session."""
        if session_id != self._chosen_id:
            self._chosen_id = session_id
            self._draw()
            self.post_message(self.Chosen())

    def choose_next(self, places: int) -> None:
        """Move the cursor `places` sessions to the right, at most to the first or last one."""
        place = max(0, min(self._column + places, len(self._records) - 1))
        if self._records:
            self.choose(self._records[place].id)

    def go_to(self, row: int) -> None:
        """Put the cursor on a row, or on the nearest existing one."""
        row = max(0, min(row, len(self._names) - 1))
        if row != self._row:
            self._row = row
            self._draw()
            self.post_message(self.Chosen())

    def move(self, rows: int) -> None:
        """Move the cursor down, or up if `rows` is negative."""
        self.go_to(self._row + rows)

    def go_to_end(self, is_last: bool) -> None:
        """Go to the first or last row."""
        self.go_to(len(self._names) if is_last else 0)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw()
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked cell; open the session on a double click."""
        if event.y >= HEADER_LINES:
            self.go_to(self._first_row + event.y - HEADER_LINES)
        place = self._first_column + (event.x - LABEL_WIDTH) // self._column_width
        if event.x < LABEL_WIDTH or place >= len(self._records):
            return
        self.choose(self._records[place].id)
        if event.chain == 2:
            self.post_message(self.Opened())

    def on_mouse_scroll_down(self) -> None:
        """Go down."""
        self.move(1)

    def on_mouse_scroll_up(self) -> None:
        """Go up."""
        self.move(-1)

    @property
    def _names(self) -> list[str]:
        return [str(value_of(row[0])) for row in self._table.rows] if self._table else []

    @property
    def _column(self) -> int:
        ids = [record.id for record in self._records]
        return ids.index(self._chosen_id) if self._chosen_id in ids else 0

    @property
    def _column_width(self) -> int:
        return column_width(self.size.width, len(self._records))

    def _draw(self) -> None:
        self.show_lines(self._compose_lines() if self.size.width and self._records else [])

    def _compose_lines(self) -> list[Line]:
        num_columns = columns_in(self.size.width)
        table = self._table or Table("", (), ())
        self._first_column = first_visible(
            self._first_column, self._column, num_columns, len(self._records)
        )
        self._first_row = first_visible(self._first_row, self._row, self.page_rows, len(table.rows))
        window = ColumnWindow(
            self._first_column,
            num_columns,
            self._first_row,
            self.page_rows,
            self._column,
            self._row,
            self._column_width,
        )
        return lines_of(self._records, table, self._slots, self._baseline_id, window)
