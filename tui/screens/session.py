"""One session: charts, network, parameters, checkpoints, log, history, and what it mistakes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.widgets import ContentSwitcher, Static

from mnist_tui.storage import folders
from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import ENDED
from mnist_tui.training.sessions.queue import queue_places
from mnist_tui.tui.devices.device_text import session_use
from mnist_tui.tui.evaluation.page_state import PageKind
from mnist_tui.tui.keys.key_action import SESSION
from mnist_tui.tui.keys.key_rules import bindings_of
from mnist_tui.tui.screens.asking import AskingScreen
from mnist_tui.tui.screens.evaluating import EvaluatingScreen
from mnist_tui.tui.sessions.checkpoint_table import checkpoint_table
from mnist_tui.tui.sessions.page_reader import READ_PAGES, PageReader
from mnist_tui.tui.sessions.page_tabs import TABS, tab_line
from mnist_tui.tui.sessions.session_header import header
from mnist_tui.tui.sessions.session_pages import (
    history_table,
    layer_table,
    log_table,
    parameter_page,
    parameter_table,
)
from mnist_tui.tui.state.messages import DevicesOpened
from mnist_tui.tui.widgets.chart_pair import ChartPair
from mnist_tui.tui.widgets.evaluation_page import EvaluationPage
from mnist_tui.tui.widgets.key_footer import KeyFooter
from mnist_tui.tui.widgets.log_tail import LogTail

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.state.board import BoardDiff
    from mnist_tui.tui.state.services import AppServices
    from mnist_tui.tui.text.table import Table

COPIED_LINES = 400
"""The end of a log that is copied: about as much as terminals take."""
NOTHING = Content()
PAGE_MARGIN = 5
"""Columns that a page leaves free beside its text."""


class SessionScreen(AskingScreen, EvaluatingScreen):
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

    def __init__(self, desk: AppServices, session_id: int) -> None:
        super().__init__(desk)
        self._shown_id = session_id
        self._banner = ""
        self._exactness = ""
        self._compared_id: int | None = None
        """The session whose fingerprint was, or is being, compared with this machine."""
        self._reader = PageReader(desk)
        self._is_page_wanted = asyncio.Event()
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
            yield EvaluationPage(self.desk.home, PageKind.PREDICTIONS, widget_id="predictions")
            yield EvaluationPage(self.desk.home, PageKind.MATRIX, widget_id="confusion")
            yield EvaluationPage(self.desk.home, PageKind.OUTLIERS, widget_id="outliers")
        yield KeyFooter(self.NAME, widget_id="keys")

    def on_mount(self) -> None:
        """Show the session and its charts."""
        self.charts.set_view(self.desk.views.settings.chart)
        self.action_tab("1")
        self._show()

    def on_resize(self) -> None:
        """Fit the text to the new width."""
        if self.is_mounted:
            self.tabs.update(tab_line(self._page, self.size.width))
            self._show()

    def board_changed(self, change: BoardDiff) -> None:
        """Draw what is different; leave when the session is gone."""
        if self._shown_id not in self.board.records:
            if not self._is_leaving:
                self.notify(f"Session #{self._shown_id} is in the trash.", markup=False)
            self.leave()
        elif self._shown_id in change.ids:
            self._show()

    @property
    def focus_record(self) -> SessionRecord | None:
        """The session shown, wherever the table's cursor is."""
        return self.board.records.get(self._shown_id)

    def tick(self) -> None:
        """Read the session's files again while they can grow."""
        record = self.focus_record
        # Whoever asks for an evaluation, its session has ended most of the time.
        if record is not None and (record.state not in ENDED or self.evaluation_page):
            self._read_files(record)

    def show_devices(self, _devices: str) -> None:
        """Show what the session takes of the machine."""
        self._show_header()

    def show_banner(self, banner: str) -> None:
        """Show that the supervisor is away or the picture frozen."""
        self._banner = banner
        self._show_header()

    def exporter(self) -> Callable[[], list[Table]]:
        """Return what makes tables of the page in sight."""
        record, charts = self.focus_record, self.charts
        if record is None:
            return list
        if page := self.evaluation_page:
            return page.make_tables
        folder = self.desk.home.session(record.id)
        match self._page:
            case "model":
                layers = self._reader.layers(record.id)
                return lambda: [] if layers is None else [layer_table(layers)]
            case "history":
                return lambda: [history_table(folder)]
            case "checkpoints":
                return lambda: [checkpoint_table(folder)]
            case "log":
                lines = self.log_tail.text.splitlines()
                return lambda: [log_table(lines)]
            case "parameters":
                return lambda: [parameter_table(record)]
            case _:
                return lambda: [parameter_table(record), *charts.tables()]

    def copy_text(self) -> str:
        """Return what the page in sight says in words; else the ID."""
        if page := self.evaluation_page:
            return page.make_text()
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
        self.tabs.update(tab_line(name, self.size.width))
        page = self.pages.visible_content
        if page is not None and page.can_focus:
            page.focus()
        else:
            self.set_focus(None)
        self._look_at_page()

    def bring_charts(self) -> None:
        """Go to the page of the charts: their keys do something there alone."""
        if self._page != "charts":
            self.action_tab("1")

    def action_next(self) -> None:
        """Go to the next session without leaving the page."""
        self._go(1)

    def action_previous(self) -> None:
        """Go to the previous session without leaving the page."""
        self._go(-1)

    def action_devices(self) -> None:
        """Show the devices."""
        self.post_message(DevicesOpened())

    def action_back(self) -> None:
        """End a search in the log, or a look into the matrix; else go back."""
        page = self.evaluation_page
        if page is not None and page.back():
            return
        if not (self._page == "log" and self.log_tail.end_search()):
            self.leave()

    def _go(self, rows: int) -> None:
        row = self.board.row_of(self._shown_id) + rows
        if not 0 <= row < len(self.board.order):
            self.notify("There is no further session in this direction.", markup=False)
            return
        self._shown_id = self.board.order[row]
        self.board.select(self._shown_id)
        self._exactness, self._compared_id = "", None
        self.charts.move_cursor(None)
        self._look_at_page()
        self._show()

    def _show(self) -> None:
        record = self.focus_record
        if record is None:
            return
        self._show_header()
        self.footer.show([record])
        self._put("parameters", parameter_page(record, self.size.width - PAGE_MARGIN))
        self._read_files(record)
        if record.fingerprint and self._compared_id != record.id:
            self._compared_id = record.id
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
                banner=self._banner or self._progress,
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
            case _ if page := self.evaluation_page:
                self.follow_page(page, record)
            case _:
                self._is_page_wanted.set()

    def _look_at_page(self) -> None:
        """Begin with a page, or with a session; what is still being read of another is given up."""
        if self._page == "model" and self._reader.layers(self._shown_id) is None:
            self._put("model", Content("asking for the layers…"))
        self._follow_page()
        if self.focus_record is not None:
            self._read_files(self.focus_record)

    @work(exclusive=True, group="page")
    async def _follow_page(self) -> None:
        """Read the page in sight, one reading at a time, always of the newest wish."""
        while True:
            await self._is_page_wanted.wait()
            self._is_page_wanted.clear()
            record, name = self.focus_record, self._page
            if record is not None and name in READ_PAGES:
                self._put(name, await self._reader.read(record, name))

    @work(exclusive=True, group="exactness")
    async def _compare_fingerprints(self, record: SessionRecord) -> None:
        from mnist_tui.tui.sessions.exact_resume_text import exactness  # noqa: PLC0415 — 10 ms that the first frame saves

        said = await asyncio.to_thread(exactness, record)
        if self._shown_id == record.id:
            self._exactness = said
            self._show_header()

    def _put(self, name: str, content: Content) -> None:
        if not content.is_same(self._contents.get(name, NOTHING)):
            self._contents[name] = content
            self.query_one(f"#{name}-text", Static).update(content)
