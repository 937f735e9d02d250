"""The images that a session learns from: its splits, images per class, and some to look at."""

from __future__ import annotations

import asyncio
import textwrap
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.content import Content
from textual.getters import query_one

from mnist_tui.storage.errors import DatasetMissingError, StorageError
from mnist_tui.training.parameters.split_sizes import SplitChoice, SplitError
from mnist_tui.tui.datasets.dataset_lines import (
    NUM_SAMPLES,
    about_lines,
    bar_lines,
    sample_lines,
)
from mnist_tui.tui.datasets.dataset_survey import Survey, survey_dataset
from mnist_tui.tui.datasets.dataset_tables import data_tables
from mnist_tui.tui.datasets.missing_dataset import how_to_get
from mnist_tui.tui.keys.key_action import DATA
from mnist_tui.tui.keys.key_rules import bindings_of
from mnist_tui.tui.screens.text_screen import MARGIN, TextScreen
from mnist_tui.tui.terminal.image_half_blocks import draw_small, ink_for
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY
from mnist_tui.tui.widgets.image_lines import PictureLines

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType

    from mnist_tui.tui.state.board import BoardDiff
    from mnist_tui.tui.state.messages import DataOpened
    from mnist_tui.tui.state.services import AppServices
    from mnist_tui.tui.text.styled_lines import Line
    from mnist_tui.tui.text.table import Table


class DataScreen(TextScreen):
    """The dataset of one session as its parameters split it."""

    NAME = DATA
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(DATA)

    body = query_one("#body", PictureLines)

    def __init__(self, desk: AppServices, wish: DataOpened) -> None:
        super().__init__(desk)
        self._wish = wish
        self._survey: Survey | None = None
        self._trouble = ""

    def make_body(self) -> PictureLines:
        """Return the lines."""
        return PictureLines(widget_id="body")

    def begin(self) -> None:
        """Read the dataset."""
        self._read()

    def board_changed(self, change: BoardDiff) -> None:
        """Nothing: what a session learns from does not change."""

    def exporter(self) -> Callable[[], list[Table]]:
        """Return what makes tables of the splits and of the images per class."""
        return partial(data_tables, self._survey) if self._survey else list

    def show_lines(self) -> None:
        """Fit bars and images to the width."""
        width = self.size.width - MARGIN
        if width <= 0:
            return
        if self._survey is None:
            told = textwrap.wrap(self._trouble, width)
            self.body.show([EMPTY, *(((f" {line}", ""),) for line in told)])
            return
        ink = ink_for(wants_color=not self.app.no_color)
        lines: list[Line] = [
            *about_lines(self._survey),
            EMPTY,
            *bar_lines(self._survey, width),
            EMPTY,
            *sample_lines(self._survey, width, partial(draw_small, ink=ink)),
        ]
        self.body.show([((" ", ""), *line) for line in lines])

    def show_header(self) -> None:
        """Say whose images these are, or the banner."""
        told = (self.banner, "$warning") if self.banner else (self._wish.title, "$text-muted")
        self.header.update(Content.assemble((" Data  ", "bold"), told), layout=False)

    @work(group="data")
    async def _read(self) -> None:
        try:
            self._survey = await asyncio.to_thread(_survey_of, self._wish)
        except (StorageError, SplitError) as error:
            self._trouble = printable(str(error), 2_000)
        self.show_lines()


def _survey_of(wish: DataOpened) -> Survey:
    name = str(wish.parameters.get("dataset"))
    choice = SplitChoice.of(wish.parameters)
    try:
        return survey_dataset(wish.data_dir, name, choice, NUM_SAMPLES)
    except DatasetMissingError as error:
        raise DatasetMissingError(f"{error} {how_to_get(name)}") from None
