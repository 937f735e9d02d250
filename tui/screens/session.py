"""One session: how it does, its charts, parameters, checkpoints and log."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.widgets import ContentSwitcher, Static

from storage.records import SessionState
from training import figures
from training.lifecycle import ENDED
from training.parameters import FIELDS
from tui import formatting
from tui.actions import SESSION, bindings_of
from tui.checkpoint_list import list_checkpoints
from tui.inert import inert
from tui.screens.base import BoardScreen
from tui.widgets.chart_pair import ChartPair
from tui.widgets.key_footer import KeyFooter
from tui.widgets.log_tail import LogTail

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from storage.home import Home
    from storage.records import SessionRecord
    from tui.board import Board, Change
    from tui.metric_feed import MetricFeed

TABS = ("charts", "parameters", "checkpoints", "log")
PAGES = ("charts-page", "parameters", "checkpoints", "log")


class SessionScreen(BoardScreen):
    """The board's selected session in full; `[` and `]` go to its neighbours."""

    NAME = SESSION
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(SESSION)

    header = query_one("#header", Static)
    tabs = query_one("#tabs", Static)
    pages = query_one("#pages", ContentSwitcher)
    charts = query_one("#charts", ChartPair)
    log_tail = query_one("#log", LogTail)
    log_end = query_one("#log-end", LogTail)
    footer = query_one("#keys", KeyFooter)

    def __init__(
        self, board: Board, new_session: Callable[[], None], feed: MetricFeed, home: Home
    ) -> None:
        super().__init__(board, new_session)
        self._feed = feed
        self._home = home
        self._shown_id: int | None = None

    def compose(self) -> ComposeResult:
        """Make the screen."""
        yield self.too_small_notice()
        yield Static(id="header")
        yield Static(id="tabs")
        with ContentSwitcher(id="pages", initial="charts-page"):
            with Vertical(id="charts-page"):
                yield ChartPair(self._feed, widget_id="charts")
                yield LogTail(widget_id="log-end")
            with VerticalScroll(id="parameters"):
                yield Static(id="parameter-list")
            with VerticalScroll(id="checkpoints"):
                yield Static(id="checkpoint-list")
            yield LogTail(widget_id="log")
        yield KeyFooter(self.NAME, widget_id="keys")

    def on_mount(self) -> None:
        """Show the session and its charts."""
        self._shown_id = self.board.selected_id
        self.action_tab(1)
        self._show()

    def board_changed(self, change: Change) -> None:
        """Draw what is different; leave when the session is gone."""
        if self._shown_id not in self.board.records:
            self.notify(f"Session #{self._shown_id} is in the trash.", markup=False)
            self.dismiss()
        elif self._shown_id in change.ids:
            self._show()

    def tick(self) -> None:
        """Read the session's files again while they can grow."""
        record = self.focus_record
        if record is not None and record.state not in ENDED:
            self._read_files(record)

    def action_tab(self, number: int) -> None:
        """Show a page by its number."""
        self.pages.current = PAGES[number - 1]
        self.tabs.update(_tab_line(number))
        page = self.pages.visible_content
        if page is not None and page.can_focus:
            page.focus()
        else:
            self.set_focus(None)
        if self.focus_record is not None:
            self._read_files(self.focus_record)

    def action_next(self) -> None:
        """Go to the next session without leaving the page."""
        self._go(1)

    def action_previous(self) -> None:
        """Go to the previous session without leaving the page."""
        self._go(-1)

    def action_move(self, rows: int) -> None:
        """Scroll the page."""
        page = self.pages.visible_content
        if page is not None:
            page.scroll_relative(y=rows, animate=False)

    def action_page(self, pages: float) -> None:
        """Scroll by a part of what is in sight."""
        self.action_move(round(pages * self.pages.size.height))

    def action_go_to_end(self, is_last: int) -> None:
        """Scroll to the beginning or the end."""
        page = self.pages.visible_content
        if page is not None:
            (page.scroll_end if is_last else page.scroll_home)(animate=False)

    def action_back(self) -> None:
        """Back to all sessions."""
        self.dismiss()

    def show_link(self, banner: str) -> None:
        """Show that the supervisor is away, or that it is back."""
        self._banner = banner
        if self.is_mounted:
            self._show()

    _banner = ""

    def _go(self, rows: int) -> None:
        row = self.board.cursor + rows
        if not 0 <= row < len(self.board.order):
            self.notify("There is no further session in this direction.", markup=False)
            return
        self.board.select_row(row)
        self._shown_id = self.board.selected_id
        self._show()

    def _show(self) -> None:
        record = self.focus_record
        if record is None:
            return
        self.header.update(_header(record, self._banner))
        self.footer.show(record)
        self.query_one("#parameter-list", Static).update(_parameters(record))
        self._read_files(record)

    def _read_files(self, record: SessionRecord) -> None:
        current = self.pages.current
        log_path = self._home.session(record.id) / "worker.log"
        if current == "charts-page":
            self.charts.show([record])
            self.log_end.follow(log_path)
        elif current == "log":
            self.log_tail.follow(log_path)
        elif current == "checkpoints":
            self._read_checkpoints(record.id)

    @work(exclusive=True, group="checkpoints")
    async def _read_checkpoints(self, session_id: int) -> None:
        content = await asyncio.to_thread(list_checkpoints, self._home.session(session_id))
        if self._shown_id == session_id:
            self.query_one("#checkpoint-list", Static).update(content)


def _tab_line(chosen: int) -> Content:
    parts = [
        Content.styled(f" {number} {name} ", "bold $accent reverse" if number == chosen else "")
        for number, name in enumerate(TABS, start=1)
    ]
    return Content(" ").join(parts)


def _header(record: SessionRecord, banner: str) -> Content:
    """Return two lines: what the session is and does, and how fast."""
    look = formatting.state_look(record)
    progress = record.progress
    cause = figures.waiting_for(record)
    speed = [
        f"{formatting.bar(figures.progress(record), 16)}  epoch {formatting.epochs(record)}",
        f"batch {formatting.batch(record)}",
    ]
    if record.state is SessionState.RUNNING and progress.images_per_s is not None:
        speed.append(f"{formatting.rate(progress.images_per_s)} images/s")
        speed.append(f"ETA {formatting.duration(progress.eta_s)}")
    if record.device:
        speed.append(inert(record.device))
    if progress.test_accuracy is not None:
        speed.append(f"test {formatting.percent(progress.test_accuracy)} %")
    said = (
        f"  {inert(cause)}" if cause and cause != look.word else f"  {formatting.summary(record)}"
    )
    return Content.assemble(
        (f" #{record.id} {inert(record.name)}", "bold"), "  ",
        (f"{look.glyph} {look.word}", f"$tone-{look.tone}"), inert(said),
        (f"  {banner}" if banner else "", "bold $warning"),
        "\n ", "  ".join(speed),
    )  # fmt: skip


def _parameters(record: SessionRecord) -> Content:
    """Return every parameter with its unit and meaning."""
    lines = []
    if record.num_parameters:
        lines.append(Content(f"{record.num_parameters:,} weights to learn\n"))
    for field in FIELDS.values():
        value = record.parameters.get(field.name)
        if value is None:
            continue
        shown = f"{inert(field.show(value))} {field.unit}".strip()
        lines.append(
            Content.assemble(
                (f"{field.name:<17}", "$text-muted"),
                f"{shown:<18} ",
                (field.help, "$tone-off"),
            )
        )
    return Content("\n").join(lines)
