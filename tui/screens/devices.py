"""Devices screen: GPUs, CPU and memory, their processes, and the use of each session."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work

from mnist_tui.tui.behaviors.base_screen import BaseScreen
from mnist_tui.tui.behaviors.line_view import LineView
from mnist_tui.tui.behaviors.view_actions import ViewActions
from mnist_tui.tui.devices.device_rows import device_blocks
from mnist_tui.tui.devices.device_tables import device_tables
from mnist_tui.tui.devices.device_text import SILENT, at_work, device_summary
from mnist_tui.tui.keys.key_action import DEVICES
from mnist_tui.tui.keys.key_rules import bindings_of
from mnist_tui.tui.sessions.session_use_lines import session_lines
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY
from mnist_tui.tui.widgets.lines_widget import LinesWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from mnist_tui.training.devices.device_readings import MachineReading
    from mnist_tui.tui.state.board import BoardDiff
    from mnist_tui.tui.state.services import AppServices
    from mnist_tui.tui.text.styled_lines import Line
    from mnist_tui.tui.text.table import Table

TITLE = "Devices"


class DevicesScreen(BaseScreen):
    """A row per device and per session, read again while the screen is on top."""

    NAME = DEVICES
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(DEVICES)

    def __init__(self, services: AppServices) -> None:
        super().__init__(services)
        self.body = LinesWidget(widget_id="body")
        self._view = LineView(self, self.body)
        self.behaviors = (self._view, ViewActions(self))
        self._shown: MachineReading | None = None

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
        return self._view.compose()

    def on_mount(self) -> None:
        """Show the newest reading and start reading."""
        self.body.focus()
        self._show_header()
        self._show_lines()
        self._read()

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self._show_lines()

    def show_banner(self, banner: str) -> None:
        """Show that the supervisor is away or the picture frozen."""
        self._view.set_banner(banner)
        self._show_header()

    def board_changed(self, change: BoardDiff) -> None:
        """Show sessions that came, went or changed state."""
        if change.is_order_new or change.is_state_new:
            self._show_lines()

    def tick(self) -> None:
        """Read again; the feed limits how often devices are read."""
        self._read()

    def exporter(self) -> Callable[[], list[Table]]:
        """Return a function that makes tables of devices and of their use by sessions."""
        newest = self.services.devices.newest
        if newest is None:
            return list
        return partial(device_tables, newest, at_work(self.board.records.values()))

    def copy_text(self) -> str:
        """Return the lines as text."""
        return self.body.text

    def _show_lines(self) -> None:
        """Fit the newest reading to the width."""
        reading = self.services.devices.newest
        width = self.body.scrollable_content_region.width
        if reading is None or not width:
            return
        self._shown = reading
        sessions = at_work(self.board.records.values())
        self._show_header()
        blocks = device_blocks(reading, self.services.devices.history, sessions, width)
        blocks.append([EMPTY, *session_lines(reading, sessions, width)])
        self.body.show_lines(_spread(blocks, self.body.size.height))

    @work(group="devices")
    async def _read(self) -> None:
        reading = await self.services.devices.read(list(at_work(self.board.records.values())))
        if reading is not self._shown:
            self._show_lines()

    def _show_header(self) -> None:
        """Show the load of all GPUs together, and anything unusual."""
        reading = self.services.devices.newest
        unusual = []
        if reading is not None and reading.are_gpus_silent:
            unusual.append((f"  {SILENT}: their driver hangs", "$tone-bad"))
        if self.services.devices.source:
            name = printable(self.services.devices.source, 30)
            unusual.append((f"  recorded: {name}", "$tone-waiting"))
        room = self.size.width - len(TITLE) - 3 - sum(len(text) for text, _ in unusual)
        if reading is not None and len(reading.gpus) > 1:
            unusual.insert(0, (f"  {device_summary(reading, room)}", "$text-muted"))
        self._view.show_title(TITLE, *unusual)


def _spread(blocks: Sequence[Sequence[Line]], height: int) -> list[Line]:
    """Return the lines of all blocks, separated by blank lines if all of them fit."""
    lines = [EMPTY, *(line for block in blocks for line in block)]
    if len(lines) + len(blocks) - 2 > height:
        return lines
    *first, last = blocks
    return [line for block in first for line in (EMPTY, *block)] + list(last)
