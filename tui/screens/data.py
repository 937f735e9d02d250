"""The images that a session learns from: its splits, images per class, and some to look at."""

from __future__ import annotations

import asyncio
import textwrap
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static

from storage.errors import DatasetMissingError, StorageError
from training.split_sizes import SplitChoice, SplitError
from tui.datasets.absent import how_to_get
from tui.datasets.lines import EMPTY, NUM_SAMPLES, about_lines, bar_lines, sample_lines
from tui.datasets.survey import Survey, survey_dataset
from tui.datasets.tables import data_tables
from tui.images.half_blocks import ink_for
from tui.inert import inert
from tui.keys.action import DATA
from tui.keys.use import bindings_of
from tui.screens.base import BoardScreen
from tui.widgets.key_footer import KeyFooter
from tui.widgets.picture_lines import PictureLines

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui.desk import Desk
    from tui.exports import ViewTable
    from tui.images.half_blocks import ImageLine
    from tui.messages import DataOpened
    from tui.sessions.board import Change

MARGIN = 2
"""Cells that stay free: a blank at the left, the scroll bar at the right."""


class DataScreen(BoardScreen):
    """The dataset of one session as its parameters split it."""

    NAME = DATA
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(DATA)

    header = query_one("#header", Static)
    body = query_one("#body", PictureLines)

    def __init__(self, desk: Desk, wish: DataOpened) -> None:
        super().__init__(desk)
        self._wish = wish
        self._banner = ""
        self._survey: Survey | None = None
        self._trouble = ""

    def compose(self) -> ComposeResult:
        """Make the screen."""
        yield self.too_small_notice()
        yield Static(id="header", markup=False)
        yield PictureLines(widget_id="body")
        yield KeyFooter(self.NAME, widget_id="keys")

    def on_mount(self) -> None:
        """Begin to read."""
        self.body.focus()
        self._show_header()
        self._read()

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self._show()

    def board_changed(self, change: Change) -> None:
        """Nothing: what a session learns from does not change."""

    def show_banner(self, banner: str) -> None:
        """Show that the supervisor is away or the picture frozen."""
        self._banner = banner
        if self.is_mounted:
            self._show_header()

    def exporter(self) -> Callable[[], list[ViewTable]]:
        """Return what makes tables of the splits and of the images per class."""
        return partial(data_tables, self._survey) if self._survey else list

    def copy_text(self) -> str:
        """Return what is seen, as text."""
        return self.body.text

    def action_move(self, rows: int) -> None:
        """Scroll."""
        self.body.move(rows)

    def action_page(self, pages: float) -> None:
        """Scroll by a part of what is in sight."""
        self.body.page(pages)

    def action_go_to_end(self, is_last: int) -> None:
        """Scroll to the first or last line."""
        self.body.go_to_end(bool(is_last))

    def action_back(self) -> None:
        """Go back."""
        self.leave()

    @work(group="data")
    async def _read(self) -> None:
        try:
            self._survey = await asyncio.to_thread(_survey_of, self._wish)
        except (StorageError, SplitError) as error:
            self._trouble = inert(str(error), 2_000)
        self._show()

    def _show(self) -> None:
        width = self.size.width - MARGIN
        if width <= 0:
            return
        if self._survey is None:
            told = textwrap.wrap(self._trouble, width)
            self.body.show([EMPTY, *(((f" {line}", ""),) for line in told)])
            return
        ink = ink_for(wants_color=not self.app.no_color)
        lines: list[ImageLine] = [
            *about_lines(self._survey),
            EMPTY,
            *bar_lines(self._survey, width),
            EMPTY,
            *sample_lines(self._survey, width, ink),
        ]
        self.body.show([((" ", ""), *line) for line in lines])

    def _show_header(self) -> None:
        told = (self._banner, "$warning") if self._banner else (self._wish.title, "$text-muted")
        self.header.update(Content.assemble((" Data  ", "bold"), told), layout=False)


def _survey_of(wish: DataOpened) -> Survey:
    name = str(wish.parameters.get("dataset"))
    choice = SplitChoice.of(wish.parameters)
    try:
        return survey_dataset(wish.data_dir, name, choice, NUM_SAMPLES)
    except DatasetMissingError as error:
        raise DatasetMissingError(f"{error} {how_to_get(name)}") from None
