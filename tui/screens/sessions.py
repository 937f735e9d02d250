"""All sessions, and the charts of the selected one: moving the cursor is comparing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static

from training import figures
from training.lifecycle import ENDED
from tui import formatting
from tui.actions import SESSIONS, bindings_of
from tui.inert import inert
from tui.messages import SessionOpened
from tui.screens.base import BoardScreen
from tui.widgets.chart_pair import ChartPair
from tui.widgets.key_footer import KeyFooter
from tui.widgets.session_table import SessionTable
from tui.widgets.totals_line import TotalsLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from storage.records import SessionRecord
    from tui.board import Board, Change
    from tui.metric_feed import MetricFeed


class SessionsScreen(BoardScreen):
    """The table above, the selected session's two charts below, always in sight."""

    NAME = SESSIONS
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(SESSIONS)

    table = query_one("#table", SessionTable)
    charts = query_one("#charts", ChartPair)
    totals = query_one("#totals", TotalsLine)
    detail = query_one("#detail", Static)
    footer = query_one("#keys", KeyFooter)
    empty = query_one("#empty", Static)

    def __init__(
        self, board: Board, new_session: Callable[[], None], feed: MetricFeed, place: str
    ) -> None:
        super().__init__(board, new_session)
        self._feed = feed
        self._place = place

    def compose(self) -> ComposeResult:
        """Make the screen."""
        yield self.too_small_notice()
        yield TotalsLine(self._place, widget_id="totals")
        yield Static(id="empty")
        with Vertical(id="body"):
            yield SessionTable(self.board, widget_id="table")
            yield Static(id="detail")
            yield ChartPair(self._feed, widget_id="charts")
        yield KeyFooter(self.NAME, widget_id="keys")

    def on_mount(self) -> None:
        """Give the keys to the table."""
        self.table.focus()

    def board_changed(self, change: Change) -> None:
        """Draw what is different."""
        self.table.show(change)
        self.totals.show(self.board.counts())
        is_empty = not self.board.order
        if change.is_order_new:
            self.set_class(is_empty, "-empty")
            if is_empty:
                self.empty.update(_teaching(self._place))
        if change.is_order_new or self.board.selected_id in change.ids:
            self._show_selected()

    def tick(self) -> None:
        """Read the metrics of the selected session again while they can grow."""
        record = self.board.selected
        if record is not None and record.state not in ENDED:
            self.charts.show([record])

    def show_link(self, banner: str) -> None:
        """Show that the supervisor is away, or that it is back."""
        self.totals.announce(banner)

    def on_cursor_moved(self) -> None:
        """Show the session under the cursor."""
        self._show_selected()

    def on_screen_resume(self) -> None:
        """Show what changed while another screen lay above."""
        if self.board.order:
            self.table.show_cursor()
            self._show_selected()

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.table.move(rows)

    def action_page(self, pages: float) -> None:
        """Move the cursor by a part of what is in sight."""
        self.table.move(round(pages * self.table.page_rows))

    def action_go_to_end(self, is_last: int) -> None:
        """Move the cursor to the first or last session."""
        self.table.go_to(len(self.board.order) if is_last else 0)

    def action_open(self) -> None:
        """Open the session under the cursor."""
        if self.board.selected_id is not None:
            self.post_message(SessionOpened(self.board.selected_id))
        else:
            self.notify("There is no session yet; press n to make one.", markup=False)

    async def action_leave(self) -> None:
        """Leave; training goes on."""
        await self.app.action_quit()

    def _show_selected(self) -> None:
        record = self.board.selected
        self.footer.show(record)
        self.charts.show([record] if record else [])
        self.detail.update(_detail(record) if record else "")


def _detail(record: SessionRecord) -> Content:
    """Return one line on a session: its name, what it trains, and why it is as it is."""
    look = formatting.state_look(record)
    cause = figures.waiting_for(record)
    said = f"{look.word}: {inert(cause)}" if cause and cause != look.word else ""
    return Content.assemble(
        (f" #{record.id} {inert(record.name)}", "bold"),
        (f"  {said or inert(formatting.summary(record))}", f"$tone-{look.tone}" if said else ""),
    )


def _teaching(place: str) -> Content:
    return Content.assemble(
        "No sessions yet in ", (place, "bold"), ".\n\n",
        ("n", "bold $accent"), "  make one: choose a dataset and a model, ctrl+r starts it\n",
        ("?", "bold $accent"), "  every key\n",
        ("q", "bold $accent"), "  leave; what trains goes on training\n\n",
        "Other sessions? They may lie in another home: mnist-tui --home DIR",
    )  # fmt: skip
