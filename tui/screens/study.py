"""A study: how far its sessions are, our figures beside the published ones, and its findings."""

from __future__ import annotations

import asyncio
import textwrap
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static

from storage.errors import StorageError
from training.studies.measuring import measure
from training.studies.runs import sessions_of
from tui.inert import inert
from tui.keys.action import STUDY
from tui.keys.use import bindings_of
from tui.screens.base import BoardScreen
from tui.studies.lines import page
from tui.studies.plain import view_tables
from tui.widgets.key_footer import KeyFooter
from tui.widgets.line_stack import LineStack

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from storage.records import SessionRecord
    from training.studies.table import StudyTable
    from tui.desk import Desk
    from tui.exports import ViewTable
    from tui.sessions.board import Change

MARGIN = 2
"""Cells that stay free: a blank at the left, the scroll bar at the right."""


class StudyScreen(BoardScreen):
    """The run of a study; measured anew when a session came, went or changed its state."""

    NAME = STUDY
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(STUDY)

    header = query_one("#header", Static)
    body = query_one("#body", LineStack)

    def __init__(self, desk: Desk, run: str) -> None:
        super().__init__(desk)
        self._run = run
        self._banner = ""
        self._table: StudyTable | None = None
        self._trouble = ""

    def compose(self) -> ComposeResult:
        """Make the screen."""
        yield self.too_small_notice()
        yield Static(id="header", markup=False)
        yield LineStack(widget_id="body")
        yield KeyFooter(self.NAME, widget_id="keys")

    def on_mount(self) -> None:
        """Begin to read."""
        self.body.focus()
        self._show_header()
        self._read()

    def on_resize(self) -> None:
        """Fit the tables to the new width."""
        self._show()

    def board_changed(self, change: Change) -> None:
        """Measure again: only finished sessions count, so figures alone change nothing."""
        if self.is_mounted and (change.is_order_new or change.is_state_new):
            self._read()

    def show_banner(self, banner: str) -> None:
        """Show that the supervisor is away or the picture frozen."""
        self._banner = banner
        if self.is_mounted:
            self._show_header()

    def exporter(self) -> Callable[[], list[ViewTable]]:
        """Return what makes tables of the rows and of the findings."""
        return partial(view_tables, self._table) if self._table else list

    def reported(self) -> list[SessionRecord]:
        """Return the sessions of the study."""
        return sessions_of(self._run, list(self.board.records.values()))

    def copy_text(self) -> str:
        """Return what is seen, as text."""
        return self.body.text

    def action_move(self, rows: int) -> None:
        """Scroll."""
        self.body.move(rows)

    def action_page(self, pages: float) -> None:
        """Scroll by a part of what is in sight."""
        self.body.page(pages)

    def action_go_to_end(self, is_last: int) -> None:
        """Scroll to the first or last line."""
        self.body.go_to_end(bool(is_last))

    def action_back(self) -> None:
        """Go back."""
        self.leave()

    @work(group="study", exclusive=True)
    async def _read(self) -> None:
        home, records = self.desk.home, self.reported()
        try:
            self._table = await asyncio.to_thread(measure, home, self._run, records)
        except StorageError as error:
            self._trouble = inert(error, 2_000)
        self._show()

    def _show(self) -> None:
        width = self.size.width - MARGIN
        if width <= 0:
            return
        lines = [self._trouble] if self._table is None else page(self._table, width)
        wrapped = [part for line in lines for part in textwrap.wrap(line, width) or [""]]
        self.body.show([Content(f" {line}") for line in ["", *wrapped]])

    def _show_header(self) -> None:
        told = (self._banner, "$warning") if self._banner else (inert(self._run), "$text-muted")
        self.header.update(Content.assemble((" Study  ", "bold"), told), layout=False)
