"""Export prompt: a file name, whose ending chooses the format."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, Static

from mnist_tui.storage.errors import StorageError
from mnist_tui.tui.modals.confirm import Confirm, Confirmation
from mnist_tui.tui.modals.modal import Modal
from mnist_tui.tui.reports.file_export import (
    FORMATS,
    ExportError,
    WouldOverwriteError,
    write_export,
)
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from mnist_tui.tui.text.table import Table

LABELS = {
    "csv": "CSV",
    "json": "JSON",
    "md": "Markdown",
    "svg": "SVG picture",
    "html": "HTML report",
}
KEYS = "tab another format · enter write · escape leave"


class ExportPrompt(Modal[None]):
    """Dialog that asks for a name, writes the file, and notifies of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "leave"),
        Binding("tab,down", "change_format(1)", "another format", priority=True),
        Binding("shift+tab,up", "change_format(-1)", show=False, priority=True),
    ]
    name_field = query_one("#file", SafeInput)
    formats = query_one("#formats", Static)
    complaint = query_one("#complaint", Static)

    def __init__(
        self,
        tables: Sequence[Table],
        svg: Callable[[], str],
        stem: str,
        report: Callable[[], str] | None = None,
    ) -> None:
        """Make the prompt.

        Args:
            tables: What the screen shows as tables; without any only a picture can be written.
            svg: Draws the picture of the screen below.
            stem: The proposed name without its ending.
            report: Makes the report of the sessions that keys act on, in a thread, and raises
                StorageError where it cannot read them; None if there are none.
        """
        super().__init__()
        self._tables = tables
        self._svg = svg
        self._report = report
        self._formats = FORMATS if report is None else (*FORMATS, "html")
        self._proposal = f"{stem}.{FORMATS[0] if tables else 'svg'}"

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
        with Vertical(id="box"):
            yield Static(Content.styled("Write what this screen shows", "bold"), id="title")
            yield SafeInput(self._proposal, id="file", compact=True, select_on_focus=False)
            yield Static(id="formats")
            yield Static(id="complaint", markup=False)
            yield Static(Content.styled(KEYS, "$text-muted"))

    def action_change_format(self, places: int) -> None:
        """Change the ending of the name to the next or previous format."""
        name = self.name_field.value or self._proposal
        formats, present = self._formats, self._format_of(name)
        place = (formats.index(present) + places) % len(formats) if present else 0
        stem = name[: -len(present) - 1] if present else name.rstrip(".")
        self.name_field.value = f"{stem}.{formats[place]}"
        self.name_field.cursor_position = len(self.name_field.value)

    @on(Input.Changed)
    def _show_format(self, event: Input.Changed) -> None:
        chosen = self._format_of(event.value)
        self.complaint.update("")
        self.formats.update(
            Content("  ").join(
                Content.styled(f"[{label}]", "bold $accent")
                if name == chosen
                else Content.styled(f" {label} ", "$text-muted")
                for name, label in LABELS.items()
                if name in self._formats
            )
        )

    @on(Input.Submitted)
    @work(exclusive=True)
    async def _write(self) -> None:
        path = self.name_field.value
        try:
            sentence = await self._written(path)
        except (ExportError, StorageError) as error:
            self.complaint.update(printable(error))
            return
        if sentence:
            self.dismiss()
            self.app.notify(sentence, markup=False)

    async def _written(self, path: str) -> str:
        """Write the file and return the notification; empty if the user declined to overwrite."""
        write = partial(
            write_export, path, self._tables, await self._drawn(path), formats=self._formats
        )
        try:
            return await asyncio.to_thread(write)
        except WouldOverwriteError as error:
            question = Confirmation(
                printable(error), "What it holds now will be lost.", "overwrite it"
            )
        if not await self.app.push_screen_wait(Confirm(question)):
            return ""
        return await asyncio.to_thread(write, may_replace=True)

    async def _drawn(self, path: str) -> str:
        """Return the picture or report for the format; empty for tables."""
        ending = self._format_of(path)
        if ending == "html" and self._report is not None:
            return await asyncio.to_thread(self._report)
        return await self._picture() if ending == "svg" else ""

    async def _picture(self) -> str:
        """Return the picture of the screen below, taken while this one is hidden."""
        self.add_class("-out-of-sight")
        try:
            # The first refresh applies the new styles, the second follows their frame.
            for _ in range(2):
                drawn = asyncio.Event()
                self.refresh(layout=True)
                self.call_after_refresh(drawn.set)
                await drawn.wait()
            return self._svg()
        finally:
            self.remove_class("-out-of-sight")

    def _format_of(self, name: str) -> str | None:
        """Return the format that a name's ending chooses, or None if there is none."""
        ending = name.strip().rpartition(".")[2].lower()
        return ending if ending in self._formats else None
