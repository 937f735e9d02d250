"""What the keys have chosen on the pages of scored images; a key gives a new one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class PageKind(StrEnum):
    """What a page shows."""

    PREDICTIONS = "predictions"
    """Images drawn at random, or those that are scored while training."""
    MATRIX = "matrix"
    CELL = "cell"
    """The images of the chosen cell."""
    ALL = "all"
    """All mistakes; beside another session, all images on which the two disagree."""
    OUTLIERS = "outliers"
    """Images that are of no class."""


@dataclass(frozen=True)
class PageState:
    """One view of the images that were scored."""

    scene: PageKind
    place: int = 0
    """The chosen image, by its place in the scene."""
    first_row: int = 0
    """The first row of images in sight."""
    seed: int = 0
    """Says which images are drawn at random."""
    only_wrong: bool = False
    """Only mistakes; among outliers, only those that get different answers."""
    tests_back: int = 0
    """How many newer outlier tests are passed over."""
    cell: tuple[int, int] | None = None
    """The chosen true and predicted class; None for where most mistakes are."""
    corner: tuple[int, int] = (0, 0)
    """The first row and column of the matrix in sight."""
    other_id: int | None = None
    """The session that the matrix is compared with."""

    @property
    def shows_matrix(self) -> bool:
        """Whether keys walk on a matrix rather than among images."""
        return self.scene is PageKind.MATRIX


def walk(look: PageState, right: int, down: int, columns: int) -> PageState:
    """Go to another image or cell; beyond the edge is allowed, drawing brings it back.

    Args:
        look: What is shown.
        right: Steps to the right, negative to the left.
        down: Steps down, negative up.
        columns: Images next to each other.
    """
    if not look.shows_matrix:
        return replace(look, place=max(0, look.place + right + down * columns))
    if look.cell is None:
        return look
    true, predicted = look.cell
    return replace(look, cell=(max(0, true + down), max(0, predicted + right)))


def go_to_end(look: PageState, last: int) -> PageState:
    """Go to the first image or cell, or to the last where `last` is 1."""
    end = last * 10**9
    if look.shows_matrix:
        return replace(look, cell=(end, end))
    return replace(look, place=end)


def enter(look: PageState) -> PageState:
    """Look at the images of the chosen cell."""
    return _scene(look, PageKind.CELL) if look.shows_matrix and look.cell else look


def show_only(look: PageState) -> PageState:
    """Show what went wrong alone: mistakes, or disagreements; again: everything."""
    if look.scene in (PageKind.PREDICTIONS, PageKind.OUTLIERS):
        return replace(look, only_wrong=not look.only_wrong, place=0, first_row=0)
    return _scene(look, PageKind.MATRIX if look.scene is PageKind.ALL else PageKind.ALL)


def draw_others(look: PageState) -> PageState:
    """Draw other images at random; of outliers show the test before."""
    if look.scene is PageKind.OUTLIERS:
        return replace(look, tests_back=look.tests_back + 1, place=0, first_row=0)
    if look.scene is not PageKind.PREDICTIONS:
        return look
    return replace(look, seed=look.seed + 1, place=0, first_row=0)


def compare_with(look: PageState, other_id: int | None) -> PageState:
    """Show the difference to another session's matrix, or no longer."""
    return replace(_scene(look, PageKind.MATRIX), other_id=other_id, cell=None)


def newest(look: PageState) -> PageState:
    """Begin anew with the newest outlier test."""
    return replace(look, tests_back=0, place=0, first_row=0, only_wrong=False)


def back(look: PageState) -> PageState | None:
    """Return what was seen before; None where the page is as it begins."""
    if look.scene in (PageKind.CELL, PageKind.ALL):
        return _scene(look, PageKind.MATRIX)
    if look.other_id is not None:
        return compare_with(look, None)
    return None


def _scene(look: PageState, scene: PageKind) -> PageState:
    return replace(look, scene=scene, place=0, first_row=0)
