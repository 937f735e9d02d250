"""One session: how it does, its charts, network, parameters, checkpoints, log and history."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.widgets import ContentSwitcher, Static

from storage import folders
from storage.records import SessionState
from training.client import Refused, Unreachable
from training.lifecycle import ENDED
from training.queue_order import queue_places
from tui.devices.text import session_use
from tui.inert import inert
from tui.keys.action import SESSION
from tui.keys.use import bindings_of
from tui.messages import DevicesOpened
from tui.screens.asking import AskingScreen
from tui.screens.charting import ChartingScreen
from tui.sessions.checkpoints import list_checkpoints
from tui.sessions.header import header
from tui.sessions.pages import (
    history_page,
    history_table,
    layer_page,
    layer_table,
    parameter_page,
    parameter_table,
)
from tui.widgets.ask_line import LineQuestion
from tui.widgets.chart_pair import ChartPair
from tui.widgets.key_footer import KeyFooter
from tui.widgets.log_tail import LogTail

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from storage.records import SessionRecord
    from tui.desk import Desk
    from tui.exports import ViewTable
    from tui.sessions.board import Change

COPIED_LINES = 400
"""The end of a log that is copied: about as much as terminals take."""
PAGE_MARGIN = 5
"""Columns that a page leaves free beside its text."""
TABS = ("charts", "model", "parameters", "checkpoints", "log", "history")


class SessionScreen(AskingScreen, ChartingScreen):
    """The board's selected session in full; `[` and `]` go to its neighbours."""

    NAME = SESSION
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(SESSION)

    header = query_one("#header", Static)
    tabs = query_one("#tabs", Static)
    pages = query_one("#pages", ContentSwitcher)
    charts = query_one("#charts", ChartPair)
    log_tail = query_one("#log", LogTail)
    log_end = query_one("#log-end", LogTail)
    footer = query_one("#keys", KeyFooter)

    def __init__(self, desk: Desk, session_id: int) -> None:
        super().__init__(desk)
        self._shown_id = session_id
        self._banner = ""
        self._exactness = ""
        self._summaries: dict[int, dict[str, Any]] = {}
        self._contents: dict[str, Content] = {}

    def compose(self) -> ComposeResult:
        """Make the screen."""
        yield self.too_small_notice()
        yield Static(id="header")
        yield Static(id="tabs")
        with ContentSwitcher(id="pages", initial="charts-page"):
            with Vertical(id="charts-page"):
                yield ChartPair(self.desk.feed, widget_id="charts")
                yield LogTail(widget_id="log-end")
            for name in ("model", "parameters", "checkpoints"):
                with VerticalScroll(id=name, classes="page"):
                    yield Static(id=f"{name}-text")
            yield LogTail(widget_id="log")
            with VerticalScroll(id="history", classes="page"):
                yield Static(id="history-text")
        yield KeyFooter(self.NAME, widget_id="keys")

    def on_mount(self) -> None:
        """Show the session and its charts."""
        self.charts.set_view(self.desk.views.settings.chart)
        self.action_tab("1")
        self._show()

    def on_resize(self) -> None:
        """Fit the text to the new width."""
        if self.is_mounted:
            self._show()

    def board_changed(self, change: Change) -> None:
        """Draw what is different; leave when the session is gone."""
        if self._shown_id not in self.board.records:
            self.notify(f"Session #{self._shown_id} is in the trash.", markup=False)
            self.dismiss()
        elif self._shown_id in change.ids:
            self._show()

    @property
    def focus_record(self) -> SessionRecord | None:
        """The session shown, wherever the table's cursor is."""
        return self.board.records.get(self._shown_id)

    def tick(self) -> None:
        """Read the session's files again while they can grow."""
        record = self.focus_record
        if record is not None and record.state not in ENDED:
            self._read_files(record)

    def show_devices(self, _devices: str) -> None:
        """Show what the session takes of the machine."""
        self._show_header()

    def show_banner(self, banner: str) -> None:
        """Show that the supervisor is away or the picture frozen."""
        self._banner = banner
        self._show_header()

    def export_tables(self) -> list[ViewTable]:
        """Return what the page in sight shows.

        Raises:
            StorageError: It cannot be read.
        """
        record, name = self.focus_record, self._page
        if record is None:
            return []
        match name:
            case "model" if record.id in self._summaries:
                return [layer_table(self._summaries[record.id])]
            case "history":
                return [history_table(self.desk.home.session(record.id))]
            case "parameters":
                return [parameter_table(record)]
            case _:
                return [parameter_table(record), *self.charts.tables()]

    def copy_text(self) -> str:
        """Return what the charts show in words, or the log; else the ID."""
        match self._page:
            case "charts":
                return "\n".join(self.charts.twins()) or super().copy_text()
            case "log":
                return "\n".join(self.log_tail.text.splitlines()[-COPIED_LINES:])
            case _:
                return super().copy_text()

    def action_tab(self, number: str) -> None:
        """Show a page by its number."""
        name = TABS[int(number) - 1]
        self.pages.current = "charts-page" if name == "charts" else name
        self.tabs.update(_tab_line(name))
        page = self.pages.visible_content
        if page is not None and page.can_focus:
            page.focus()
        else:
            self.set_focus(None)
        if self.focus_record is not None:
            self._read_files(self.focus_record)

    def action_next(self) -> None:
        """Go to the next session without leaving the page."""
        self._go(1)

    def action_previous(self) -> None:
        """Go to the previous session without leaving the page."""
        self._go(-1)

    def action_search(self) -> None:
        """Ask what to search the log for."""
        self.action_tab("5")

        def search(text: str) -> str | None:
            count = self.log_tail.search(text)
            return None if count or not text else "not in the last part of the log"

        self.ask_for(LineQuestion("search", search, "", "n and N go on", search))

    def action_search_on(self, places: int) -> None:
        """Go to another line found; where nothing is searched `n` opens the form as elsewhere."""
        number = self.log_tail.go_on(places) if self._page == "log" else None
        if number is not None:
            self.notify(f"{number} of {self.log_tail.num_found}", markup=False, timeout=2.0)
        elif places < 0:
            self.action_new()

    def action_follow(self) -> None:
        """Show the end of the log and follow it."""
        self.action_tab("5")
        self.log_tail.go_to_end()

    def action_devices(self) -> None:
        """Show the devices."""
        self.post_message(DevicesOpened())

    def action_move(self, rows: int) -> None:
        """Scroll the page."""
        page = self.pages.visible_content
        if page is not None:
            page.scroll_relative(y=rows, animate=False)

    def action_page(self, pages: float) -> None:
        """Scroll by a part of what is in sight."""
        self.action_move(round(pages * self.pages.size.height))

    def action_go_to_end(self, is_last: int) -> None:
        """Scroll to the beginning or the end."""
        page = self.pages.visible_content
        if page is not None:
            (page.scroll_end if is_last else page.scroll_home)(animate=False)

    def action_back(self) -> None:
        """Back to all sessions; the cursor of the charts goes first."""
        self.dismiss()

    @property
    def _page(self) -> str:
        current = self.pages.current or ""
        return "charts" if current == "charts-page" else current

    def _go(self, rows: int) -> None:
        row = self.board.row_of(self._shown_id) + rows
        if not 0 <= row < len(self.board.order):
            self.notify("There is no further session in this direction.", markup=False)
            return
        self._shown_id = self.board.order[row]
        self.board.select(self._shown_id)
        self._exactness = ""
        self.charts.move_cursor(None)
        self._show()

    def _show(self) -> None:
        record = self.focus_record
        if record is None:
            return
        self._show_header()
        self.footer.show([record])
        self._put("parameters", parameter_page(record, self.size.width - PAGE_MARGIN))
        self._read_files(record)
        if not self._exactness:
            self._compare_fingerprints(record)

    def _show_header(self) -> None:
        record = self.focus_record
        if record is None or not self.is_mounted:
            return
        reading = self.desk.devices.newest
        place = None
        if record.state is SessionState.QUEUED:
            place = queue_places(self.board.records.values()).get(record.id)
        self.header.update(
            header(
                record,
                self.size.width,
                banner=self._banner,
                queue_place=place,
                device_use=session_use(reading, record.worker_pid) if reading else "",
                exactness=self._exactness,
            )
        )

    def _read_files(self, record: SessionRecord) -> None:
        folder = self.desk.home.session(record.id)
        match self._page:
            case "charts":
                self.charts.show([record])
                self.log_end.follow(folder / folders.WORKER_LOG)
            case "log":
                self.log_tail.follow(folder / folders.WORKER_LOG)
            case "checkpoints":
                self._read_page(record.id, "checkpoints", lambda: list_checkpoints(folder))
            case "history":
                self._read_page(record.id, "history", lambda: history_page(folder))
            case "model" if record.id not in self._summaries:
                self._read_layers(record)
            case "model":
                self._show_layers(record)

    @work(exclusive=True, group="page")
    async def _read_page(self, session_id: int, name: str, read: Callable[[], Content]) -> None:
        content = await asyncio.to_thread(read)
        if self._shown_id == session_id:
            self._put(name, content)

    @work(exclusive=True, group="layers")
    async def _read_layers(self, record: SessionRecord) -> None:
        self._put("model", Content("asking for the layers…"))
        try:
            summary = await self.desk.asker.layers(record.parameters)
        except (Refused, Unreachable) as error:
            self._put("model", Content(inert(error)))
            return
        self._summaries[record.id] = summary
        if self._shown_id == record.id:
            self._show_layers(record)

    def _show_layers(self, record: SessionRecord) -> None:
        self._put("model", layer_page(record, self._summaries[record.id]))

    @work(exclusive=True, group="exactness")
    async def _compare_fingerprints(self, record: SessionRecord) -> None:
        from tui.sessions.exactness import exactness  # noqa: PLC0415 — 10 ms that the first frame saves

        said = await asyncio.to_thread(exactness, record)
        if self._shown_id == record.id:
            self._exactness = said
            self._show_header()

    def _put(self, name: str, content: Content) -> None:
        if self._contents.get(name) != content:
            self._contents[name] = content
            self.query_one(f"#{name}-text", Static).update(content)


def _tab_line(chosen: str) -> Content:
    parts = [
        Content.styled(f" {number} {name} ", "bold $accent reverse" if name == chosen else "")
        for number, name in enumerate(TABS, start=1)
    ]
    return Content(" ").join(parts)
