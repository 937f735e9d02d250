"""Data screen: splits of a session's dataset, images per class, and a few of the images."""

from __future__ import annotations

import asyncio
import textwrap
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work

from mnist_tui.storage.errors import DatasetMissingError, StorageError
from mnist_tui.training.parameters.split_sizes import SplitChoice, SplitError
from mnist_tui.tui.behaviors.base_screen import BaseScreen
from mnist_tui.tui.behaviors.line_view import LineView
from mnist_tui.tui.behaviors.view_actions import ViewActions
from mnist_tui.tui.keys.key_action import DATA
from mnist_tui.tui.keys.key_rules import bindings_of
from mnist_tui.tui.sessions.dataset_lines import (
    NUM_SAMPLES,
    about_lines,
    bar_lines,
    count_table,
    how_to_get,
    sample_lines,
    size_table,
)
from mnist_tui.tui.sessions.dataset_survey import Survey, survey_dataset
from mnist_tui.tui.terminal.image_half_blocks import draw_small, ink_for
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY
from mnist_tui.tui.widgets.lines_widget import LinesWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from mnist_tui.tui.state.messages import DataOpened
    from mnist_tui.tui.state.services import AppServices
    from mnist_tui.tui.text.styled_lines import Line
    from mnist_tui.tui.text.table import Table


class DataScreen(BaseScreen):
    """The dataset of one session, as its parameters split it."""

    NAME = DATA
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(DATA)

    def __init__(self, services: AppServices, request: DataOpened) -> None:
        super().__init__(services)
        self._request = request
        self.body = LinesWidget(widget_id="body")
        self._view = LineView(self, self.body)
        self.behaviors = (self._view, ViewActions(self))
        self._survey: Survey | None = None
        self._problem = ""

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
        return self._view.compose()

    def on_mount(self) -> None:
        """Start reading the dataset."""
        self.body.focus()
        self._read()

    def on_resize(self) -> None:
        """Fit bars and images to the new width."""
        self._show_lines()

    def show_banner(self, banner: str) -> None:
        """Show that the supervisor is away or the picture frozen; else the session's name."""
        self._view.set_banner(banner)
        self._view.show_title("Data", (f"  {self._request.title}", "$text-muted"))

    def copy_text(self) -> str:
        """Return the lines as text."""
        return self.body.text

    def exporter(self) -> Callable[[], list[Table]]:
        """Return a function that makes tables of the splits and of the images per class."""
        survey = self._survey
        return lambda: [count_table(survey), size_table(survey)] if survey else []

    def _show_lines(self) -> None:
        width = self._view.width
        if width <= 0:
            return
        if self._survey is None:
            wrapped = textwrap.wrap(self._problem, width)
            self.body.show_lines([EMPTY, *(((f" {line}", ""),) for line in wrapped)])
            return
        ink = ink_for(wants_color=not self.app.no_color)
        lines: list[Line] = [
            *about_lines(self._survey),
            EMPTY,
            *bar_lines(self._survey, width),
            EMPTY,
            *sample_lines(self._survey, width, partial(draw_small, ink=ink)),
        ]
        self.body.show_lines([((" ", ""), *line) for line in lines])

    @work(group="data")
    async def _read(self) -> None:
        try:
            self._survey = await asyncio.to_thread(_survey_of, self._request)
        except (StorageError, SplitError) as error:
            self._problem = printable(str(error), 2_000)
        self._show_lines()


def _survey_of(request: DataOpened) -> Survey:
    name = str(request.parameters.get("dataset"))
    choice = SplitChoice.of(request.parameters)
    try:
        return survey_dataset(request.data_dir, name, choice, NUM_SAMPLES)
    except DatasetMissingError as error:
        raise DatasetMissingError(f"{error} {how_to_get(name)}") from None
