"""Sessions screen: the table of all sessions above the charts of the selected one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.widgets import Static

from mnist_tui.storage.records import SessionState
from mnist_tui.training.analysis.parameter_differences import MAX_SESSIONS, MIN_SESSIONS
from mnist_tui.training.sessions.lifecycle import ENDED
from mnist_tui.training.sessions.queue import queue_places
from mnist_tui.tui.behaviors.base_screen import BaseScreen
from mnist_tui.tui.behaviors.chart_controls import ChartControls
from mnist_tui.tui.behaviors.list_controls import ListControls
from mnist_tui.tui.behaviors.session_requests import SessionRequests
from mnist_tui.tui.behaviors.view_actions import ViewActions
from mnist_tui.tui.keys.key_action import SESSIONS
from mnist_tui.tui.keys.key_rules import bindings_of
from mnist_tui.tui.sessions.session_lines import detail_line, empty_table_lines, modes_text
from mnist_tui.tui.state.eta import outlook
from mnist_tui.tui.state.messages import SessionOpened, SessionsCompared
from mnist_tui.tui.terminal.line_styles import content_of
from mnist_tui.tui.text.styled_lines import EMPTY
from mnist_tui.tui.widgets.chart_pair import ChartPair
from mnist_tui.tui.widgets.key_footer import KeyFooter
from mnist_tui.tui.widgets.session_table import SessionTable
from mnist_tui.tui.widgets.totals_line import TotalsLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.state.board import BoardDiff
    from mnist_tui.tui.state.services import AppServices
    from mnist_tui.tui.text.styled_lines import Line
    from mnist_tui.tui.text.table import Table


class SessionsScreen(BaseScreen):
    """The table above, the selected session's two charts below, always visible."""

    NAME = SESSIONS
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(SESSIONS)

    def __init__(self, services: AppServices, place: str) -> None:
        super().__init__(services)
        self._place = place
        self._devices = ""
        self._detail_line: Line = EMPTY
        self.totals = TotalsLine(place, widget_id="totals")
        self.empty = Static(id="empty")
        self.table = SessionTable(self.board, widget_id="table")
        self.detail = Static(id="detail")
        self.charts = ChartPair(services.feed, widget_id="charts")
        self.footer = KeyFooter(self.NAME, widget_id="keys")
        self._list = ListControls(self, self.table, self.charts, self.show_selected)
        self.behaviors = (
            self._list,
            SessionRequests(self),
            ChartControls(self, self.charts),
            ViewActions(self),
        )

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
        yield self.too_small_notice()
        yield self.totals
        yield self.empty
        with Vertical(id="body"):
            yield self.table
            yield self.detail
            yield self.charts
        yield self.footer

    def on_mount(self) -> None:
        """Apply the view settings and focus the table."""
        views = self.services.views.settings
        self.board.sort, self.board.follows_newest = views.sort, views.follows_newest
        self.table.show_columns(views.columns)
        self.charts.set_view(views.chart)
        self.table.focus()

    def targets(self) -> list[SessionRecord]:
        """Return the marked sessions, or the one under the cursor."""
        return self.board.targets()

    def board_changed(self, change: BoardDiff) -> None:
        """Redraw what changed."""
        self.table.show(change)
        self._show_totals()
        if change.is_order_new:
            self._show_whether_empty()
        if change.is_order_new or self.board.selected_id in change.ids:
            self.show_selected()

    def tick(self) -> None:
        """Read the metrics of the selected session again while they can grow."""
        record = self.board.selected
        if record is not None and record.state not in ENDED:
            self.charts.show([record])

    def show_devices(self, devices: str) -> None:
        """Show the load of the devices."""
        self._devices = devices
        self._show_totals()
        self._show_detail()

    def show_banner(self, banner: str) -> None:
        """Show that the supervisor is away or the picture frozen."""
        self.totals.announce(banner)

    def reported(self) -> list[SessionRecord]:
        """Return the sessions that keys act on."""
        return self.targets()

    def exporter(self) -> Callable[[], list[Table]]:
        """Return a function that makes tables of the listed sessions and of the charts."""
        from mnist_tui.tui.sessions.session_tables import sessions_table  # noqa: PLC0415 — after the first frame

        listed = [self.board.records[each] for each in self.board.order]
        charts = self.charts
        return lambda: [sessions_table(listed), *charts.tables()]

    def copy_text(self) -> str:
        """Return the IDs of the sessions that keys act on."""
        return " ".join(str(record.id) for record in self.targets())

    def on_cursor_moved(self) -> None:
        """Show the session under the cursor."""
        self.show_selected()

    def on_screen_resume(self) -> None:
        """Show what changed while another screen was above."""
        self.charts.set_view(self.services.views.settings.chart)
        if self.board.order:
            self.table.show_cursor()
            self.show_selected()

    def action_open(self) -> None:
        """Open the session under the cursor."""
        if self.able("open") and self.board.selected_id is not None:
            self.post_message(SessionOpened(self.board.selected_id))

    def action_compare(self) -> None:
        """Compare the marked sessions, a single one with this; else this one and the next."""
        if not self.able("compare"):
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

    async def action_leave(self) -> None:
        """Leave; training goes on."""
        await self.app.action_quit()

    def _show_whether_empty(self) -> None:
        is_empty = not self.board.order
        self.set_class(is_empty, "-empty")
        if is_empty:
            filter_text = self._list.filter_text if self.board.records else ""
            self.empty.update(content_of(empty_table_lines(self._place, filter_text)))

    def _show_totals(self) -> None:
        board = self.board
        self.totals.show(board.counts(), self._devices, outlook(board.going_on()))

    def show_selected(self) -> None:
        """Show footer, charts and the line below the table."""
        record = self.board.selected
        self.footer.show(self.targets())
        self.charts.show([record] if record else [])
        self._show_detail()

    def _show_detail(self) -> None:
        record = self.board.selected
        if record is None:
            self._show_line(EMPTY)
            return
        modes = modes_text(
            filter_text=self._list.filter_text,
            num_listed=len(self.board.order),
            num_marked=len(self.board.marks),
            follows_newest=self.board.follows_newest,
        )
        self._show_line(
            detail_line(
                record,
                modes=modes,
                queue_place=self._queue_place(record),
                device_use=self._device_use(record),
            )
        )

    def _show_line(self, line: Line) -> None:
        # Redrawing the same line would redraw a screen above this one as a whole.
        if line != self._detail_line:
            self._detail_line = line
            self.detail.update(content_of([line]), layout=False)

    def _queue_place(self, record: SessionRecord) -> int | None:
        if record.state is not SessionState.QUEUED:
            return None
        return queue_places(self.board.records.values()).get(record.id)

    def _device_use(self, record: SessionRecord) -> str:
        reading = self.services.devices.newest
        if reading is None or record.worker_pid is None:
            return ""
        from mnist_tui.tui.devices.device_text import session_use  # noqa: PLC0415 — after the first frame

        return session_use(reading, record.worker_pid)
