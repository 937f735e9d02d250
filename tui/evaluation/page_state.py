"""What the keys have chosen on the pages of scored images; a key gives a new one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Scene(StrEnum):
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
class Look:
    """One view of the images that were scored."""

    scene: Scene
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
        return self.scene is Scene.MATRIX


def walk(look: Look, right: int, down: int, columns: int) -> Look:
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


def go_to_end(look: Look, last: int) -> Look:
    """Go to the first image or cell, or to the last where `last` is 1."""
    end = last * 10**9
    if look.shows_matrix:
        return replace(look, cell=(end, end))
    return replace(look, place=end)


def enter(look: Look) -> Look:
    """Look at the images of the chosen cell."""
    return _scene(look, Scene.CELL) if look.shows_matrix and look.cell else look


def show_only(look: Look) -> Look:
    """Show what went wrong alone: mistakes, or disagreements; again: everything."""
    if look.scene in (Scene.PREDICTIONS, Scene.OUTLIERS):
        return replace(look, only_wrong=not look.only_wrong, place=0, first_row=0)
    return _scene(look, Scene.MATRIX if look.scene is Scene.ALL else Scene.ALL)


def draw_others(look: Look) -> Look:
    """Draw other images at random; of outliers show the test before."""
    if look.scene is Scene.OUTLIERS:
        return replace(look, tests_back=look.tests_back + 1, place=0, first_row=0)
    if look.scene is not Scene.PREDICTIONS:
        return look
    return replace(look, seed=look.seed + 1, place=0, first_row=0)


def compare_with(look: Look, other_id: int | None) -> Look:
    """Show the difference to another session's matrix, or no longer."""
    return replace(_scene(look, Scene.MATRIX), other_id=other_id, cell=None)


def newest(look: Look) -> Look:
    """Begin anew with the newest outlier test."""
    return replace(look, tests_back=0, place=0, first_row=0, only_wrong=False)


def back(look: Look) -> Look | None:
    """Return what was seen before; None where the page is as it begins."""
    if look.scene in (Scene.CELL, Scene.ALL):
        return _scene(look, Scene.MATRIX)
    if look.other_id is not None:
        return compare_with(look, None)
    return None


def _scene(look: Look, scene: Scene) -> Look:
    return replace(look, scene=scene, place=0, first_row=0)
