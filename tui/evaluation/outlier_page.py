"""Draws the page of images of no digit as the keys have set it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.cells import cell_len

from mnist_tui.tui.evaluation.gallery_layout import exhibit_lines
from mnist_tui.tui.evaluation.image_tiles import TILE_HEIGHT
from mnist_tui.tui.evaluation.outlier_gallery import OutlierExhibit
from mnist_tui.tui.evaluation.outlier_tables import outlier_sentences, outlier_table
from mnist_tui.tui.evaluation.page_text import Hint, headline
from mnist_tui.tui.evaluation.scored_page import Page, saying
from mnist_tui.tui.keys.key_rules import find
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import line_of

if TYPE_CHECKING:
    from mnist_tui.tui.evaluation.outlier_comparison import OutlierComparison
    from mnist_tui.tui.evaluation.page_state import PageState
    from mnist_tui.tui.terminal.image_half_blocks import Ink

SUMMARY_LINES = 3
"""At most so many lines say what all images have in common."""
_SEPARATOR = " · "


@dataclass(frozen=True)
class OutlierSight:
    """What the page is drawn from."""

    width: int
    """Cells per line."""
    height: int
    """Lines."""
    ink: Ink
    asked: OutlierComparison


def compose_outliers(look: PageState, sight: OutlierSight) -> Page:
    """Return the page that `look` shows."""
    asked = sight.asked
    look = replace(look, tests_back=asked.tests_back)
    places = asked.places(only_different=look.only_wrong)
    title = outlier_title(asked, only_different=look.only_wrong)
    above = [headline(_cut(title, sight.width), _hints(look, asked), sight.width)]
    if asked.trouble:
        above.append(line_of((printable(asked.trouble), "waiting")))
    if not places:
        page = saying(_nothing(asked), look, sight.width)
        return replace(page, lines=[*above, *page.lines])
    exhibit = OutlierExhibit(asked, places, sight.ink)
    summary = textwrap.wrap(_SEPARATOR.join(outlier_summary(asked)), sight.width)
    room = sight.height - len(above) - TILE_HEIGHT - exhibit.num_classes
    if len(summary) <= min(room, SUMMARY_LINES):
        above += [line_of((line, "muted")) for line in summary]
    look = replace(look, place=min(look.place, len(places) - 1))
    drawn = exhibit_lines(
        exhibit, look.place, look.first_row, sight.width, sight.height - len(above)
    )

    def text() -> str:
        return "\n".join([title, *outlier_summary(asked), *outlier_sentences(asked, places)])

    look = replace(look, first_row=drawn.first_row)
    return Page(
        [*above, *drawn.lines], look, drawn.columns, text, lambda: [outlier_table(asked, places)]
    )


def outlier_title(asked: OutlierComparison, *, only_different: bool) -> str:
    """Return how well the scores tell these images from the test set, and what they are."""
    test = asked.own.test
    energy, softmax = map(formatting.area, (test.auroc_energy, test.auroc_softmax))
    what = "differing ones only" if only_different else printable(test.source, 200)
    return f"epoch {test.epoch:.4g}: AUROC {energy} energy {softmax} softmax, {what}"


def outlier_summary(asked: OutlierComparison) -> list[str]:
    """Return what all images have in common, and what the areas mean."""
    own = asked.own
    frequent, count = own.most_frequent
    total = f"{len(asked.all_places):,}"
    said = [
        f"AUROC 1 tells them from the {own.test.num_known:,} test images, 0.5 is chance",
        f"most often taken for {printable(asked.classes[frequent])}, {count:,} of {total}",
        f"{formatting.percent(float(own.greatest.mean()))} % sure on average",
    ]
    if asked.over_passes is None:
        said.append("no dropout, so repeats are identical")
    else:
        num_same = sum(each.is_same for each in asked.over_passes)
        said.append(f"{own.test.num_passes} passes with dropout: {num_same:,} of {total} same")
    if asked.over_seeds is not None:
        ids = ", ".join(f"#{each.record.id}" for each in asked.seeds)
        num_same = sum(each.is_same for each in asked.over_seeds)
        said.append(f"other seeds, {ids}: {num_same:,} of {total} same")
    return said


def none_yet(session_id: int) -> str:
    """Return what there is to say where no image was shown yet."""
    return (
        f"No image that is no digit was shown to this model yet: {find('outliers').key} shows it"
        f" letters and signs, pictures of yours or another dataset, as `mnist-tui outliers"
        f" {session_id}` does, and here is what it takes them for."
    )


def _hints(look: PageState, asked: OutlierComparison) -> list[Hint]:
    hints = []
    if asked.num_tests > 1:
        other = f"test {asked.tests_back + 1} of {asked.num_tests}"
        hints.append((find("draw_others").key, other))
    if asked.num_same is not None:
        hints.append((find("show_only").key, "all" if look.only_wrong else "differing"))
    return [*hints, (find("outliers").key, "show others")]


def _nothing(asked: OutlierComparison) -> str:
    key = find("show_only").key
    if asked.num_same is None:
        return f"Without dropout or another seed there is but one answer to each; {key} shows all."
    return f"Every image gets the same answer each time; {key} shows all."


def _cut(title: str, width: int) -> str:
    return fit(title, width) if cell_len(title) > width else title
