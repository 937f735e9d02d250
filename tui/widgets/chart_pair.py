"""Pair of charts: loss and accuracy of sessions, read and painted in the background."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, NamedTuple

from textual import work
from textual.containers import Container

from mnist_tui.storage.errors import StorageError
from mnist_tui.tui.charts.chart_model import ChartView
from mnist_tui.tui.charts.metric_feed import ChartRequest
from mnist_tui.tui.widgets.metric_chart import MetricChart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.charts.chart_painter import PaintedChart
    from mnist_tui.tui.charts.metric_feed import MetricFeed
    from mnist_tui.tui.charts.session_curves import SessionCurves
    from mnist_tui.tui.text.table import Table

PATIENCE_S = 0.1
REST_S = 0.05
"""A key that is held down repeats faster."""

_Size = tuple[int, int]


class _Painting(NamedTuple):
    """Both pictures and their sources."""

    key: tuple[object, ...] = ()
    """Equal for pictures that would be the same."""
    pictures: tuple[PaintedChart | None, PaintedChart | None] = (None, None)
    sessions: Sequence[SessionCurves] = ()


NOTHING = _Painting()


class ChartPair(Container):
    """Two charts, side by side or stacked."""

    def __init__(self, feed: MetricFeed, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        # Held rather than looked up: they are used while the screen is being removed, too.
        self.loss = MetricChart(widget_id="loss")
        self.accuracy = MetricChart(widget_id="accuracy")
        self._feed = feed
        self._records: tuple[SessionRecord, ...] = ()
        self._slots: dict[int, int] = {}
        self._view = ChartView()
        self._cursor: float | None = None
        self._painting = NOTHING
        self._complaint = ""
        self._is_wanted = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Yield the charts."""
        yield self.loss
        yield self.accuracy

    def on_mount(self) -> None:
        """Start reading, one reading at a time, always the newest requested."""
        self._follow()

    def show(
        self, records: Sequence[SessionRecord], slots: Mapping[int, int] | None = None
    ) -> None:
        """Read and draw: nothing, all curves of one session, or one curve of each of several.

        Args:
            records: The sessions, at most ten.
            slots: The slot 0..9 of each session ID, which decides colour and marker; by its
                place in `records` where absent.
        """
        self._records = tuple(records)
        by_order = {record.id: place for place, record in enumerate(records)}
        self._slots = by_order | dict(slots or {})
        if not records:
            self._clear()
        self._is_wanted.set()

    def set_view(self, view: ChartView) -> None:
        """Apply view settings."""
        self._view = view
        self._is_wanted.set()

    def move_cursor(self, columns: int | None) -> None:
        """Move the reading cursor by columns, first shown at the end; None removes it."""
        pictures = [chart.picture for chart in (self.loss, self.accuracy) if chart.display]
        picture = next(filter(None, pictures), None)
        if columns is None or picture is None:
            self._cursor = None
        else:
            from mnist_tui.tui.charts.chart_readout import moved  # noqa: PLC0415 — numpy, 120 ms

            self._cursor = moved(picture, self._cursor, columns)
        self._draw(self.loss.picture, self.accuracy.picture)

    def enlarge(self, name: Literal["loss", "accuracy"] | None) -> None:
        """Enlarge one chart; None shows both."""
        for chart in (self.loss, self.accuracy):
            chart.display = name in (None, chart.id)

    def twins(self) -> list[str]:
        """Return a description of each visible chart."""
        from mnist_tui.tui.charts.chart_description import describe_chart  # noqa: PLC0415 — numpy, 120 ms

        pictures = [chart.picture for chart in (self.loss, self.accuracy) if chart.display]
        return [describe_chart(picture.chart) for picture in pictures if picture is not None]

    def tables(self) -> list[Table]:
        """Return all points and events of the drawn sessions as tables."""
        from mnist_tui.tui.charts.session_curves import chart_tables  # noqa: PLC0415 — only for an export

        return chart_tables(self._painting.sessions)

    def on_metric_chart_size_changed(self) -> None:
        """Paint again for the new size."""
        self._is_wanted.set()

    @work(exclusive=True)
    async def _follow(self) -> None:
        while True:
            await self._is_wanted.wait()
            await self._rest()
            self._is_wanted.clear()
            sizes = self._sizes()
            if not self._records or not self.display or not any(map(all, sizes)):
                continue
            wish = ChartRequest(self._records, self._slots, self._view)
            try:
                painting = await self._paint(wish, sizes)
            except StorageError as error:
                self._complain(str(error))
                self._forget_others(wish.records)
                continue
            self._complaint = ""
            if painting is not None and _ids(self._records) == _ids(wish.records):
                self._carry_cursor(self._painting, painting)
                self._painting = painting
                self._draw(*painting.pictures)

    async def _rest(self) -> None:
        """Wait until the selection rests: painting every session on the way would delay keys."""
        while (chosen := _ids(self._records)) != [
            each.record.id for each in self._painting.sessions
        ]:
            await asyncio.sleep(REST_S)
            if _ids(self._records) == chosen:
                return
            self._forget_others(self._records)

    async def _paint(self, wish: ChartRequest, sizes: tuple[_Size, _Size]) -> _Painting | None:
        """Return new pictures, or None if nothing changed; old ones vanish if that takes long."""
        task = asyncio.create_task(asyncio.to_thread(self._paint_in_thread, wish, sizes))
        await asyncio.wait({task}, timeout=PATIENCE_S)
        if not task.done():
            self._forget_others(wish.records)
        return await task

    def _paint_in_thread(self, wish: ChartRequest, sizes: tuple[_Size, _Size]) -> _Painting | None:
        from mnist_tui.tui.charts.chart_painter import paint, plot_columns  # noqa: PLC0415 — numpy and plotext

        sessions = self._feed.sessions(wish.records)
        key = (*map(id, sessions), tuple(wish.slots.items()), wish.view, sizes)
        if key == self._painting.key:
            return None
        charts = self._feed.charts(wish, sessions, [plot_columns(width) for width, _ in sizes])
        pictures = [paint(chart, *size) for chart, size in zip(charts, sizes, strict=True)]
        return _Painting(key, (pictures[0], pictures[1]), sessions)

    def _complain(self, sentence: str) -> None:
        """Notify of a problem once, not with every reading."""
        if sentence != self._complaint:
            self._complaint = sentence
            self.notify(sentence, severity="warning", markup=False)

    def _sizes(self) -> tuple[_Size, _Size]:
        loss, accuracy = (
            (chart.size.width, chart.size.height) if chart.display else (0, 0)
            for chart in (self.loss, self.accuracy)
        )  # fmt: skip
        return loss, accuracy

    def _forget_others(self, records: Sequence[SessionRecord]) -> None:
        """Clear pictures of other sessions, which could be mistaken for the requested ones."""
        if _ids(records) != _ids([each.record for each in self._painting.sessions]):
            self._clear()

    def _carry_cursor(self, before: _Painting, after: _Painting) -> None:
        """Keep the cursor at its position in training."""
        old, new = (next(filter(None, each.pictures), None) for each in (before, after))
        if self._cursor is not None and old is not None and new is not None:
            from mnist_tui.tui.charts.chart_readout import carried  # noqa: PLC0415 — numpy, 120 ms

            self._cursor = carried(self._cursor, old.chart, new.chart)

    def _clear(self) -> None:
        self._painting, self._cursor = NOTHING, None
        self._draw(None, None)

    def _draw(self, loss: PaintedChart | None, accuracy: PaintedChart | None) -> None:
        self.loss.show(loss, self._cursor)
        self.accuracy.show(accuracy, self._cursor)


def _ids(records: Sequence[SessionRecord]) -> list[int]:
    return [record.id for record in records]
