"""Actions that arrange the table of sessions: cursor, marks, filter, order and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.state.filters import FilterError, parse_filter
from mnist_tui.tui.state.messages import ViewChanged
from mnist_tui.tui.state.sort_order import Sort
from mnist_tui.tui.widgets.session_columns import COLUMNS, SORT_NAMES, default_names
from mnist_tui.tui.widgets.text_prompt import PromptOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.widgets.chart_pair import ChartPair
    from mnist_tui.tui.widgets.session_table import SessionTable


class ListControls:
    """Cursor, marks, filter, order and columns of the table; most of it is remembered."""

    def __init__(
        self, screen: BaseScreen, table: SessionTable, charts: ChartPair,
        on_change: Callable[[], None],
    ) -> None:  # fmt: skip
        """Make the behaviour.

        Args:
            screen: The screen of the table.
            table: The table.
            charts: The charts, whose cursor escape removes.
            on_change: Shows what depends on cursor and marks.
        """
        self._screen = screen
        self._board = screen.board
        self._table = table
        self._charts = charts
        self._on_change = on_change
        self.filter_text = ""

    def action_move(self, rows: int) -> None:
        """Move the cursor, which then stops following the newest session."""
        self._stop_following()
        self._table.move(rows)

    def action_page(self, pages: float) -> None:
        """Move the cursor by a fraction of the visible rows."""
        self._stop_following()
        self._table.move(round(pages * self._table.page_rows))

    def action_go_to_end(self, is_last: int) -> None:
        """Move the cursor to the first or last session."""
        self._stop_following()
        self._table.go_to(len(self._board.order) if is_last else 0)

    def action_mark(self) -> None:
        """Mark the session under the cursor and go to the next."""
        if self._screen.able("mark") and self._board.selected_id is not None:
            marked_id = self._board.selected_id
            self._board.toggle_mark(marked_id)
            self._table.show_marks([marked_id])
            self._table.move(1)
            self._on_change()

    def action_mark_all(self) -> None:
        """Mark every session that is listed."""
        self._mark(set(self._board.order))

    def action_unmark(self) -> None:
        """Remove all marks."""
        self._mark(set())

    def action_clear(self) -> None:
        """Remove the filter, or else the marks, or else the chart's cursor."""
        if self.filter_text:
            self._apply_filter("")
        elif self._board.marks:
            self.action_unmark()
        else:
            self._charts.move_cursor(None)

    def action_filter(self) -> None:
        """Ask for a filter; the table follows while it is typed."""
        before = self.filter_text

        def restore() -> None:
            self._apply_filter(before)

        hint = "text  state:running  lr<0.01  !tag:old"
        self._screen.prompt(
            PromptOptions("/", self._apply_filter, before, hint, self._try_filter, restore)
        )

    def action_dial(self, digit: str) -> None:
        """Ask for the rest of a session's number and go there."""
        before = self._board.selected_id

        def go(text: str) -> str | None:
            number = int(text) if text.isascii() and text.isdigit() else -1
            if number not in self._board.records:
                return f"there is no session {text}"
            if number not in self._board.order:
                return f"#{number} does not match the filter"
            self._stop_following()
            self._table.go_to(self._board.row_of(number))
            return None

        def restore() -> None:
            if before is not None:
                self._table.go_to(self._board.row_of(before))

        self._screen.prompt(PromptOptions("go to #", go, digit, "", go, restore))
        go(digit)

    def action_follow(self) -> None:
        """Toggle whether the cursor follows the newest session."""
        self._board.follows_newest = not self._board.follows_newest
        if self._board.follows_newest and (newest := self._board.newest()) is not None:
            self._table.go_to(self._board.row_of(newest))
        said = "goes to each new session" if self._board.follows_newest else "stays where it is"
        self._screen.notify(f"The cursor {said}.", markup=False)
        self._remember(follows_newest=self._board.follows_newest)

    def action_sort(self) -> None:
        """Ask what to sort by."""
        from mnist_tui.tui.modals.picker import PickOne  # noqa: PLC0415 — 10 ms after the first frame

        def take(name: str | None) -> None:
            if name:
                self._sort(Sort(name))

        self._screen.app.push_screen(PickOne("Sort by", SORT_NAMES, self._board.sort.name), take)

    def action_reverse(self) -> None:
        """Reverse the order."""
        self._sort(Sort(self._board.sort.name, not self._board.sort.is_reversed))

    def action_columns(self) -> None:
        """Ask which columns to show."""
        from mnist_tui.tui.modals.picker import PickSeveral  # noqa: PLC0415 — 10 ms after the first frame

        def take(names: tuple[str, ...] | None) -> None:
            if names is not None:
                self._table.show_columns(names)
                self._remember(columns=names)

        entries = {column.name: column.header for column in COLUMNS if column.rank}
        ticked = self._screen.services.views.settings.columns or default_names()
        self._screen.app.push_screen(
            PickSeveral("Columns, as far as they fit", entries, ticked), take
        )

    def _sort(self, sort: Sort) -> None:
        self._screen.board_changed(self._board.sort_by(sort))
        way = "greatest first" if sort.is_descending else "least first"
        self._screen.notify(f"sorted by {SORT_NAMES[sort.name]}, {way}", markup=False, timeout=2.0)
        self._remember(sort=sort)

    def _remember(self, **changes: object) -> None:
        self._screen.services.views.update(**changes)
        self._screen.post_message(ViewChanged())

    def _apply_filter(self, text: str) -> str | None:
        try:
            matches = parse_filter(text) if text.strip() else None
        except FilterError as error:
            return str(error)
        self.filter_text = text.strip()
        self._screen.board_changed(self._board.filter_by(matches))
        return None

    def _try_filter(self, text: str) -> str | None:
        """Apply a filter while it is typed, without its last word if that is incomplete."""
        problem = self._apply_filter(text)
        if problem is not None:
            self._apply_filter(text.rpartition(" ")[0])
        return problem

    def _mark(self, marks: set[int]) -> None:
        changed = self._board.marks ^ marks
        self._board.marks = marks
        self._table.show_marks(changed)
        self._on_change()

    def _stop_following(self) -> None:
        if self._board.follows_newest:
            self._board.follows_newest = False
            self._remember(follows_newest=False)
            self._on_change()
