"""Images of a dataset as an exhibit: what one model says of them, or two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from mnist_tui.tui.evaluation.image_tiles import CAPTION_WIDTH, Tile
from mnist_tui.tui.evaluation.probability_bars import bar_lines
from mnist_tui.tui.terminal.image_half_blocks import draw, draw_small
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY, line_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from mnist_tui.tui.evaluation.page_input import ReadPixels
    from mnist_tui.tui.evaluation.scored_images import Places, Scored
    from mnist_tui.tui.terminal.image_half_blocks import Ink
    from mnist_tui.tui.text.styled_lines import Line

RIGHT, WRONG = ("✓ right", "good"), ("✗ wrong", "bad")


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

    @property
    def num_images(self) -> int:
        """How many images there are."""
        return len(self.places)

    @property
    def num_classes(self) -> int:
        """How many probabilities each has."""
        return len(self.scored.classes)

    @property
    def num_models(self) -> int:
        """How many models gave probabilities."""
        return 1 if self.other is None else 2

    def tiles(self, start: int, count: int) -> list[Tile]:
        """Return the images from place `start` on, at most `count`."""
        places = self.places[start : start + count]
        pixels = self.pixels(self.scored.images[places])
        pictures = (
            [[] for _ in places]
            if pixels is None
            else [draw_small(each, self.ink) for each in pixels]
        )
        return [
            Tile(picture, *_captions(self, place))
            for picture, place in zip(pictures, places.tolist(), strict=True)
        ]

    def picture(self, chosen: int) -> Sequence[Line]:
        """Return one image as large as it is."""
        place = int(self.places[chosen])
        pixels = self.pixels(self.scored.images[place : place + 1])
        return (
            [line_of(("its pixels cannot be read", "muted"))]
            if pixels is None
            else draw(pixels[0], self.ink)
        )

    def bars(self, chosen: int, width: int, height: int) -> list[Line]:
        """Return the probabilities of one image, of one model or of both."""
        place = int(self.places[chosen])
        models = [self.scored] if self.other is None else [self.scored, self.other]
        probabilities = [each.probabilities[place].tolist() for each in models]
        true = int(self.scored.labels[place])
        return bar_lines(self.scored.classes, probabilities, true, width, height)

    def facts(self, chosen: int) -> list[Line]:
        """Return what there is to say of one image, a fact per line."""
        scored, place = self.scored, int(self.places[chosen])
        said = [
            line_of((f"image #{scored.images[place]}", "bold")),
            line_of((f"{chosen + 1:,} of {len(self.places):,}", "muted")),
            EMPTY,
            line_of(("true  ", "muted"), _name(scored, scored.labels[place])),
        ]
        if self.other is None:
            return [
                *said,
                line_of(("predicted  ", "muted"), _name(scored, scored.predicted[place])),
                line_of(_verdict(scored, place), f" at {_percent(scored, place)} %"),
            ]
        here = _opinion("here", scored, place)
        return [*said, *here, *_opinion(self.other_name, self.other, place)]


def _captions(gallery: Gallery, place: int) -> tuple[Line, Line]:
    """Return two lines of at most `CAPTION_WIDTH` cells."""
    scored, number = gallery.scored, f"#{gallery.scored.images[place]}"
    if gallery.other is not None:
        return (
            _other_caption("here", scored, place),
            _other_caption(gallery.other_name, gallery.other, place),
        )
    glyph, tone = _verdict(scored, place)
    sure = f"{formatting.whole_percent(float(scored.confidences[place]))} %"
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
    return printable(scored.classes[int(label)])
