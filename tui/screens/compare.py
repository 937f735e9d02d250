"""Compare screen: curves of two to ten sessions, their differences and their results."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.content import Content
from textual.widgets import Static

from mnist_tui.storage.errors import StorageError
from mnist_tui.training.analysis.parameter_differences import MIN_SESSIONS
from mnist_tui.tui.behaviors.base_screen import BaseScreen
from mnist_tui.tui.behaviors.chart_controls import ChartControls
from mnist_tui.tui.behaviors.view_actions import ViewActions
from mnist_tui.tui.charts.chart_marks import slots_of
from mnist_tui.tui.keys.key_action import COMPARE
from mnist_tui.tui.keys.key_rules import bindings_of
from mnist_tui.tui.state.comparison_feed import ComparisonFeed
from mnist_tui.tui.state.messages import SessionOpened, ViewChanged
from mnist_tui.tui.text.formatting import count_of
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.chart_pair import ChartPair
from mnist_tui.tui.widgets.comparison_table import ComparisonTable
from mnist_tui.tui.widgets.key_footer import KeyFooter
from mnist_tui.tui.widgets.text_prompt import PromptOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.state.board import BoardDiff
    from mnist_tui.tui.state.comparison_feed import ComparisonView
    from mnist_tui.tui.state.services import AppServices
    from mnist_tui.tui.text.table import Table

MAX_TEXT = 1_000
REST = 20.0
"""Pause after a reading, in multiples of its duration."""


class CompareScreen(BaseScreen):
    """Overlaid curves above, a column per session below; all of it live."""

    NAME = COMPARE
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(COMPARE)

    def __init__(self, services: AppServices, session_ids: Sequence[int]) -> None:
        super().__init__(services)
        # Held rather than looked up: a reading may end while the screen is being removed.
        self.header = Static(id="header")
        self.charts = ChartPair(services.feed, widget_id="charts")
        self.table = ComparisonTable(widget_id="table")
        self.meaning = Static(id="meaning")
        self.said = Static(id="said")
        self.footer = KeyFooter(self.NAME, widget_id="keys")
        self.behaviors = (ChartControls(self, self.charts), ViewActions(self))
        self._ids = list(session_ids)
        self._slots = slots_of(session_ids)
        """Colour and marker of each session, its own as long as the screen is open."""
        self._baseline_id = self._ids[0]
        self._feed = ComparisonFeed(services.home)
        self._view: ComparisonView | None = None
        self._banner = ""
        self._rests_until = 0.0
        self._complaint = ""
        self._is_wanted = asyncio.Event()

    @property
    def focus_record(self) -> SessionRecord | None:
        """The session whose column is chosen."""
        return self.board.records.get(self.table.chosen_id)

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
        yield self.too_small_notice()
        yield self.header
        yield self.charts
        yield self.table
        yield self.meaning
        yield self.said
        yield self.footer

    def on_mount(self) -> None:
        """Show the sessions and start following them."""
        self.charts.set_view(self.services.views.settings.chart)
        self._show()
        self._follow()

    def board_changed(self, change: BoardDiff) -> None:
        """Show what changed; leave if fewer than two sessions remain."""
        left = [session_id for session_id in self._ids if session_id in self.board.records]
        if left == self._ids and not change.ids & set(left):
            return
        self._ids = left
        if self._baseline_id not in left and left:
            self._baseline_id = left[0]
        if len(left) < MIN_SESSIONS:
            if not self.is_leaving:
                self.notify("There is nothing left to compare with.", markup=False)
            self.leave()
        elif self.is_mounted:
            self._show()

    def tick(self) -> None:
        """Read the files again."""
        if not self.is_mounted:
            return
        self.charts.show(self._records(), self._slots)
        self._want_soon()

    def show_banner(self, banner: str) -> None:
        """Show that the supervisor is away or the picture frozen."""
        self._banner = banner
        if self.is_mounted:
            self._show_words()

    def exporter(self) -> Callable[[], list[Table]]:
        """Return a function that makes tables of the comparison and of the charts."""
        from mnist_tui.tui.reports.comparison_report import comparison_table  # noqa: PLC0415 — numpy, 120 ms

        compared = [self._view.comparison] if self._view else []
        charts = self.charts
        return lambda: [*map(comparison_table, compared), *charts.tables()]

    def reported(self) -> list[SessionRecord]:
        """Return the compared sessions."""
        return self._records()

    def copy_text(self) -> str:
        """Return descriptions of the charts, and of differences and results."""
        view = self._view
        said = [*view.notes, *(view.sentences[each] for each in self._ids)] if view else []
        return "\n".join([*self.charts.twins(), *said]) or super().copy_text()

    def action_choose(self, places: int) -> None:
        """Go to the session to the right or left."""
        self.table.choose_next(places)

    def action_move(self, rows: int) -> None:
        """Go down or up the rows."""
        self.table.move(rows)

    def action_page(self, pages: float) -> None:
        """Go by a fraction of the visible rows."""
        self.table.move(round(pages * self.table.page_rows))

    def action_go_to_end(self, is_last: int) -> None:
        """Go to the first or last row."""
        self.table.go_to_end(bool(is_last))

    def action_baseline(self) -> None:
        """Make the chosen session the baseline; the next one if it is that already."""
        chosen = self.table.chosen_id
        if chosen == self._baseline_id:
            chosen = self._ids[(self._ids.index(chosen) + 1) % len(self._ids)]
        self._baseline_id = chosen
        self._is_wanted.set()

    def action_target(self) -> None:
        """Prompt for the accuracy to converge to."""
        target = self.services.views.settings.accuracy_target

        def submit(text: str) -> str | None:
            try:
                accuracy = read_accuracy(text)
            except ValueError as error:
                return str(error)
            self.services.views.update(accuracy_target=accuracy)
            self.post_message(ViewChanged())
            self._is_wanted.set()
            return None

        value = "" if target is None else f"{100 * target:.6g}"
        hint = "as 98; empty: 98, or what all have reached"
        self.prompt(PromptOptions("accuracy to reach, %:", submit, value, hint))

    def action_open(self) -> None:
        """Open the chosen session."""
        if self.table.chosen_id:
            self.post_message(SessionOpened(self.table.chosen_id))

    @on(ComparisonTable.Chosen)
    def _show_chosen(self) -> None:
        self._show_words()

    @on(ComparisonTable.Opened)
    def _open_clicked(self) -> None:
        self.action_open()

    def _complain(self, sentence: str) -> None:
        """Notify of a problem once, however often it recurs."""
        if sentence != self._complaint:
            self._complaint = sentence
            self.notify(sentence, severity="warning", markup=False)

    def _records(self) -> list[SessionRecord]:
        # One may have been removed before the screen opened.
        return [self.board.records[each] for each in self._ids if each in self.board.records]

    def _show(self) -> None:
        """Show the records at once, and their files as soon as they are read."""
        records = self._records()
        self.charts.show(records, self._slots)
        shown = [member.record.id for member in self._view.comparison.members] if self._view else []
        table = self._view.table if self._view and shown == self._ids else None
        self.table.show(records, table, self._slots, self._baseline_id)
        self._show_words()
        self._want_soon()

    def _show_words(self) -> None:
        self._put(self.header, self._title())
        view, measure = self._view, self.table.chosen_measure
        meaning = view.meanings.get(measure, "") if view else ""
        self._put(self.meaning, Content(f" {meaning}"))
        sentences = [view.sentences.get(self._explained_id, ""), *view.notes[1:]] if view else []
        self._put(self.said, Content(printable(" ".join(filter(None, sentences)), MAX_TEXT)))
        self.footer.show(self.targets())

    @property
    def _explained_id(self) -> int:
        """The chosen session; of two always the one that is not the baseline."""
        others = [each for each in self._ids if each != self._baseline_id]
        return others[0] if len(others) == 1 else self.table.chosen_id

    def _put(self, line: Static, content: Content) -> None:
        # An update is drawn and sent even if it changes nothing.
        if line.content != content:
            line.update(content)

    def _title(self) -> Content:
        view = self._view
        parts = [f" Compare {count_of(len(self._ids), 'session')}"]
        if view is not None:
            parts += [_differ(view), f"baseline #{view.baseline_id}", view.target]
        return Content.assemble(
            (parts[0], "bold"),
            *((f"  {printable(part, MAX_TEXT)}", "$text-muted") for part in parts[1:]),
            (f"  {self._banner}" if self._banner else "", "bold $warning"),
        )

    def _want_soon(self) -> None:
        """Request new figures, unless the last reading took long."""
        if time.monotonic() >= self._rests_until:
            self._is_wanted.set()

    @work(exclusive=True)
    async def _follow(self) -> None:
        """Read and compare in a thread, one reading at a time, always the newest requested."""
        while True:
            await self._is_wanted.wait()
            self._is_wanted.clear()
            records, accuracy = self._records(), self.services.views.settings.accuracy_target
            if len(records) < MIN_SESSIONS:
                continue
            begun = time.monotonic()
            try:
                view = await asyncio.to_thread(
                    self._feed.read, records, self._baseline_id, accuracy
                )
            except StorageError as error:
                self._complain(str(error))
                continue
            self._rests_until = time.monotonic() + REST * (time.monotonic() - begun)
            is_still_wanted = [record.id for record in records] == self._ids
            if view is not None and is_still_wanted:
                self._view = view
                self.table.show(self._records(), view.table, self._slots, view.baseline_id)
                self._show_words()


def _differ(view: ComparisonView) -> str:
    count = len(view.comparison.parameters)
    verb = "differs" if count == 1 else "differ"
    return f"{count_of(count, 'parameter')} {verb}" if count else "same parameters"


def read_accuracy(text: str) -> float | None:
    """Return the typed accuracy as a fraction; None for an empty line.

    Raises:
        ValueError: It is none; says what is expected.
    """
    text = text.strip().removesuffix("%").strip().replace(",", ".")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        raise ValueError("give a number, as 98 or 98.5") from None
    # Targets of 1 % and less do not occur: 0.98 is a fraction.
    accuracy = number if number <= 1 else number / 100
    if not 0 < accuracy <= 1:
        raise ValueError("give a number above 0 and up to 100")
    return accuracy
