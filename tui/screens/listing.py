"""Keys that arrange the table of sessions: cursor, marks, filter, order and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.screens.asking import AskingScreen
from mnist_tui.tui.state.filters import FilterError, parse_filter
from mnist_tui.tui.state.messages import ViewChanged
from mnist_tui.tui.state.sorting import Sort
from mnist_tui.tui.widgets.ask_line import LineQuestion
from mnist_tui.tui.widgets.session_columns import COLUMNS, SORT_NAMES, default_names

if TYPE_CHECKING:
    from mnist_tui.tui.state.services import AppServices
    from mnist_tui.tui.widgets.chart_pair import ChartPair
    from mnist_tui.tui.widgets.session_table import SessionTable


class ListingScreen(AskingScreen):
    """A screen with a table of sessions, which the user arranges; how is remembered."""

    table: SessionTable
    charts: ChartPair

    def __init__(self, desk: AppServices) -> None:
        super().__init__(desk)
        self._filter = ""

    def show_selected(self) -> None:
        """Show what depends on the cursor and the marks."""
        raise NotImplementedError

    def action_move(self, rows: int) -> None:
        """Move the cursor; it then no longer follows the newest session."""
        self._stop_following()
        self.table.move(rows)

    def action_page(self, pages: float) -> None:
        """Move the cursor by a part of what is in sight."""
        self._stop_following()
        self.table.move(round(pages * self.table.page_rows))

    def action_go_to_end(self, is_last: int) -> None:
        """Move the cursor to the first or last session."""
        self._stop_following()
        self.table.go_to(len(self.board.order) if is_last else 0)

    def action_mark(self) -> None:
        """Mark the session under the cursor and go to the next."""
        if self._able("mark") and self.board.selected_id is not None:
            marked_id = self.board.selected_id
            self.board.toggle_mark(marked_id)
            self.table.show_marks([marked_id])
            self.table.move(1)
            self.show_selected()

    def action_mark_all(self) -> None:
        """Mark every session that is listed."""
        self._mark(set(self.board.order))

    def action_unmark(self) -> None:
        """Take all marks away."""
        self._mark(set())

    def action_clear(self) -> None:
        """Take away the filter, or else the marks, or else the chart's cursor."""
        if self._filter:
            self._apply_filter("")
        elif self.board.marks:
            self.action_unmark()
        else:
            self.charts.move_cursor(None)

    def action_filter(self) -> None:
        """Ask for a filter; the table follows while it is typed."""
        before = self._filter

        def come_back() -> None:
            self._apply_filter(before)

        hint = "text  state:running  lr<0.01  !tag:old"
        self.ask_for(
            LineQuestion("/", self._apply_filter, before, hint, self._try_filter, come_back)
        )

    def action_dial(self, digit: str) -> None:
        """Ask for the rest of a session's number and go there."""
        before = self.board.selected_id

        def go(text: str) -> str | None:
            number = int(text) if text.isascii() and text.isdigit() else -1
            if number not in self.board.records:
                return f"there is no session {text}"
            if number not in self.board.order:
                return f"#{number} does not match the filter"
            self._stop_following()
            self.table.go_to(self.board.row_of(number))
            return None

        def come_back() -> None:
            if before is not None:
                self.table.go_to(self.board.row_of(before))

        self.ask_for(LineQuestion("go to #", go, digit, "", go, come_back))
        go(digit)

    def action_follow(self) -> None:
        """Keep the cursor on the newest session, or no longer."""
        self.board.follows_newest = not self.board.follows_newest
        if self.board.follows_newest and (newest := self.board.newest()) is not None:
            self.table.go_to(self.board.row_of(newest))
        said = "goes to each new session" if self.board.follows_newest else "stays where it is"
        self.notify(f"The cursor {said}.", markup=False)
        self._remember(follows_newest=self.board.follows_newest)

    def action_sort(self) -> None:
        """Ask what to sort by."""
        from mnist_tui.tui.screens.picker import PickOne  # noqa: PLC0415 — 10 ms after the first frame

        def take(name: str | None) -> None:
            if name:
                self._sort(Sort(name))

        self.app.push_screen(PickOne("Sort by", SORT_NAMES, self.board.sort.name), take)

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._sort(Sort(self.board.sort.name, not self.board.sort.is_reversed))

    def action_columns(self) -> None:
        """Ask which columns to show."""
        from mnist_tui.tui.screens.picker import PickSeveral  # noqa: PLC0415 — 10 ms after the first frame

        def take(names: tuple[str, ...] | None) -> None:
            if names is not None:
                self.table.show_columns(names)
                self._remember(columns=names)

        entries = {column.name: column.header for column in COLUMNS if column.rank}
        ticked = self.desk.views.settings.columns or default_names()
        self.app.push_screen(PickSeveral("Columns, as far as they fit", entries, ticked), take)

    def _sort(self, sort: Sort) -> None:
        self.board_changed(self.board.sort_by(sort))
        way = "greatest first" if sort.is_descending else "least first"
        self.notify(f"sorted by {SORT_NAMES[sort.name]}, {way}", markup=False, timeout=2.0)
        self._remember(sort=sort)

    def _remember(self, **changes: object) -> None:
        self.desk.views.update(**changes)
        self.post_message(ViewChanged())

    def _apply_filter(self, text: str) -> str | None:
        try:
            matches = parse_filter(text) if text.strip() else None
        except FilterError as error:
            return str(error)
        self._filter = text.strip()
        self.board_changed(self.board.filter_by(matches))
        return None

    def _try_filter(self, text: str) -> str | None:
        """Show what matches so far; a last word that is not finished counts for nothing yet."""
        problem = self._apply_filter(text)
        if problem is not None:
            self._apply_filter(text.rpartition(" ")[0])
        return problem

    def _mark(self, marks: set[int]) -> None:
        changed = self.board.marks ^ marks
        self.board.marks = marks
        self.table.show_marks(changed)
        self.show_selected()

    def _stop_following(self) -> None:
        if self.board.follows_newest:
            self.board.follows_newest = False
            self._remember(follows_newest=False)
            self.show_selected()
