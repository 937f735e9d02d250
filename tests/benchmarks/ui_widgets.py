"""Widgets of ours against those of Textual that would take their place: time to mount, bytes.

Each is shown alone by an app without output, at 120×40; bytes are those of the updates that Textual
would send, before `tui.terminal.frame_diff` reduces them.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual.widgets import DataTable, Footer, Log

from mnist_tui.storage.records import SessionState
from mnist_tui.tui.keys.key_action import SESSIONS
from mnist_tui.tui.keys.key_rules import bindings_of
from mnist_tui.tui.state.board import Board
from mnist_tui.tui.terminal.terminal_app import TerminalApp
from mnist_tui.tui.widgets import session_columns
from mnist_tui.tui.widgets.key_footer import KeyFooter
from mnist_tui.tui.widgets.log_tail import LogTail
from mnist_tui.tui.widgets.session_table import SessionTable
from tests.benchmarks.results import Result
from tests.tui.samples import make_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from mnist_tui.storage.records import SessionRecord
    from tests.benchmarks.ui_stage import UiStage

NUM_SESSIONS, NUM_CHANGED, NUM_LINES, RUNS = 1_000, 5, 4_000, 3
SIZE = (120, 40)
QUIET_S = 0.5


class Host(TerminalApp):
    """Shows one widget and counts what would be written."""

    CSS = "KeyFooter { height: 1; dock: bottom; }"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(SESSIONS)
    num_bytes = 0

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._widget = widget

    def compose(self) -> ComposeResult:
        """Yield the widget."""
        yield self._widget

    def _display(self, screen: Any, renderable: Any) -> None:
        if hasattr(renderable, "render_segments"):
            self.num_bytes += len(renderable.render_segments(self.console))
        super()._display(screen, renderable)


class Case(NamedTuple):
    """A widget, what fills it, and a small change."""

    widget: Widget
    fill: Callable[[Host], object]
    change: Callable[[Host], object]


class Cost(NamedTuple):
    """Milliseconds until the filled widget is drawn; milliseconds and bytes of the change."""

    fill_ms: float
    change_ms: float
    num_bytes: int

    def __str__(self) -> str:
        return f"{self.fill_ms:.0f} ms, then {self.change_ms:.0f} ms and {self.num_bytes:,} bytes"


async def _measure(case: Case) -> Cost:
    app = Host(case.widget)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        begun = time.perf_counter()
        case.fill(app)
        await pilot.pause()
        filled = time.perf_counter()
        await pilot.pause(QUIET_S)
        before, changed = app.num_bytes, time.perf_counter()
        case.change(app)
        await pilot.pause()
        drawn = time.perf_counter()
        await pilot.pause(QUIET_S)
        return Cost(1_000 * (filled - begun), 1_000 * (drawn - changed), app.num_bytes - before)


def compared_widgets(_stage: UiStage) -> Iterator[Result]:
    """Compare each of our widgets with Textual's in its place."""
    for what, key, ours, theirs in (
        ("table of 1,000 sessions, of which 5 change", "num_bytes", _session_table, _data_table),
        ("log of 4,000 lines and one more", "", _log_tail, _log),
        ("keys of a screen, for another session", "change_ms", _key_footer, _footer),
    ):
        costs = [
            Cost(*map(min, zip(*(asyncio.run(_measure(make())) for _ in range(RUNS)), strict=True)))
            for make in (ours, theirs)
        ]
        names = [type(make().widget).__name__ for make in (ours, theirs)]
        yield Result(
            f"{what}: {names[0]} (Textual's {names[1]})",
            f"{costs[0]} ({costs[1]})",
            f"{key} no worse" if key else "–",
            not key or getattr(costs[0], key) <= getattr(costs[1], key),
        )


def _key_footer() -> Case:
    footer = KeyFooter(SESSIONS)
    paused = [make_record(1, SessionState.PAUSED)]
    return Case(
        footer, lambda _app: footer.show([make_record(1)]), lambda _app: footer.show(paused)
    )


def _footer() -> Case:
    return Case(Footer(), lambda app: app.refresh_bindings(), lambda app: app.refresh_bindings())


def _records(step: int, first: int = 1, last: int = NUM_SESSIONS) -> list[SessionRecord]:
    return [make_record(number, step=step) for number in range(first, last + 1)]


def _session_table() -> Case:
    board = Board()
    table = SessionTable(board)
    newest = NUM_SESSIONS - NUM_CHANGED + 1
    return Case(
        table,
        lambda _app: table.show(board.replace(_records(10))),
        lambda _app: table.show(board.put_all(_records(11, newest))),
    )


def _data_table() -> Case:
    table: DataTable[str] = DataTable(cursor_type="row")
    columns = session_columns.choose(SIZE[0])

    def fill(_app: Host) -> None:
        for column in columns:
            table.add_column(column.header, key=column.name, width=column.width)
        for record in reversed(_records(10)):
            table.add_row(*(each.cell(record) for each in columns), key=str(record.id))

    def change(_app: Host) -> None:
        for record in _records(11, NUM_SESSIONS - NUM_CHANGED + 1):
            for column in columns:
                table.update_cell(str(record.id), column.name, column.cell(record))

    return Case(table, fill, change)


def _log_tail() -> Case:
    path = Path(mkdtemp()) / "log"
    log = LogTail()

    def fill(_app: Host) -> None:
        path.write_text("".join(f"step {number}\n" for number in range(NUM_LINES)))
        log.follow(path)

    def change(_app: Host) -> None:
        with path.open("a") as file:
            file.write("one more\n")
        log.follow(path)

    return Case(log, fill, change)


def _log() -> Case:
    log = Log()
    return Case(
        log,
        lambda _app: log.write_lines(f"step {number}" for number in range(NUM_LINES)),
        lambda _app: log.write_line("one more"),
    )
