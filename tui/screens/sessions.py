"""All sessions, and the charts of the selected one: moving the cursor is comparing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static

from storage.records import SessionState
from training.comparing import MAX_SESSIONS, MIN_SESSIONS
from training.lifecycle import ENDED
from training.queue_order import queue_places
from tui.keys.action import SESSIONS
from tui.keys.use import bindings_of
from tui.messages import DevicesOpened, SessionOpened, SessionsCompared, ViewChanged
from tui.screens.asking import AskingScreen
from tui.screens.charting import ChartingScreen
from tui.sessions.detail import detail_line, modes_line, teaching
from tui.sessions.filters import FilterError, parse_filter
from tui.sessions.outlook import outlook
from tui.sessions.sorting import Sort
from tui.widgets.ask_line import LineQuestion
from tui.widgets.chart_pair import ChartPair
from tui.widgets.key_footer import KeyFooter
from tui.widgets.session_columns import COLUMNS, SORT_NAMES, default_names
from tui.widgets.session_table import SessionTable
from tui.widgets.totals_line import TotalsLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from storage.records import SessionRecord
    from tui.desk import Desk
    from tui.exports import ViewTable
    from tui.sessions.board import Change


class SessionsScreen(AskingScreen, ChartingScreen):
    """The table above, the selected session's two charts below, always in sight."""

    NAME = SESSIONS
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(SESSIONS)

    table = query_one("#table", SessionTable)
    charts = query_one("#charts", ChartPair)
    totals = query_one("#totals", TotalsLine)
    detail = query_one("#detail", Static)
    footer = query_one("#keys", KeyFooter)
    empty = query_one("#empty", Static)

    def __init__(self, desk: Desk, place: str) -> None:
        super().__init__(desk)
        self._place = place
        self._filter = ""
        self._devices = ""
        self._told = Content()

    def compose(self) -> ComposeResult:
        """Make the screen."""
        yield self.too_small_notice()
        yield TotalsLine(self._place, widget_id="totals")
        yield Static(id="empty")
        with Vertical(id="body"):
            yield SessionTable(self.board, widget_id="table")
            yield Static(id="detail")
            yield ChartPair(self.desk.feed, widget_id="charts")
        yield KeyFooter(self.NAME, widget_id="keys")

    def on_mount(self) -> None:
        """Give the keys to the table."""
        views = self.desk.views.settings
        self.board.sort, self.board.follows_newest = views.sort, views.follows_newest
        self.table.show_columns(views.columns)
        self.charts.set_view(views.chart)
        self.table.focus()

    def targets(self) -> list[SessionRecord]:
        """Return the marked sessions, or the one under the cursor."""
        return self.board.targets()

    def board_changed(self, change: Change) -> None:
        """Draw what is different."""
        self.table.show(change)
        self._show_totals()
        if change.is_order_new:
            self._show_whether_empty()
        if change.is_order_new or self.board.selected_id in change.ids:
            self._show_selected()

    def tick(self) -> None:
        """Read the metrics of the selected session again while they can grow."""
        record = self.board.selected
        if record is not None and record.state not in ENDED:
            self.charts.show([record])

    def show_devices(self, devices: str) -> None:
        """Show what the devices do."""
        self._devices = devices
        self._show_totals()
        self._show_detail()

    def show_banner(self, banner: str) -> None:
        """Show that the supervisor is away or the picture frozen."""
        self.totals.announce(banner)

    def exporter(self) -> Callable[[], list[ViewTable]]:
        """Return what makes tables of the sessions listed, and of the selected one's curves."""
        from tui.sessions.export import sessions_table  # noqa: PLC0415 — after the first frame

        listed = [self.board.records[each] for each in self.board.order]
        charts = self.charts
        return lambda: [sessions_table(listed), *charts.tables()]

    def copy_text(self) -> str:
        """Return the IDs of what keys act on."""
        return " ".join(str(record.id) for record in self.targets())

    def on_cursor_moved(self) -> None:
        """Show the session under the cursor."""
        self._show_selected()

    def on_screen_resume(self) -> None:
        """Show what changed while another screen lay above."""
        self.charts.set_view(self.desk.views.settings.chart)
        if self.board.order:
            self.table.show_cursor()
            self._show_selected()

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

    def action_open(self) -> None:
        """Open the session under the cursor."""
        if self._able("open") and self.board.selected_id is not None:
            self.post_message(SessionOpened(self.board.selected_id))

    def action_compare(self) -> None:
        """Compare what is marked, a single one with this; without marks this one and the next."""
        if not self._able("compare"):
            return
        session_ids = self._to_compare()
        if len(session_ids) < MIN_SESSIONS:
            self.notify("Mark two sessions or more with space, then press c.", markup=False)
        elif len(session_ids) > MAX_SESSIONS:
            self.notify(
                f"{len(session_ids)} sessions are marked; compare at most {MAX_SESSIONS}.",
                markup=False,
            )
        else:
            self.post_message(SessionsCompared(tuple(sorted(session_ids))))

    def _to_compare(self) -> set[int]:
        row = max(0, min(self.board.cursor, len(self.board.order) - 2))
        match len(self.board.marks):
            case 0:
                return set(self.board.order[row : row + 2])
            case 1:
                return self.board.marks | {self.board.order[self.board.cursor]}
            case _:
                return set(self.board.marks)

    def action_devices(self) -> None:
        """Show the devices."""
        self.post_message(DevicesOpened())

    def action_mark(self) -> None:
        """Mark the session under the cursor and go to the next."""
        if self._able("mark") and self.board.selected_id is not None:
            marked_id = self.board.selected_id
            self.board.toggle_mark(marked_id)
            self.table.show_marks([marked_id])
            self.table.move(1)
            self._show_selected()

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
        from tui.screens.picker import PickOne  # noqa: PLC0415 — 10 ms after the first frame

        def take(name: str | None) -> None:
            if name:
                self._sort(Sort(name))

        self.app.push_screen(PickOne("Sort by", SORT_NAMES, self.board.sort.name), take)

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._sort(Sort(self.board.sort.name, not self.board.sort.is_reversed))

    def action_columns(self) -> None:
        """Ask which columns to show."""
        from tui.screens.picker import PickSeveral  # noqa: PLC0415 — 10 ms after the first frame

        def take(names: tuple[str, ...] | None) -> None:
            if names is not None:
                self.table.show_columns(names)
                self._remember(columns=names)

        entries = {column.name: column.header for column in COLUMNS if column.rank}
        ticked = self.desk.views.settings.columns or default_names()
        self.app.push_screen(PickSeveral("Columns, as far as they fit", entries, ticked), take)

    async def action_leave(self) -> None:
        """Leave; training goes on."""
        await self.app.action_quit()

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
        self._show_selected()

    def _stop_following(self) -> None:
        if self.board.follows_newest:
            self.board.follows_newest = False
            self._remember(follows_newest=False)
            self._show_detail()

    def _show_whether_empty(self) -> None:
        is_empty = not self.board.order
        self.set_class(is_empty, "-empty")
        if is_empty:
            self.empty.update(teaching(self._place, self._filter if self.board.records else ""))

    def _show_totals(self) -> None:
        board = self.board
        self.totals.show(board.counts(), self._devices, outlook(board.going_on()))

    def _show_selected(self) -> None:
        record = self.board.selected
        self.footer.show(self.targets())
        self.charts.show([record] if record else [])
        self._show_detail()

    def _show_detail(self) -> None:
        record = self.board.selected
        if record is None:
            self._tell(Content())
            return
        modes = modes_line(
            filter_text=self._filter,
            num_listed=len(self.board.order),
            num_marked=len(self.board.marks),
            follows_newest=self.board.follows_newest,
        )
        self._tell(
            detail_line(
                record,
                modes=modes,
                queue_place=self._queue_place(record),
                device_use=self._device_use(record),
            )
        )

    def _tell(self, line: Content) -> None:
        # Drawing the same line again would draw the screen above this one as a whole.
        if not line.is_same(self._told):
            self._told = line
            self.detail.update(line, layout=False)

    def _queue_place(self, record: SessionRecord) -> int | None:
        if record.state is not SessionState.QUEUED:
            return None
        return queue_places(self.board.records.values()).get(record.id)

    def _device_use(self, record: SessionRecord) -> str:
        reading = self.desk.devices.newest
        if reading is None or record.worker_pid is None:
            return ""
        from tui.devices.text import session_use  # noqa: PLC0415 — after the first frame

        return session_use(reading, record.worker_pid)
