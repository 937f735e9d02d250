"""Images side by side above what the model thinks of the chosen one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from tui import formatting
from tui.evaluating.bars import bar_lines, narrowest, widest
from tui.evaluating.lines import EMPTY, beside, line_of
from tui.evaluating.tiles import (
    TILE_HEIGHT,
    Tile,
    columns_in,
    first_in_sight,
    rows_in,
    tile_lines,
)
from tui.images.half_blocks import draw, draw_small
from tui.inert import inert
from tui.widgets.session_columns import fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from tui.evaluating.lines import Line
    from tui.evaluating.scored import Places, Scored
    from tui.evaluating.sight import ReadPixels
    from tui.images.half_blocks import Ink

RIGHT, WRONG = ("✓ right", "good"), ("✗ wrong", "bad")
PICTURE_WIDTH, PICTURE_HEIGHT = 28, 14
FACTS_WIDTH = 24
CAPTION_WIDTH = 14
GAP = 2
_WIDE = PICTURE_WIDTH + GAP + 52 + FACTS_WIDTH
"""From this width on a large picture, bars and facts stand next to each other."""


@dataclass(frozen=True)
class Gallery:
    """Images of one model, perhaps beside what another one says of them."""

    scored: Scored
    places: Places
    """Which images, in the order in which they are shown."""
    pixels: ReadPixels
    ink: Ink
    other: Scored | None = None
    other_name: str = ""
    is_of_one_cell: bool = False
    """Whether true and predicted class are the same for all and said above."""


class Drawn(NamedTuple):
    """A gallery as lines."""

    lines: list[Line]
    columns: int
    """Images next to each other."""
    first_row: int
    """The first row of images in sight."""


def gallery_lines(gallery: Gallery, chosen: int, first_row: int, width: int, height: int) -> Drawn:
    """Return images with the chosen one in sight, and its probabilities below.

    Args:
        gallery: At least one image.
        chosen: The chosen one by its place.
        first_row: The first row of images in sight until now.
        width: Cells there are.
        height: Lines there are.
    """
    columns = columns_in(width)
    is_tall = height >= TILE_HEIGHT + PICTURE_HEIGHT + 1
    least_below = PICTURE_HEIGHT + 1 if is_tall else len(gallery.scored.classes)
    num_rows = min(rows_in(height - least_below), -(-len(gallery.places) // columns))
    first_row = first_in_sight(first_row, chosen, columns, num_rows)
    start = first_row * columns
    tiles = tiles_of(gallery, start, num_rows * columns)
    above = tile_lines(tiles, columns, chosen - start)
    room = height - len(above)
    below = _detail(gallery, chosen, width, room - is_tall, is_tall=is_tall)
    gap = [EMPTY] if is_tall else []
    return Drawn([*above, *gap, *below], columns, first_row)


def tiles_of(gallery: Gallery, start: int, count: int) -> list[Tile]:
    """Return the images from place `start` on, at most `count`."""
    places = gallery.places[start : start + count]
    pixels = gallery.pixels(gallery.scored.images[places])
    pictures = (
        [[] for _ in places]
        if pixels is None
        else [draw_small(each, gallery.ink) for each in pixels]
    )
    return [
        Tile(picture, *_captions(gallery, place))
        for picture, place in zip(pictures, places.tolist(), strict=True)
    ]


def facts_of(gallery: Gallery, chosen: int) -> list[Line]:
    """Return what there is to say of one image, a fact per line."""
    scored, place = gallery.scored, int(gallery.places[chosen])
    said = [
        line_of((f"image #{scored.images[place]}", "bold")),
        line_of((f"{chosen + 1:,} of {len(gallery.places):,}", "muted")),
        EMPTY,
        line_of(("true  ", "muted"), _name(scored, scored.labels[place])),
    ]
    if gallery.other is None:
        return [
            *said,
            line_of(("predicted  ", "muted"), _name(scored, scored.predicted[place])),
            line_of(_verdict(scored, place), f" at {_percent(scored, place)} %"),
        ]
    here = _opinion("here", scored, place)
    return [*said, *here, *_opinion(gallery.other_name, gallery.other, place)]


def _detail(gallery: Gallery, chosen: int, width: int, height: int, *, is_tall: bool) -> list[Line]:
    scored, place = gallery.scored, int(gallery.places[chosen])
    models = [scored.probabilities[place].tolist()]
    if gallery.other is not None:
        models.append(gallery.other.probabilities[place].tolist())
    true, facts = int(scored.labels[place]), facts_of(gallery, chosen)

    def bars(room: int, lines: int) -> list[Line]:
        return bar_lines(scored.classes, models, true, room, lines)

    if not is_tall:
        room = min(width - FACTS_WIDTH - GAP, widest(len(models)))
        if room < narrowest(len(models)):
            return bars(width, height)
        return beside(bars(room, height), facts[:height], room + GAP)
    picture = _picture(gallery, place)
    left = PICTURE_WIDTH + GAP
    if width >= _WIDE:
        room = min(width - left - FACTS_WIDTH - GAP, widest(len(models)))
        return beside(picture, beside(bars(room, height), facts, room + GAP), left)
    right = bars(width - left, max(1, height - len(facts) - 1))
    return beside(picture, [*right, EMPTY, *facts], left)


def _picture(gallery: Gallery, place: int) -> Sequence[Line]:
    pixels = gallery.pixels(gallery.scored.images[place : place + 1])
    return (
        [line_of(("its pixels cannot be read", "muted"))]
        if pixels is None
        else draw(pixels[0], gallery.ink)
    )


def _captions(gallery: Gallery, place: int) -> tuple[Line, Line]:
    """Return two lines of at most `CAPTION_WIDTH` cells."""
    scored, number = gallery.scored, f"#{gallery.scored.images[place]}"
    if gallery.other is not None:
        return (
            _other_caption("here", scored, place),
            _other_caption(gallery.other_name, gallery.other, place),
        )
    glyph, tone = _verdict(scored, place)
    # Rounding up would call certain what is not.
    sure = f"{int(100 * scored.confidences[place])} %"
    first = line_of((glyph, tone), sure.rjust(CAPTION_WIDTH - len(glyph)))
    said = "" if gallery.is_of_one_cell else _said(scored, place)
    if cell_len(said) + 1 + len(number) <= CAPTION_WIDTH:
        return first, line_of(fit(said, CAPTION_WIDTH - len(number)), (number, "muted"))
    return first, line_of(fit(said, CAPTION_WIDTH))


def _said(scored: Scored, place: int) -> str:
    true, predicted = _name(scored, scored.labels[place]), _name(scored, scored.predicted[place])
    if scored.is_right[place]:
        return true
    return f"{fit(true, min(len(true), CAPTION_WIDTH - 1 - min(len(predicted), 7)))}→{predicted}"


def _other_caption(who: str, scored: Scored, place: int) -> Line:
    glyph, tone = _verdict(scored, place)
    name = _name(scored, scored.predicted[place])
    return line_of((f"{glyph[0]} ", tone), fit(f"{fit(who, 4)} {name}", CAPTION_WIDTH - 2))


def _opinion(who: str, scored: Scored, place: int) -> list[Line]:
    name = _name(scored, scored.predicted[place])
    return [
        line_of((f"{who}  ", "muted"), name),
        line_of("  ", _verdict(scored, place), f" at {_percent(scored, place)} %"),
    ]


def _verdict(scored: Scored, place: int) -> tuple[str, str]:
    return RIGHT if scored.is_right[place] else WRONG


def _percent(scored: Scored, place: int) -> str:
    return formatting.percent(float(scored.confidences[place]))


def _name(scored: Scored, label: int | np.integer) -> str:
    return inert(scored.classes[int(label)])
