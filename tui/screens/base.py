"""What the screens over sessions share: the desk, the size they need, help, files and clipboard."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.widgets import Static

from mnist_tui.storage.errors import StorageError
from mnist_tui.tui.keys.key_rules import find, why_not
from mnist_tui.tui.screens.moved_layout import MovedLayoutScreen
from mnist_tui.tui.state.messages import DataOpened, FormRequested, StudyOpened
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.ask_line import AskLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.widget import Widget

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.state.board import Board, BoardDiff
    from mnist_tui.tui.state.services import AppServices
    from mnist_tui.tui.text.table import Table
    from mnist_tui.tui.widgets.ask_line import LineQuestion

MIN_WIDTH, MIN_HEIGHT = 60, 16
TOO_SMALL = f"mnist-tui needs {MIN_WIDTH}×{MIN_HEIGHT} characters; enlarge the terminal"


class SizedScreen(MovedLayoutScreen[None]):
    """A screen that says so where the terminal is too small for it."""

    _is_leaving = False

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 — the base class annotates it
        (0, "-tiny"),
        (MIN_WIDTH, "-narrow"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 — the base class annotates it
        (0, "-flat"),
        (MIN_HEIGHT, "-low"),
        (20, "-medium"),
        (36, "-tall"),
    ]

    def too_small_notice(self) -> Widget:
        """Return what is seen instead of everything else on a tiny terminal."""
        return Static(TOO_SMALL, id="too-small", markup=False)

    def show_progress(self, text: str) -> None:
        """Show how far a task of this client is, where that belongs here; empty once it ended."""

    @property
    def takes_keys(self) -> bool:
        """Whether the line that was asked for, if any, is there to take them."""
        return all(line.has_focus_within for line in self.query(AskLine))

    def ask_for(self, question: LineQuestion) -> None:
        """Ask for a line of text at the bottom; the one asked before is given up."""
        lines = self.query(AskLine)
        if not all(line.is_mounted for line in lines):
            return  # a second key came before the line that the first one asked for
        for line in lines:
            line.action_cancel()
        # What was said before lies where one types.
        self.app.clear_notifications()
        self.mount(AskLine(question))

    def leave(self) -> None:
        """Go back to the screen below, as soon as no other screen lies above this one."""
        self._is_leaving = True
        # `dismiss` takes away whatever screen is on top.
        if self.is_active:
            self.dismiss()

    def on_screen_resume(self) -> None:
        """Leave where that had to wait for the screen above."""
        if self._is_leaving:
            self.leave()


class BoardScreen(SizedScreen):
    """A screen over the sessions of the board."""

    NAME: ClassVar[str]
    """The name under which the table of actions knows the screen."""

    def __init__(self, desk: AppServices) -> None:
        super().__init__()
        self.desk = desk

    @property
    def board(self) -> Board:
        """All sessions."""
        return self.desk.board

    @property
    def focus_record(self) -> SessionRecord | None:
        """The session that keys act on."""
        return self.board.selected

    def targets(self) -> list[SessionRecord]:
        """Return the sessions that keys act on: here the one looked at."""
        return [self.focus_record] if self.focus_record else []

    def _able(self, name: str) -> SessionRecord | None:
        """Return the session under the cursor if the action applies to it, else say why not."""
        record = self.focus_record
        sentence = why_not(find(name), record)
        if sentence:
            self.notify(sentence, markup=False)
            return None
        return record

    def board_changed(self, change: BoardDiff) -> None:
        """Draw what is different."""
        raise NotImplementedError

    def tick(self) -> None:
        """Read files again, as the refresh interval says."""

    def show_devices(self, devices: str) -> None:
        """Show what the devices do, in words."""

    def show_banner(self, banner: str) -> None:
        """Show that the supervisor is away or the picture frozen; nothing where it is empty."""

    def exporter(self) -> Callable[[], list[Table]]:
        """Return what makes tables of what is shown at this moment.

        Making them may take seconds and so is done in a thread: it touches neither board nor
        widgets, and raises StorageError where it cannot read what it needs.
        """
        return list

    def reported(self) -> list[SessionRecord]:
        """Return the sessions that a report written here is about; none where there is none."""
        return []

    def copy_text(self) -> str:
        """Return what `y` copies; empty for nothing."""
        return f"{self.focus_record.id}" if self.focus_record else ""

    def action_new(self) -> None:
        """Open the form."""
        self.post_message(FormRequested())

    def action_data(self) -> None:
        """Show the images that the session learns from."""
        record = self.focus_record
        if record is not None:
            data_dir = Path(record.data_dir) if record.data_dir else self.desk.data_dir
            title = f"#{record.id} {printable(record.name, 40)}"
            self.post_message(DataOpened(title, data_dir, record.parameters))

    def action_study(self) -> None:
        """Show the study that the session is a part of."""
        record = self.focus_record
        if record is not None and record.study is not None:
            self.post_message(StudyOpened(record.study.run))
        elif record is not None:
            self.notify(f"#{record.id} is of no study; `mnist-tui study ls` lists them.")

    def action_help(self) -> None:
        """Show every key of this screen."""
        from mnist_tui.tui.screens.help import Help  # noqa: PLC0415 — 5 ms after the first frame

        self.app.push_screen(Help(self.NAME, self.focus_record, self.targets()))

    def action_copy(self) -> None:
        """Copy what is chosen."""
        from mnist_tui.tui.terminal.clipboard import copy  # noqa: PLC0415 — after the first frame

        text = self.copy_text()
        self.notify(copy(self.app, text) if text else "There is nothing to copy.", markup=False)

    @work(exclusive=True, group="export")
    async def action_write(self) -> None:
        """Ask where to write this view."""
        from mnist_tui.tui.screens.export import ExportPrompt  # noqa: PLC0415 — after the first frame

        try:
            tables = await asyncio.to_thread(self.exporter())
        except StorageError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        stem = f"mnist-tui-{self.NAME}"
        report = self._report_maker()
        self.app.push_screen(ExportPrompt(tables, self.app.export_screenshot, stem, report))

    def _report_maker(self) -> Callable[[], str] | None:
        home, records = self.desk.home, self.reported()
        if not records:
            return None

        def make() -> str:
            from mnist_tui.tui.reports.report_writer import html_report  # noqa: PLC0415 — numpy, when it is asked for

            return html_report(home, records)

        return make
