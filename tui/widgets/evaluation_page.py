"""Widget of scored images: predictions, confusion or outliers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import work

from mnist_tui.tui.evaluation.page_state import PageArea, PageKind, PageState
from mnist_tui.tui.terminal.image_half_blocks import ink_for
from mnist_tui.tui.widgets.lines_widget import LinesWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.evaluation.page_drawer import PageDrawer
    from mnist_tui.tui.evaluation.page_state import DrawnPage
    from mnist_tui.tui.text.table import Table


class EvaluationPage(LinesWidget, can_focus=False):
    """Drawn in a thread, always as last requested; keys change the requested view."""

    scrolls = False

    def __init__(self, home: Home, kind: PageKind, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._home = home
        self._state = PageState(kind)
        self._record: SessionRecord | None = None
        self._other: SessionRecord | None = None
        self._alike: tuple[SessionRecord, ...] = ()
        self._page: DrawnPage | None = None
        self._is_wanted = asyncio.Event()

    @property
    def state(self) -> PageState:
        """The view."""
        return self._state

    @property
    def counts_seeds(self) -> bool:
        """True if answers of sessions that differ in their seed alone are shown."""
        return self._state.kind is PageKind.OUTLIERS

    @property
    def compared_id(self) -> int | None:
        """The session that the matrix is compared with."""
        return self._state.other_id

    @property
    def make_text(self) -> Callable[[], str]:
        """A function that makes the page's text; it uses no widget."""
        return self._page.text if self._page else str

    @property
    def make_tables(self) -> Callable[[], list[Table]]:
        """A function that makes the page's tables; it uses no widget and may take long."""
        return self._page.tables if self._page else list

    def on_mount(self) -> None:
        """Start drawing."""
        self._draw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._is_wanted.set()

    def follow(self, record: SessionRecord, alike: tuple[SessionRecord, ...] = ()) -> None:
        """Show a session, read again whenever this is called.

        Args:
            record: The session.
            alike: Those that differ from it in their seed alone, where that is shown.
        """
        if self._record is not None and self._record.id != record.id:
            self._state = replace(self._state, place=0, first_row=0, tests_back=0)
        self._record, self._alike = record, alike
        if self._state.other_id == record.id:
            self._state = self._state.compare_with(None)
        self._is_wanted.set()

    def walk(self, right: int, down: int) -> None:
        """Go to another image or cell."""
        columns = self._page.columns if self._page else 1
        self._see(self._state.walk(right, down, columns))

    def page(self, pages: float) -> None:
        """Go by a fraction of the visible rows."""
        rows = self.size.height - 6 if self._state.shows_matrix else 2
        self.walk(0, round(pages * rows) or (1 if pages > 0 else -1))

    def go_to_end(self, last: int) -> None:
        """Go to the first image or cell, or to the last."""
        self._see(self._state.go_to_end(last))

    def inspect(self) -> None:
        """Show the images of the chosen cell."""
        self._see(self._state.enter())

    def show_only(self) -> None:
        """Toggle between mistakes or disagreements and everything."""
        self._see(self._state.show_only())

    def draw_others(self) -> None:
        """Draw other images at random, or show another outlier test."""
        self._see(self._state.draw_others())

    def show_newest(self) -> None:
        """Show the newest outlier test."""
        self._see(self._state.newest())

    def compare_with(self, other: SessionRecord | None) -> None:
        """Show the difference to another session, or none."""
        self._other = other
        self._see(self._state.compare_with(other.id if other else None))

    def back(self) -> bool:
        """Return to the previous view; return False if there is none."""
        before = self._state.back()
        if before is not None:
            self._see(before)
        return before is not None

    def on_mouse_scroll_down(self) -> None:
        """Go down."""
        self.walk(0, 1)

    def on_mouse_scroll_up(self) -> None:
        """Go up."""
        self.walk(0, -1)

    def _see(self, state: PageState) -> None:
        if state != self._state:
            self._state = state
            self._is_wanted.set()

    @work(exclusive=True)
    async def _draw(self) -> None:
        await self._is_wanted.wait()
        drawer = await asyncio.to_thread(_make_drawer, self._home)
        from mnist_tui.tui.evaluation.page_drawer import PageRequest  # noqa: PLC0415 — loaded by that thread

        while True:
            await self._is_wanted.wait()
            self._is_wanted.clear()
            record, state, size = self._record, self._state, self.size
            if record is None or not size.width or not size.height:
                continue
            other = self._other if state.other_id is not None else None
            ink = ink_for(wants_color=not self.app.no_color)
            area = PageArea(size.width, size.height, ink)
            request = PageRequest(state, record, other, area, self._alike)
            page = await asyncio.to_thread(drawer.draw, request)
            if page is not None and self._record is not None and self._record.id == record.id:
                self._show(page, state)

    def _show(self, page: DrawnPage, requested: PageState) -> None:
        self._page = page
        if self._state == requested:
            self._state = page.state
        self.show_lines(page.lines)


def _make_drawer(home: Home) -> PageDrawer:
    from mnist_tui.tui.evaluation.page_drawer import PageDrawer  # noqa: PLC0415 — numpy, 120 ms

    return PageDrawer(home)
