"""Loss and accuracy of one session, read in the background and drawn when there is news."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from textual import work
from textual.containers import Container
from textual.getters import query_one

from storage.errors import StorageError
from tui.widgets.metric_chart import MetricChart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from storage.records import SessionRecord
    from tui.chart_view import ChartView
    from tui.exports import ViewTable
    from tui.metric_feed import Chart, MetricFeed

PATIENCE_S = 0.1


class ChartPair(Container):
    """Two charts beside each other, or one above the other where the class says so."""

    loss = query_one("#loss", MetricChart)
    accuracy = query_one("#accuracy", MetricChart)

    def __init__(self, feed: MetricFeed, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._feed = feed
        self._record: SessionRecord | None = None
        self._drawn_id: int | None = None
        self._is_wanted = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Make the two charts."""
        yield MetricChart(widget_id="loss")
        yield MetricChart(widget_id="accuracy")

    def on_mount(self) -> None:
        """Begin to read; one reading at a time, always of the newest wish."""
        self._follow()

    def show(
        self, records: Sequence[SessionRecord], slots: Mapping[int, int] | None = None
    ) -> None:
        """Read and draw: nothing, all curves of one session, or one curve of each of several.

        Args:
            records: The sessions, at most ten.
            slots: The slot 0..9 of each session ID, which decides colour and marker; by their
                order where absent.
        """
        record = records[0] if records else None
        self._record = record
        if record is None:
            self._draw(None, None)
        self._is_wanted.set()

    def set_view(self, view: ChartView) -> None:
        """Look at the same sessions in another way."""

    def move_cursor(self, columns: int | None) -> None:
        """Move the reading cursor by columns, showing it first at the end; None takes it away."""

    def enlarge(self, name: Literal["loss", "accuracy"] | None) -> None:
        """Give one chart all the room; None gives it back to both."""
        for chart in (self.loss, self.accuracy):
            chart.display = name in (None, chart.id)

    def twins(self) -> list[str]:
        """Return what each chart shows, as a sentence."""
        return []

    def tables(self) -> list[ViewTable]:
        """Return all points of the charts, as tables to export."""
        return []

    def on_resize(self) -> None:
        """Read again, reduced to the new width."""
        self._is_wanted.set()

    @work(exclusive=True)
    async def _follow(self) -> None:
        while True:
            await self._is_wanted.wait()
            self._is_wanted.clear()
            record, columns = self._record, max(20, 2 * self.loss.size.width)
            if record is None or not self.display:
                continue
            try:
                charts = await self._read(record, columns)
            except StorageError as error:
                self.notify(str(error), severity="warning", markup=False)
                continue
            if self._record is not None and record.id == self._record.id:
                self._draw(*charts)
                self._drawn_id = record.id

    async def _read(self, record: SessionRecord, columns: int) -> tuple[Chart, Chart]:
        """Return the charts of `record`; another session's vanish where that takes a while."""
        reading = asyncio.create_task(asyncio.to_thread(self._feed.charts, record, columns))
        await asyncio.wait({reading}, timeout=PATIENCE_S)
        if not reading.done() and record.id != self._drawn_id:
            self._draw(None, None)
        return await reading

    def _draw(self, loss: Chart | None, accuracy: Chart | None) -> None:
        self.loss.show(loss)
        self.accuracy.show(accuracy)
