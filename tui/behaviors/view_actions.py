"""Actions that most screens share: other screens, help, the clipboard, export to a file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.errors import StorageError
from mnist_tui.tui.state.messages import DataOpened, DevicesOpened, FormRequested, StudyOpened
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App

    from mnist_tui.tui.behaviors.base_screen import BaseScreen


MAX_BYTES = 74_994
"""Bytes that fit with their frame into the 100,000 bytes of base64 that xterm and tmux accept."""


class ViewActions:
    """Actions on the focused session and on the view as a whole."""

    def __init__(self, screen: BaseScreen) -> None:
        self._screen = screen

    def action_new(self) -> None:
        """Open the form."""
        self._screen.post_message(FormRequested())

    def action_devices(self) -> None:
        """Show the devices."""
        self._screen.post_message(DevicesOpened())

    def action_data(self) -> None:
        """Show the images that the session learns from."""
        record = self._screen.focus_record
        if record is not None:
            folder = Path(record.data_dir) if record.data_dir else self._screen.services.data_dir
            title = f"#{record.id} {printable(record.name, 40)}"
            self._screen.post_message(DataOpened(title, folder, record.parameters))

    def action_study(self) -> None:
        """Show the study that the session belongs to."""
        record = self._screen.focus_record
        if record is not None and record.study is not None:
            self._screen.post_message(StudyOpened(record.study.run))
        elif record is not None:
            self._screen.notify(f"#{record.id} is of no study; `mnist-tui study ls` lists them.")

    def action_help(self) -> None:
        """Show every key of this screen."""
        from mnist_tui.tui.modals.help import Help  # noqa: PLC0415 — 5 ms after the first frame

        screen = self._screen
        screen.app.push_screen(Help(screen.NAME, screen.focus_record, screen.targets()))

    def action_back(self) -> None:
        """Return to the screen below."""
        self._screen.leave()

    def action_copy(self) -> None:
        """Copy the screen's text to the clipboard."""
        text = self._screen.copy_text()
        sentence = copy(self._screen.app, text) if text else "There is nothing to copy."
        self._screen.notify(sentence, markup=False)

    def action_write(self) -> None:
        """Ask for the file to write this view to."""
        self._screen.run_worker(self._write(), group="export", exclusive=True)

    async def _write(self) -> None:
        from mnist_tui.tui.modals.export_prompt import ExportPrompt  # noqa: PLC0415 — after the first frame

        screen = self._screen
        try:
            tables = await asyncio.to_thread(screen.exporter())
        except StorageError as error:
            screen.notify(str(error), severity="warning", markup=False)
            return
        screenshot, stem = screen.app.export_screenshot, f"mnist-tui-{screen.NAME}"
        screen.app.push_screen(ExportPrompt(tables, screenshot, stem, self._report_maker()))

    def _report_maker(self) -> Callable[[], str] | None:
        home, records = self._screen.services.home, self._screen.reported()
        if not records:
            return None

        def make() -> str:
            from mnist_tui.tui.reports.report_writer import html_report  # noqa: PLC0415 — numpy, only if requested

            return html_report(home, records)

        return make


def copy(app: App[Any], text: str) -> str:
    """Send `text` to the terminal's clipboard; return a sentence that says so, or why not.

    No terminal answers, so it reports what was sent rather than what has arrived.
    """
    size = len(text.encode())
    if not text:
        return "There is nothing to copy here."
    if size > MAX_BYTES:
        return f"{size:,} bytes are too much for a terminal's clipboard; w writes them to a file."
    if app.is_headless:
        return "There is no terminal whose clipboard could be reached."
    app.copy_to_clipboard(text)
    lines = text.count("\n") + 1
    what = f"{lines} lines" if lines > 1 else text if len(text) <= 40 else f"{size:,} bytes"
    return f"Copied {what}, if your terminal allows it (OSC 52)."
