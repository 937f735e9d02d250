"""Images side by side above a closer look at the chosen one, whatever there is to say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from mnist_tui.tui.evaluation.image_tiles import (
    TILE_HEIGHT,
    Tile,
    columns_in,
    first_in_sight,
    rows_in,
    tile_lines,
)
from mnist_tui.tui.evaluation.probability_bars import narrowest, widest
from mnist_tui.tui.text.styled_lines import EMPTY, beside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.text.styled_lines import Line

PICTURE_WIDTH, PICTURE_HEIGHT = 28, 14
FACTS_WIDTH = 24
GAP = 2
_WIDE = PICTURE_WIDTH + GAP + 52 + FACTS_WIDTH
"""From this width on a large picture, bars and facts stand next to each other."""


class GalleryLayout(Protocol):
    """Images by their place, and what there is to say of each."""

    @property
    def num_images(self) -> int:
        """How many images there are; at least one."""

    @property
    def num_classes(self) -> int:
        """How many probabilities each has."""

    @property
    def num_models(self) -> int:
        """How many models gave probabilities: 1 or 2."""

    def tiles(self, start: int, count: int) -> list[Tile]:
        """Return the images from place `start` on, at most `count`."""

    def picture(self, chosen: int) -> Sequence[Line]:
        """Return one image as large as it is."""

    def bars(self, chosen: int, width: int, height: int) -> list[Line]:
        """Return the probabilities of one image."""

    def facts(self, chosen: int) -> list[Line]:
        """Return what there is to say of one image, a fact per line of `FACTS_WIDTH` cells."""


class DrawnGallery(NamedTuple):
    """An exhibit as lines."""

    lines: list[Line]
    columns: int
    """Images next to each other."""
    first_row: int
    """The first row of images in sight."""


def exhibit_lines(
    exhibit: GalleryLayout, chosen: int, first_row: int, width: int, height: int
) -> DrawnGallery:
    """Return images with the chosen one in sight, and its probabilities below.

    Args:
        exhibit: What is shown.
        chosen: The chosen image by its place.
        first_row: The first row of images in sight until now.
        width: Cells there are.
        height: Lines there are.
    """
    columns = columns_in(width)
    is_tall = height >= TILE_HEIGHT + PICTURE_HEIGHT + 1
    least_below = PICTURE_HEIGHT + 1 if is_tall else exhibit.num_classes
    num_rows = min(rows_in(height - least_below), -(-exhibit.num_images // columns))
    first_row = first_in_sight(first_row, chosen, columns, num_rows)
    start = first_row * columns
    above = tile_lines(exhibit.tiles(start, num_rows * columns), columns, chosen - start)
    room = height - len(above)
    below = _closer(exhibit, chosen, width, room - is_tall, is_tall=is_tall)
    gap = [EMPTY] if is_tall else []
    return DrawnGallery([*above, *gap, *below], columns, first_row)


def _closer(
    exhibit: GalleryLayout, chosen: int, width: int, height: int, *, is_tall: bool
) -> list[Line]:
    facts, num_models = exhibit.facts(chosen), exhibit.num_models
    if not is_tall:
        room = min(width - FACTS_WIDTH - GAP, widest(num_models))
        if room < narrowest(num_models):
            return exhibit.bars(chosen, width, height)
        return beside(exhibit.bars(chosen, room, height), facts[:height], room + GAP)
    picture = exhibit.picture(chosen)
    left = PICTURE_WIDTH + GAP
    if width >= _WIDE:
        room = min(width - left - FACTS_WIDTH - GAP, widest(num_models))
        right = beside(exhibit.bars(chosen, room, height), facts, room + GAP)
        return beside(picture, right, left)
    bars = exhibit.bars(chosen, width - left, max(1, height - len(facts) - 1))
    return beside(picture, [*bars, EMPTY, *facts], left)
