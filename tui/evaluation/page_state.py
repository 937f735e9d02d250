"""State of a page of scored images, as the keys have set it, and the page that is drawn from it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Self

from rich.cells import cell_len

from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY, fitted, line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mnist_tui.tui.terminal.image_half_blocks import Ink
    from mnist_tui.tui.text.styled_lines import Line
    from mnist_tui.tui.text.table import Table

FAR = 10**9
"""A place beyond every end, which drawing brings back."""
READABLE_WIDTH = 90
"""Cells of a sentence at most."""
INDENT = "  "

Hint = tuple[str, str]
"""A key and its effect in a word or two."""


class PageKind(StrEnum):
    """Contents of a page."""

    PREDICTIONS = "predictions"
    """Images drawn at random, or those that are scored during training."""
    MATRIX = "matrix"
    CELL = "cell"
    """The images of the chosen cell."""
    ALL = "all"
    """All mistakes; compared with another session, all images on which the two disagree."""
    OUTLIERS = "outliers"
    """Out-of-distribution images."""


@dataclass(frozen=True)
class PageState:
    """One view of the scored images; a key leads to a new one."""

    kind: PageKind
    place: int = 0
    """The chosen image, by its place on the page."""
    first_row: int = 0
    """The first visible row of images."""
    seed: int = 0
    """Seed of the images drawn at random."""
    only_wrong: bool = False
    """True for mistakes only; among outliers, for those with different answers only."""
    tests_back: int = 0
    """Newer outlier tests that are skipped."""
    cell: tuple[int, int] | None = None
    """The chosen true and predicted class; None for the cell with most mistakes."""
    corner: tuple[int, int] = (0, 0)
    """The first visible row and column of the matrix."""
    other_id: int | None = None
    """The session that the matrix is compared with."""

    @property
    def shows_matrix(self) -> bool:
        """True if keys move among cells of the matrix, false if among images."""
        return self.kind is PageKind.MATRIX

    def walk(self, right: int, down: int, columns: int) -> Self:
        """Go to another image or cell; places beyond the edge are allowed.

        Args:
            right: Steps to the right, negative to the left.
            down: Steps down, negative up.
            columns: Images next to each other.
        """
        if not self.shows_matrix:
            return replace(self, place=max(0, self.place + right + down * columns))
        if self.cell is None:
            return self
        true, predicted = self.cell
        return replace(self, cell=(max(0, true + down), max(0, predicted + right)))

    def go_to_end(self, is_last: int) -> Self:
        """Go to the first image or cell, or to the last if `is_last` is 1."""
        end = is_last * FAR
        return replace(self, cell=(end, end)) if self.shows_matrix else replace(self, place=end)

    def enter(self) -> Self:
        """Show the images of the chosen cell."""
        return self._with_kind(PageKind.CELL) if self.shows_matrix and self.cell else self

    def show_only(self) -> Self:
        """Toggle between mistakes, or disagreements, and everything."""
        if self.kind in (PageKind.PREDICTIONS, PageKind.OUTLIERS):
            return replace(self, only_wrong=not self.only_wrong, place=0, first_row=0)
        return self._with_kind(PageKind.MATRIX if self.kind is PageKind.ALL else PageKind.ALL)

    def draw_others(self) -> Self:
        """Draw other images at random; of outliers, show the previous test."""
        if self.kind is PageKind.OUTLIERS:
            return replace(self, tests_back=self.tests_back + 1, place=0, first_row=0)
        if self.kind is not PageKind.PREDICTIONS:
            return self
        return replace(self, seed=self.seed + 1, place=0, first_row=0)

    def compare_with(self, other_id: int | None) -> Self:
        """Show the difference to another session's matrix; None ends it."""
        return replace(self._with_kind(PageKind.MATRIX), other_id=other_id, cell=None)

    def newest(self) -> Self:
        """Go back to the newest outlier test."""
        return replace(self, tests_back=0, place=0, first_row=0, only_wrong=False)

    def back(self) -> Self | None:
        """Return the state before a cell, all mistakes or a comparison; None if there is none."""
        if self.kind in (PageKind.CELL, PageKind.ALL):
            return self._with_kind(PageKind.MATRIX)
        return self.compare_with(None) if self.other_id is not None else None

    def _with_kind(self, kind: PageKind) -> Self:
        return replace(self, kind=kind, place=0, first_row=0)


class PageArea(NamedTuple):
    """The space that a page is drawn in."""

    width: int
    """Cells per line."""
    height: int
    """Lines."""
    ink: Ink


@dataclass(frozen=True)
class DrawnPage:
    """A page as lines, with what can be copied and exported of it."""

    lines: list[Line]
    state: PageState
    """The requested state, with places beyond the edge moved back inside."""
    columns: int = 1
    """Images next to each other."""
    text: Callable[[], str] = str
    """Makes the text that is copied."""
    tables: Callable[[], list[Table]] = list
    """Makes the tables that are exported."""


def sentence_page(sentence: str, state: PageState, width: int) -> DrawnPage:
    """Return a page that holds one sentence."""
    room = max(20, min(width, READABLE_WIDTH) - 2 * len(INDENT))
    lines = [line_of(INDENT + line) for line in textwrap.wrap(printable(sentence), room)]
    return DrawnPage([EMPTY, *lines], state, text=lambda: sentence)


def headlines(title: str, hints: Sequence[Hint], trouble: str, width: int) -> list[Line]:
    """Return a title with as many keys at its end as fit, and below it what is wrong, if so.

    Args:
        title: The title, cut if it is too long.
        hints: Keys, the most important first.
        trouble: A sentence that the user should read first, empty for none.
        width: Cells per line.
    """
    shown = list(hints)
    while shown and cell_len(title) + 2 + _width_of(shown) > width:
        shown.pop()
    blank = " " * max(0, width - cell_len(title) - _width_of(shown))
    keys = [
        run
        for key, word in shown
        for run in ((f"  {key}", "bold accent"), (f" {word}", "muted"))
    ]  # fmt: skip
    line = fitted(line_of((title, "title"), blank, *keys), width)
    return [line, line_of((printable(trouble), "waiting"))] if trouble else [line]


def _width_of(hints: Sequence[Hint]) -> int:
    return sum(cell_len(f"  {key} {word}") for key, word in hints)
