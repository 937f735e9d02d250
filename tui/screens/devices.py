"""The machine: GPUs, CPU and memory, who uses them, and what each session takes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.content import Content
from textual.getters import query_one

from mnist_tui.tui.devices.device_rows import device_blocks
from mnist_tui.tui.devices.device_sessions import session_lines
from mnist_tui.tui.devices.device_tables import device_tables
from mnist_tui.tui.devices.device_text import SILENT, device_summary
from mnist_tui.tui.devices.sessions_at_work import at_work
from mnist_tui.tui.keys.key_action import DEVICES
from mnist_tui.tui.keys.key_rules import bindings_of
from mnist_tui.tui.screens.text_screen import TextScreen
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.line_stack import LineStack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.binding import BindingType

    from mnist_tui.training.devices.device_readings import MachineReading
    from mnist_tui.tui.state.board import BoardDiff
    from mnist_tui.tui.state.services import AppServices
    from mnist_tui.tui.text.table import Table

TITLE = " Devices"
SPACE = Content("")


class DevicesScreen(TextScreen):
    """A row per device, and below a row per session; read anew while it is in sight."""

    NAME = DEVICES
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(DEVICES)

    body = query_one("#body", LineStack)

    def __init__(self, desk: AppServices) -> None:
        super().__init__(desk)
        self._title: Content | None = None
        self._shown: MachineReading | None = None

    def make_body(self) -> LineStack:
        """Return the lines."""
        return LineStack(widget_id="body")

    def begin(self) -> None:
        """Show the newest reading and begin to look."""
        self.show_lines()
        self._look()

    def board_changed(self, change: BoardDiff) -> None:
        """Show sessions that came, went or changed their state."""
        if self.is_mounted and (change.is_order_new or change.is_state_new):
            self.show_lines()

    def tick(self) -> None:
        """Look again; the feed knows when it is time for a new reading."""
        self._look()

    def exporter(self) -> Callable[[], list[Table]]:
        """Return what makes tables of the devices and of what sessions take of them."""
        newest = self.desk.devices.newest
        if newest is None:
            return list
        return partial(device_tables, newest, at_work(self.board.records.values()))

    def show_lines(self) -> None:
        """Fit the newest reading to the width."""
        reading = self.desk.devices.newest
        width = self.body.scrollable_content_region.width
        if reading is None or not width:
            return
        self._shown = reading
        sessions = at_work(self.board.records.values())
        self.show_header()
        blocks = device_blocks(reading, self.desk.devices.history, sessions, width)
        blocks.append([SPACE, *session_lines(reading, sessions, width)])
        self.body.show(_spread(blocks, self.body.size.height))

    def show_header(self) -> None:
        """Say what all devices do together, or the banner."""
        reading = self.desk.devices.newest
        parts = [("  " + self.banner, "$warning")] if self.banner else self._facts(reading)
        title = Content.assemble((TITLE, "bold"), *parts)
        if self._title is None or not title.is_same(self._title):
            self._title = title
            self.header.update(title, layout=False)

    @work(group="devices")
    async def _look(self) -> None:
        reading = await self.desk.devices.read(list(at_work(self.board.records.values())))
        if reading is not self._shown:
            self.show_lines()

    def _facts(self, reading: MachineReading | None) -> list[tuple[str, str]]:
        """Return all GPUs together, and what is unusual, each with its style."""
        unusual = []
        if reading is not None and reading.are_gpus_silent:
            unusual.append((f"  {SILENT}: their driver hangs", "$tone-bad"))
        if self.desk.devices.source:
            name = printable(self.desk.devices.source, 30)
            unusual.append((f"  recorded: {name}", "$tone-waiting"))
        room = self.size.width - len(TITLE) - 2 - sum(len(text) for text, _ in unusual)
        if reading is None or len(reading.gpus) < 2:
            return unusual
        return [(f"  {device_summary(reading, room)}", "$text-muted"), *unusual]


def _spread(blocks: Sequence[Sequence[Content]], height: int) -> list[Content]:
    """Return the lines of all blocks, with space between them where all of it fits."""
    lines = [SPACE, *(line for block in blocks for line in block)]
    if len(lines) + len(blocks) - 2 > height:
        return lines
    *first, last = blocks
    return [line for block in first for line in (SPACE, *block)] + list(last)
