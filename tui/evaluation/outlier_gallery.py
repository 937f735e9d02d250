"""Images of no digit as an exhibit: what a model takes each for, how surely, and how steadily."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_tui.tui.evaluation.gallery_layout import FACTS_WIDTH
from mnist_tui.tui.evaluation.image_tiles import CAPTION_WIDTH, Tile
from mnist_tui.tui.evaluation.probability_bars import bar_lines
from mnist_tui.tui.terminal.image_half_blocks import draw, draw_small
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY, line_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.training.analysis.agreement import Agreement
    from mnist_tui.tui.evaluation.outlier_comparison import OutlierComparison
    from mnist_tui.tui.terminal.image_half_blocks import Ink
    from mnist_tui.tui.text.styled_lines import Line

SAME, DIFFERENT = ("same", "good"), ("differ", "waiting")


@dataclass(frozen=True, eq=False)
class OutlierExhibit:
    """The images of one test, or some of them."""

    asked: OutlierComparison
    places: Sequence[int]
    """Which images, in the order in which they are shown."""
    ink: Ink

    @property
    def num_images(self) -> int:
        """How many images there are."""
        return len(self.places)

    @property
    def num_classes(self) -> int:
        """How many probabilities each has."""
        return len(self.asked.classes)

    @property
    def num_models(self) -> int:
        """How many models gave probabilities."""
        return 1

    def tiles(self, start: int, count: int) -> list[Tile]:
        """Return the images from place `start` on, at most `count`."""
        images = self.asked.own.answers.images
        return [
            Tile(draw_small(images[place], self.ink), *_captions(self.asked, place))
            for place in self.places[start : start + count]
        ]

    def picture(self, chosen: int) -> Sequence[Line]:
        """Return one image as large as it is."""
        return draw(self.asked.own.answers.images[self.places[chosen]], self.ink)

    def bars(self, chosen: int, width: int, height: int) -> list[Line]:
        """Return the probabilities of one image."""
        probabilities = self.asked.own.answers.probabilities[self.places[chosen]].tolist()
        return bar_lines(self.asked.classes, [probabilities], None, width, height)

    def facts(self, chosen: int) -> list[Line]:
        """Return what there is to say of one image, a fact per line."""
        asked, place = self.asked, self.places[chosen]
        own = asked.own
        sure = formatting.percent(float(own.greatest[place]))
        where = f"{chosen + 1:,} of {len(self.places):,}"
        name = fit(printable(own.test.names[place]), FACTS_WIDTH - len(where) - 1)
        return [
            line_of((name, "bold"), (f" {where}", "muted")),
            EMPTY,
            line_of(("predicted  ", "muted"), _name(asked, own.predicted[place])),
            line_of(f"at {sure} %"),
            *_times("dropout", asked, asked.over_passes, place),
            *_times("seeds", asked, asked.over_seeds, place),
            EMPTY,
            *_total(asked),
        ]


def _captions(asked: OutlierComparison, place: int) -> tuple[Line, Line]:
    """Return two lines of at most `CAPTION_WIDTH` cells."""
    own = asked.own
    sure = f"{formatting.whole_percent(float(own.greatest[place]))} %"
    said = fit(_name(asked, own.predicted[place]), CAPTION_WIDTH - len(sure))
    is_same = asked.is_same(place)
    word, tone = ("", "") if is_same is None else SAME if is_same else DIFFERENT
    name = fit(printable(own.test.names[place]), CAPTION_WIDTH - len(word) - bool(word))
    gap = " " if word else ""
    return line_of((said, "bold"), sure), line_of((f"{name}{gap}", "muted"), (word, tone))


def _times(
    what: str, asked: OutlierComparison, found: list[Agreement] | None, place: int
) -> list[Line]:
    """Return whether several answers to an image are the same, and where they are not, which."""
    if found is None:
        return []
    agreement = found[place]
    first = line_of((f"{what}  ", "muted"), SAME if agreement.is_same else DIFFERENT)
    if agreement.is_same:
        return [first]
    return [first, line_of(fit(f"  {answers_text(asked, agreement)}", FACTS_WIDTH))]


def _total(asked: OutlierComparison) -> list[Line]:
    if asked.num_same is None:
        return [line_of(("it has no dropout", "muted"))]
    said = f"same for {asked.num_same:,} of {len(asked.all_places):,}"
    return [line_of((said, "muted"))]


def answers_text(asked: OutlierComparison, agreement: Agreement) -> str:
    """Return what was answered time after time."""
    return " ".join(_name(asked, each) for each in agreement.answers)


def _name(asked: OutlierComparison, number: int) -> str:
    return printable(asked.classes[number])
