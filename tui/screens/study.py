"""Study screen: progress of a run's sessions, its figures beside the published ones, findings."""

from __future__ import annotations

import asyncio
import textwrap
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work

from mnist_tui.storage.errors import StorageError
from mnist_tui.training.studies.run_definitions import sessions_of
from mnist_tui.training.studies.study_results import measure
from mnist_tui.tui.behaviors.base_screen import BaseScreen
from mnist_tui.tui.behaviors.line_view import LineView
from mnist_tui.tui.behaviors.view_actions import ViewActions
from mnist_tui.tui.keys.key_action import STUDY
from mnist_tui.tui.keys.key_rules import bindings_of
from mnist_tui.tui.reports.study_report import study_lines, study_tables
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.lines_widget import LinesWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.studies.study_table import StudyTable
    from mnist_tui.tui.state.board import BoardDiff
    from mnist_tui.tui.state.services import AppServices
    from mnist_tui.tui.text.table import Table


class StudyScreen(BaseScreen):
    """The run of a study, measured again after a session came, went or changed state."""

    NAME = STUDY
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(STUDY)

    def __init__(self, services: AppServices, run: str) -> None:
        super().__init__(services)
        self._run = run
        self.body = LinesWidget(widget_id="body")
        self._view = LineView(self, self.body)
        self.behaviors = (self._view, ViewActions(self))
        self._table: StudyTable | None = None
        self._problem = ""

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
        return self._view.compose()

    def on_mount(self) -> None:
        """Start measuring."""
        self.body.focus()
        self._read()

    def on_resize(self) -> None:
        """Fit the tables to the new width."""
        self._show_lines()

    def show_banner(self, banner: str) -> None:
        """Show that the supervisor is away or the picture frozen; else the run's name."""
        self._view.set_banner(banner)
        self._view.show_title("Study", (f"  {printable(self._run)}", "$text-muted"))

    def board_changed(self, change: BoardDiff) -> None:
        """Measure again: only finished sessions count, so figures alone change nothing."""
        if change.is_order_new or change.is_state_new:
            self._read()

    def exporter(self) -> Callable[[], list[Table]]:
        """Return a function that makes tables of the rows and of the findings."""
        return partial(study_tables, self._table) if self._table else list

    def reported(self) -> list[SessionRecord]:
        """Return the sessions of the study."""
        return sessions_of(self._run, list(self.board.records.values()))

    def copy_text(self) -> str:
        """Return the tables as text."""
        return self.body.text

    def _show_lines(self) -> None:
        width = self._view.width
        if width <= 0:
            return
        lines = [self._problem] if self._table is None else study_lines(self._table, width)
        wrapped = [part for line in lines for part in textwrap.wrap(line, width) or [""]]
        self.body.show_lines([((f" {line}", ""),) for line in ["", *wrapped]])

    @work(group="study", exclusive=True)
    async def _read(self) -> None:
        home, records = self.services.home, self.reported()
        try:
            self._table = await asyncio.to_thread(measure, home, self._run, records)
        except StorageError as error:
            self._problem = printable(error, 2_000)
        self._show_lines()
