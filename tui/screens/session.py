"""Session screen: the pages of one session under its header."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.widgets import ContentSwitcher, Static

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import ENDED
from mnist_tui.training.sessions.queue import queue_places
from mnist_tui.tui.behaviors.base_screen import BaseScreen
from mnist_tui.tui.behaviors.session_requests import SessionRequests
from mnist_tui.tui.behaviors.view_actions import ViewActions
from mnist_tui.tui.devices.device_text import session_use
from mnist_tui.tui.keys.key_action import SESSION
from mnist_tui.tui.keys.key_rules import bindings_of
from mnist_tui.tui.pages.page_table import PAGES, tab_line
from mnist_tui.tui.sessions.session_lines import exact_resume_text, header_lines
from mnist_tui.tui.terminal.line_styles import content_of
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.key_footer import KeyFooter

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.pages.session_page import SessionPage
    from mnist_tui.tui.state.board import BoardDiff
    from mnist_tui.tui.state.services import AppServices
    from mnist_tui.tui.text.table import Table


class SessionScreen(BaseScreen):
    """One session in full; `[` and `]` go to its neighbours in the table."""

    NAME = SESSION
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(SESSION)

    def __init__(self, services: AppServices, session_id: int) -> None:
        super().__init__(services)
        self._shown_id = session_id
        self._banner = ""
        self._task_id = 0
        """The session that a task was requested for; 0 for none."""
        self._progress = ""
        self._exactness = ""
        self._compared_id: int | None = None
        """The session whose fingerprint was, or is being, compared with this machine."""
        self.header = Static(id="header")
        self.tabs = Static(id="tabs")
        self.pages = [make_page(self, self.bring) for make_page in PAGES]
        self._page = self.pages[0]
        self.footer = KeyFooter(self.NAME, widget_id="keys")
        self._shared_keys = (
            *(keys for page in self.pages for keys in page.shared_keys),
            SessionRequests(self),
            ViewActions(self),
        )
        self._choose(self._page)

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
        yield self.too_small_notice()
        yield self.header
        yield self.tabs
        yield ContentSwitcher(
            *(page.widget for page in self.pages), id="pages", initial=self._page.widget.id
        )
        yield self.footer

    def on_mount(self) -> None:
        """Show the session on its first page."""
        for page in self.pages:
            page.begin()
        self.bring(self._page)
        self._show()

    def on_resize(self) -> None:
        """Fit the text to the new width."""
        if self.is_mounted:
            self.tabs.update(tab_line(self.pages, self._page, self.size.width))
            self._show()

    @property
    def focus_record(self) -> SessionRecord | None:
        """The session shown, wherever the table's cursor is."""
        return self.board.records.get(self._shown_id)

    @property
    def page(self) -> SessionPage:
        """The visible page."""
        return self._page

    def bring(self, page: SessionPage) -> None:
        """Make a page the visible one."""
        self._choose(page)
        self.query_one(ContentSwitcher).current = page.widget.id
        self.tabs.update(tab_line(self.pages, page, self.size.width))
        self.set_focus(page.widget if page.widget.can_focus else None)
        if record := self.focus_record:
            page.show(record)

    def board_changed(self, change: BoardDiff) -> None:
        """Show what changed; leave after the session was removed."""
        if self._shown_id not in self.board.records:
            if not self.is_leaving:
                self.notify(f"Session #{self._shown_id} is in the trash.", markup=False)
            self.leave()
        elif self._shown_id in change.ids:
            self._show()

    def tick(self) -> None:
        """Read the session's files again while they can grow."""
        record = self.focus_record
        if record is not None and (record.state not in ENDED or self._page.reads_ended_sessions):
            self._page.show(record)

    def show_devices(self, _devices: str) -> None:
        """Show what the session uses of the devices."""
        self._show_header()

    def show_banner(self, banner: str) -> None:
        """Show that the supervisor is away or the picture frozen."""
        self._banner = banner
        self._show_header()

    def begin_task(self, session_id: int, text: str) -> None:
        """Show the progress of a task of this session in the header."""
        self._task_id = session_id
        self.show_progress(text)

    def show_progress(self, text: str) -> None:
        """Show the progress of the task; none once it has ended."""
        if self._task_id:
            self._progress = printable(f"#{self._task_id}: {text}") if text else ""
            self._task_id = self._task_id if text else 0
            self._show_header()

    def commands(self) -> list[tuple[str, Callable[[], object]]]:
        """Return a command for each page."""
        return [(f"page: {page.name}", page.bring) for page in self.pages]

    def reported(self) -> list[SessionRecord]:
        """Return the session."""
        return self.targets()

    def exporter(self) -> Callable[[], list[Table]]:
        """Return a function that makes the tables of the visible page."""
        record = self.focus_record
        return list if record is None else self._page.exporter(record)

    def copy_text(self) -> str:
        """Return the visible page in words; else the ID."""
        return self._page.copy_text() or super().copy_text()

    def action_tab(self, number: str) -> None:
        """Show a page by its number."""
        self.bring(self.pages[int(number) - 1])

    def action_next(self) -> None:
        """Go to the next session and stay on the page."""
        self._go(1)

    def action_previous(self) -> None:
        """Go to the previous session and stay on the page."""
        self._go(-1)

    def action_back(self) -> None:
        """Undo a search or a closer look on the page, else leave."""
        if not self._page.back():
            self.leave()

    def _choose(self, page: SessionPage) -> None:
        self._page = page
        self.behaviors = (*page.visible_keys, *self._shared_keys)

    def _go(self, rows: int) -> None:
        row = self.board.row_of(self._shown_id) + rows
        if not 0 <= row < len(self.board.order):
            self.notify("There is no further session in this direction.", markup=False)
            return
        self._shown_id = self.board.order[row]
        self.board.select(self._shown_id)
        self._exactness, self._compared_id = "", None
        for page in self.pages:
            page.leave_session()
        self._show()

    def _show(self) -> None:
        record = self.focus_record
        if record is None:
            return
        self._show_header()
        self.footer.show([record])
        self._page.show(record)
        if record.fingerprint and self._compared_id != record.id:
            self._compared_id = record.id
            self._compare_fingerprints(record)

    def _show_header(self) -> None:
        record = self.focus_record
        if record is None or not self.is_mounted:
            return
        reading = self.services.devices.newest
        place = None
        if record.state is SessionState.QUEUED:
            place = queue_places(self.board.records.values()).get(record.id)
        self.header.update(
            content_of(
                header_lines(
                    record,
                    self.size.width,
                    banner=self._banner or self._progress,
                    queue_place=place,
                    device_use=session_use(reading, record.worker_pid) if reading else "",
                    exactness=self._exactness,
                )
            )
        )

    @work(exclusive=True, group="exactness")
    async def _compare_fingerprints(self, record: SessionRecord) -> None:
        text = await asyncio.to_thread(exact_resume_text, record)
        if self._shown_id == record.id:
            self._exactness = text
            self._show_header()
