"""A study: how far its sessions are, our figures beside the published ones, and its findings."""

from __future__ import annotations

import asyncio
import textwrap
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.content import Content
from textual.getters import query_one

from mnist_tui.storage.errors import StorageError
from mnist_tui.training.studies.study_results import measure
from mnist_tui.training.studies.study_runs import sessions_of
from mnist_tui.tui.keys.key_action import STUDY
from mnist_tui.tui.keys.key_rules import bindings_of
from mnist_tui.tui.reports.study_report import page, view_tables
from mnist_tui.tui.screens.text_screen import MARGIN, TextScreen
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.line_stack import LineStack

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.studies.study_table import StudyTable
    from mnist_tui.tui.state.board import BoardDiff
    from mnist_tui.tui.state.services import AppServices
    from mnist_tui.tui.text.table import Table


class StudyScreen(TextScreen):
    """The run of a study; measured anew when a session came, went or changed its state."""

    NAME = STUDY
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(STUDY)

    body = query_one("#body", LineStack)

    def __init__(self, desk: AppServices, run: str) -> None:
        super().__init__(desk)
        self._run = run
        self._table: StudyTable | None = None
        self._trouble = ""

    def make_body(self) -> LineStack:
        """Return the lines."""
        return LineStack(widget_id="body")

    def begin(self) -> None:
        """Measure what there is."""
        self._read()

    def board_changed(self, change: BoardDiff) -> None:
        """Measure again: only finished sessions count, so figures alone change nothing."""
        if self.is_mounted and (change.is_order_new or change.is_state_new):
            self._read()

    def exporter(self) -> Callable[[], list[Table]]:
        """Return what makes tables of the rows and of the findings."""
        return partial(view_tables, self._table) if self._table else list

    def reported(self) -> list[SessionRecord]:
        """Return the sessions of the study."""
        return sessions_of(self._run, list(self.board.records.values()))

    def show_lines(self) -> None:
        """Fit the tables to the width."""
        width = self.size.width - MARGIN
        if width <= 0:
            return
        lines = [self._trouble] if self._table is None else page(self._table, width)
        wrapped = [part for line in lines for part in textwrap.wrap(line, width) or [""]]
        self.body.show([Content(f" {line}") for line in ["", *wrapped]])

    def show_header(self) -> None:
        """Say which run it is, or the banner."""
        told = (self.banner, "$warning") if self.banner else (printable(self._run), "$text-muted")
        self.header.update(Content.assemble((" Study  ", "bold"), told), layout=False)

    @work(group="study", exclusive=True)
    async def _read(self) -> None:
        home, records = self.desk.home, self.reported()
        try:
            self._table = await asyncio.to_thread(measure, home, self._run, records)
        except StorageError as error:
            self._trouble = printable(error, 2_000)
        self.show_lines()
