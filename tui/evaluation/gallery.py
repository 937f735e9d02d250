"""Galleries: images in tiles, above a closer look at the chosen one.

A gallery holds the images, the answers of one model or two, and the words for each image; all
galleries are drawn by `gallery_page`, whatever the images are.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mnist_tui.tui.evaluation.page_state import DrawnPage, headlines, sentence_page
from mnist_tui.tui.evaluation.probability_bars import bar_lines, narrowest, widest
from mnist_tui.tui.terminal.image_half_blocks import draw, draw_small
from mnist_tui.tui.text.styled_lines import EMPTY, beside, line_of, padded, with_role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from mnist_tui.tui.evaluation.page_state import Hint, PageArea, PageState
    from mnist_tui.tui.terminal.image_half_blocks import Ink
    from mnist_tui.tui.text.styled_lines import Line
    from mnist_tui.tui.text.table import Table

TILE_WIDTH, TILE_HEIGHT = 16, 9
"""An image of 14×7 cells with an edge and a blank, and a caption of two lines below it."""
CAPTION_WIDTH = 14
PICTURE_WIDTH, PICTURE_HEIGHT = 28, 14
FACTS_WIDTH = 24
GAP = 2
COPIED_IMAGES = 400
"""Lines that are copied: about as much as terminals take."""
SUMMARY_LINES = 3
"""Lines of a summary at most."""
_WIDE = PICTURE_WIDTH + GAP + 52 + FACTS_WIDTH
"""Width from which on a large picture, bars and facts stand next to each other."""


@dataclass(frozen=True, eq=False)
class Gallery:
    """Images in the order in which they are shown, with everything that is written about them."""

    title: str
    hints: Sequence[Hint]
    classes: tuple[str, ...]
    """C names."""
    models: Sequence[NDArray[np.float32]]
    """(N, C) probabilities of one model, or of two."""
    places: Sequence[int]
    """Rows of these arrays, in the order shown."""
    read_pixels: Callable[[Sequence[int]], NDArray[np.uint8] | None]
    """Returns (M, 28, 28) pixels for M places; None if they cannot be read."""
    captions: Callable[[int], tuple[Line, Line]]
    """Returns two lines of at most `CAPTION_WIDTH` cells for the image at a place."""
    facts: Callable[[int, str], list[Line]]
    """Returns lines of at most `FACTS_WIDTH` cells for a place and its number in the gallery."""
    sentence: Callable[[int], str]
    """Returns a sentence on the image at a place, to be copied."""
    tables: Callable[[], list[Table]]
    """Makes the tables that are exported."""
    explanation: str
    """The sentence that is shown if there is no image."""
    labels: Sequence[int] | NDArray[np.uint8] | None = None
    """(N,) true classes; None if there are none."""
    summary: Sequence[str] = ()
    """Facts on all images together, shown if there is room."""

    def tiles(self, start: int, count: int, ink: Ink, columns: int, chosen: int) -> list[Line]:
        """Return the images from number `start` on, `columns` next to each other, as lines."""
        places = self.places[start : start + count]
        pixels = self.read_pixels(places)
        blocks = [
            _tile(
                [] if pixels is None else draw_small(pixels[number], ink),
                self.captions(int(place)),
                is_chosen=start + number == chosen,
            )
            for number, place in enumerate(places)
        ]
        rows = (blocks[first : first + columns] for first in range(0, len(blocks), columns))
        return [sum(parts, EMPTY) for row in rows for parts in zip(*row, strict=True)]

    def picture(self, chosen: int, ink: Ink) -> Sequence[Line]:
        """Return one image at its full size."""
        pixels = self.read_pixels(self.places[chosen : chosen + 1])
        if pixels is None:
            return [line_of(("its pixels cannot be read", "muted"))]
        return draw(pixels[0], ink)

    def bars(self, chosen: int, width: int, height: int) -> list[Line]:
        """Return the probabilities of one image."""
        place = int(self.places[chosen])
        true = None if self.labels is None else int(self.labels[place])
        models = [model[place].tolist() for model in self.models]
        return bar_lines(self.classes, models, true, width, height)


def gallery_page(gallery: Gallery, state: PageState, area: PageArea, trouble: str) -> DrawnPage:
    """Return images with the chosen one in sight, and its picture, probabilities and facts below.

    Args:
        gallery: The images.
        state: The chosen image, and the first row in sight before.
        area: The space there is.
        trouble: A sentence to be read first, empty for none.
    """
    above = headlines(gallery.title, gallery.hints, trouble, area.width)
    if not len(gallery.places):
        page = sentence_page(gallery.explanation, state, area.width)
        return replace(page, lines=[*above, *page.lines])
    summary = textwrap.wrap(" · ".join(gallery.summary), area.width)
    room = area.height - len(above) - TILE_HEIGHT - len(gallery.classes)
    if len(summary) <= min(room, SUMMARY_LINES):
        above += [line_of((line, "muted")) for line in summary]
    height = area.height - len(above)
    chosen = min(state.place, len(gallery.places) - 1)
    columns = columns_in(area.width)
    is_tall = height >= TILE_HEIGHT + PICTURE_HEIGHT + 1
    least_below = PICTURE_HEIGHT + 1 if is_tall else len(gallery.classes)
    num_rows = min(rows_in(height - least_below), -(-len(gallery.places) // columns))
    row = chosen // columns
    first_row = max(row - num_rows + 1, min(state.first_row, row), 0)
    tiles = gallery.tiles(first_row * columns, num_rows * columns, area.ink, columns, chosen)
    gap = [EMPTY] * is_tall
    below = _closer_look(gallery, chosen, area, height - len(tiles) - is_tall, is_tall=is_tall)

    def text() -> str:
        sentences = map(gallery.sentence, map(int, gallery.places[:COPIED_IMAGES]))
        return "\n".join([gallery.title, *gallery.summary, *sentences])

    return DrawnPage(
        [*above, *tiles, *gap, *below],
        replace(state, place=chosen, first_row=first_row),
        columns, text, gallery.tables,
    )  # fmt: skip


def columns_in(width: int) -> int:
    """Return the number of tiles next to each other, at least one."""
    return max(1, (width + 1) // TILE_WIDTH)


def rows_in(height: int) -> int:
    """Return the number of rows of tiles, at least one."""
    return max(1, height // TILE_HEIGHT)


def _tile(picture: Sequence[Line], captions: tuple[Line, Line], *, is_chosen: bool) -> list[Line]:
    """Return one image with its caption; the chosen one has an edge."""
    lines = picture or [line_of("no image")] + [EMPTY] * (TILE_HEIGHT - 3)
    edge = ("▌" if is_chosen else " ", "bold accent")
    below = [with_role(line, "bold chosen") for line in captions] if is_chosen else captions
    return [padded((edge, *line), TILE_WIDTH) for line in (*lines, *below)]


def _closer_look(
    gallery: Gallery, chosen: int, area: PageArea, height: int, *, is_tall: bool
) -> list[Line]:
    width, num_models = area.width, len(gallery.models)
    number = f"{chosen + 1:,} of {len(gallery.places):,}"
    facts = gallery.facts(int(gallery.places[chosen]), number)
    if not is_tall:
        room = min(width - FACTS_WIDTH - GAP, widest(num_models))
        if room < narrowest(num_models):
            return gallery.bars(chosen, width, height)
        return beside(gallery.bars(chosen, room, height), facts[:height], room + GAP)
    picture = gallery.picture(chosen, area.ink)
    left = PICTURE_WIDTH + GAP
    if width >= _WIDE:
        room = min(width - left - FACTS_WIDTH - GAP, widest(num_models))
        right = beside(gallery.bars(chosen, room, height), facts, room + GAP)
        return beside(picture, right, left)
    bars = gallery.bars(chosen, width - left, max(1, height - len(facts) - 1))
    return beside(picture, [*bars, EMPTY, *facts], left)
