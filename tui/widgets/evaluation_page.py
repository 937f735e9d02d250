"""A page of scored images: predictions, confusion or outliers; only changed lines are redrawn."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import work
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from mnist_tui.tui.evaluation import page_state as looks
from mnist_tui.tui.evaluation.page_state import PageKind, PageState
from mnist_tui.tui.terminal.image_half_blocks import ink_for
from mnist_tui.tui.terminal.line_styles import style_of
from mnist_tui.tui.text.styled_lines import EMPTY

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.evaluation.outlier_drawer import OutlierDrawer
    from mnist_tui.tui.evaluation.page_drawer import PageDrawer
    from mnist_tui.tui.evaluation.scored_page import Page
    from mnist_tui.tui.text.styled_lines import Line
    from mnist_tui.tui.text.table import Table


class EvaluationPage(Widget):
    """Draws in a thread, always the newest wish; keys change what is wished for."""

    def __init__(self, home: Home, scene: PageKind, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._home = home
        self._look = PageState(scene)
        self._record: SessionRecord | None = None
        self._other: SessionRecord | None = None
        self._alike: tuple[SessionRecord, ...] = ()
        self._page: Page | None = None
        self._lines: list[Line] = []
        self._is_wanted = asyncio.Event()

    @property
    def look(self) -> PageState:
        """What is shown."""
        return self._look

    @property
    def counts_seeds(self) -> bool:
        """Whether it shows what sessions say that differ in their seed alone."""
        return self._look.scene is PageKind.OUTLIERS

    @property
    def compared_id(self) -> int | None:
        """The session that the matrix is compared with."""
        return self._look.other_id

    @property
    def make_text(self) -> Callable[[], str]:
        """What makes the page in words; needs no widget."""
        return self._page.text if self._page else str

    @property
    def make_tables(self) -> Callable[[], list[Table]]:
        """What makes the page's tables; needs no widget and may take long."""
        return self._page.tables if self._page else list

    def on_mount(self) -> None:
        """Begin to draw."""
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
            self._look = replace(self._look, place=0, first_row=0, tests_back=0)
        self._record, self._alike = record, alike
        if self._look.other_id == record.id:
            self._look = looks.compare_with(self._look, None)
        self._is_wanted.set()

    def walk(self, right: int, down: int) -> None:
        """Go to another image or cell."""
        columns = self._page.columns if self._page else 1
        self._see(looks.walk(self._look, right, down, columns))

    def page(self, pages: float) -> None:
        """Go by a part of what is in sight."""
        rows = self.size.height - 6 if self._look.shows_matrix else 2
        self.walk(0, round(pages * rows) or (1 if pages > 0 else -1))

    def go_to_end(self, last: int) -> None:
        """Go to the first image or cell, or to the last."""
        self._see(looks.go_to_end(self._look, last))

    def inspect(self) -> None:
        """Look at the images of the chosen cell."""
        self._see(looks.enter(self._look))

    def show_only(self) -> None:
        """Show mistakes alone, or disagreements; again: everything."""
        self._see(looks.show_only(self._look))

    def draw_others(self) -> None:
        """Draw other images at random, or show another outlier test."""
        self._see(looks.draw_others(self._look))

    def show_newest(self) -> None:
        """Begin anew with the newest outlier test."""
        self._see(looks.newest(self._look))

    def compare_with(self, other: SessionRecord | None) -> None:
        """Show the difference to another session, or no longer."""
        self._other = other
        self._see(looks.compare_with(self._look, other.id if other else None))

    def back(self) -> bool:
        """Show what was seen before; return whether there was anything."""
        before = looks.back(self._look)
        if before is not None:
            self._see(before)
        return before is not None

    def render_line(self, y: int) -> Strip:
        """Return one line of the page."""
        base, theme = self.rich_style, self.app.theme
        line = self._lines[y] if y < len(self._lines) else EMPTY
        segments = [Segment(text, base + style_of(role, theme)) for text, role in line]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def on_mouse_scroll_down(self) -> None:
        """Go down."""
        self.walk(0, 1)

    def on_mouse_scroll_up(self) -> None:
        """Go up."""
        self.walk(0, -1)

    def _see(self, look: PageState) -> None:
        if look != self._look:
            self._look = look
            self._is_wanted.set()

    @work(exclusive=True)
    async def _draw(self) -> None:
        await self._is_wanted.wait()
        drawer = await asyncio.to_thread(_make_drawer, self._home, self._look.scene)
        from mnist_tui.tui.evaluation.page_drawer import PageRequest  # noqa: PLC0415 — loaded by that thread

        while True:
            await self._is_wanted.wait()
            self._is_wanted.clear()
            record, look, size = self._record, self._look, self.size
            if record is None or not size.width or not size.height:
                continue
            other = self._other if look.other_id is not None else None
            ink = ink_for(wants_color=not self.app.no_color)
            wish = PageRequest(look, record, other, size.width, size.height, ink, self._alike)
            page = await asyncio.to_thread(drawer.draw, wish)
            if page is not None and self._record is not None and self._record.id == record.id:
                self._show(page, look)

    def _show(self, page: Page, asked: PageState) -> None:
        self._page = page
        if self._look == asked:
            self._look = page.look
        before, self._lines = self._lines, page.lines
        changed = [
            Region(0, y, self.size.width, 1)
            for y, (old, new) in enumerate(zip_longest(before, page.lines, fillvalue=EMPTY))
            if old != new and y < self.size.height
        ]
        if changed:
            self.refresh(*changed)


def _make_drawer(home: Home, scene: PageKind) -> PageDrawer | OutlierDrawer:
    from mnist_tui.tui.evaluation.outlier_drawer import OutlierDrawer  # noqa: PLC0415 — the same
    from mnist_tui.tui.evaluation.page_drawer import PageDrawer  # noqa: PLC0415 — numpy, 120 ms

    return OutlierDrawer(home) if scene is PageKind.OUTLIERS else PageDrawer(home)
