"""Draws a page of scored images as the keys have set it; pure apart from reading pixels."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mnist_tui.training.analysis.class_scores import class_scores
from mnist_tui.tui.evaluation.confusion_matrix import (
    FOOTER_LINES,
    HEADER_LINES,
    ConfusionView,
    largest_cells,
    layout_of,
    matrix_lines,
    window_of,
)
from mnist_tui.tui.evaluation.gallery_layout import exhibit_lines
from mnist_tui.tui.evaluation.image_gallery import Gallery
from mnist_tui.tui.evaluation.image_tiles import columns_in, rows_in, tile_lines
from mnist_tui.tui.evaluation.page_state import PageKind, PageState
from mnist_tui.tui.evaluation.page_text import (
    cell_words,
    gallery_title,
    headline,
    hints_of,
    largest_words,
    matrix_title,
    nothing,
)
from mnist_tui.tui.evaluation.scored_images import (
    all_in_order,
    disagreements,
    drawn_at_random,
    in_cell,
    moved,
    wrong,
)
from mnist_tui.tui.evaluation.scored_tables import (
    disagreement_table,
    image_sentences,
    image_table,
    matrix_table,
    score_table,
)
from mnist_tui.tui.keys.key_rules import find
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY, beside, line_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.tui.evaluation.page_input import PageInput
    from mnist_tui.tui.evaluation.scored_images import Places
    from mnist_tui.tui.text.styled_lines import Line
    from mnist_tui.tui.text.table import Table

NUM_DRAWN = 24
"""Images drawn at random: as many as are scored while training."""
_PLAIN_WIDTH = 10_000
"""Cells in which every column of a matrix fits."""
GAP = 2
LEAST_BESIDE = 2
"""Images next to each other for which a column beside the matrix is worth it."""
_READABLE_WIDTH = 90
_INDENT = "  "
_WORDS_BELOW = 3
"""Lines below a matrix: a blank, what its chosen cell means, and where to look first."""


@dataclass(frozen=True)
class Page:
    """A page as lines, and what can be made of it."""

    lines: list[Line]
    look: PageState
    """As it was asked for, with what lay beyond the edge brought back."""
    columns: int = 1
    """Images next to each other."""
    text: Callable[[], str] = str
    """Makes what is copied."""
    tables: Callable[[], list[Table]] = list
    """Makes what is written into files."""


def compose(look: PageState, sight: PageInput) -> Page:
    """Return the page that `look` shows."""
    if look.scene is PageKind.MATRIX:
        return _matrix_page(look, sight)
    return _gallery_page(look, sight)


def saying(sentence: str, look: PageState, width: int) -> Page:
    """Return a page that holds one sentence."""
    lines = textwrap.wrap(
        printable(sentence), max(20, min(width, _READABLE_WIDTH) - 2 * len(_INDENT))
    )
    return Page([EMPTY, *(line_of(_INDENT + line) for line in lines)], look, text=lambda: sentence)


def _gallery_page(look: PageState, sight: PageInput) -> Page:
    scored, places = sight.scored, _places_in(look, sight)
    title = gallery_title(look, sight, len(places))
    above = _above(title, look, sight)
    if not len(places):
        page = saying(nothing(look, sight), look, sight.width)
        return replace(page, lines=[*above, *page.lines])
    look = replace(look, place=min(look.place, len(places) - 1))
    other = sight.other if look.scene in (PageKind.CELL, PageKind.ALL) else None
    name = sight.other_name if other else ""
    gallery = Gallery(
        scored, places, sight.pixels, sight.ink, other, name,
        is_of_one_cell=look.scene is PageKind.CELL,
    )  # fmt: skip
    drawn = exhibit_lines(
        gallery, look.place, look.first_row, sight.width, sight.height - len(above)
    )

    def text() -> str:
        return "\n".join([title, *image_sentences(scored, places, other, name)])

    def tables() -> list[Table]:
        if other is not None:
            return [disagreement_table(scored, other, name, places)]
        # What is drawn at random is no table worth keeping: all images are.
        is_drawn = look.scene is PageKind.PREDICTIONS
        kept = all_in_order(scored, only_wrong=look.only_wrong) if is_drawn else places
        return [image_table("predictions", scored, kept)]

    look = replace(look, first_row=drawn.first_row)
    return Page([*above, *drawn.lines], look, drawn.columns, text, tables)


def _matrix_page(look: PageState, sight: PageInput) -> Page:
    matrix = _matrix_of(sight)
    last = len(matrix.classes) - 1
    cell = look.cell or next(iter(largest_cells(matrix.counts, 1)), (0, 0))
    look = replace(look, cell=(min(cell[0], last), min(cell[1], last)))
    assert look.cell is not None
    title = matrix_title(sight)
    above = _above(title, look, sight)
    room = sight.height - len(above) - _WORDS_BELOW
    layout = layout_of(matrix, sight.width)
    window = window_of(matrix, layout, room, look.cell, look.corner)
    lines = matrix_lines(matrix, layout, window, look.cell)
    beside_columns = columns_in(sight.width - layout.width - GAP)
    has_images = beside_columns >= LEAST_BESIDE
    words = [
        EMPTY,
        cell_words(sight, *look.cell),
        largest_words(matrix, layout.width if has_images else sight.width),
    ]
    shown = [*lines, *words]
    if has_images:
        images = _cell_images(look, sight, beside_columns, sight.height - len(above))
        shown = beside(shown, images, layout.width + GAP)

    def text() -> str:
        everything = layout_of(matrix, _PLAIN_WIDTH)
        height = HEADER_LINES + FOOTER_LINES + last + 1
        window = window_of(matrix, everything, height, (0, 0), (0, 0))
        return f"{title}\n{text_of(matrix_lines(matrix, everything, window, (-1, -1)))}"

    def tables() -> list[Table]:
        if sight.other is None:
            return [matrix_table(matrix), score_table(matrix)]
        places = disagreements(sight.scored, sight.other)
        return [
            matrix_table(matrix),
            disagreement_table(sight.scored, sight.other, sight.other_name, places),
        ]

    look = replace(look, corner=(window.first_row, window.first_column))
    return Page([*above, *shown], look, text=text, tables=tables)


def _places_in(look: PageState, sight: PageInput) -> Places:
    scored, other = sight.scored, sight.other
    match look.scene:
        case PageKind.CELL if look.cell is not None:
            if other is None:
                return in_cell(scored, *look.cell)
            return moved(scored, other, *look.cell)
        case PageKind.ALL:
            return wrong(scored) if other is None else disagreements(scored, other)
        case _ if scored.is_live:
            return all_in_order(scored, only_wrong=look.only_wrong)
        case _:
            return drawn_at_random(scored, look.seed, NUM_DRAWN, only_wrong=look.only_wrong)


def _matrix_of(sight: PageInput) -> ConfusionView:
    counts = sight.scored.confusion
    if sight.other is None:
        return ConfusionView(sight.scored.classes, counts, class_scores(counts))
    pairs = zip(counts, sight.other.confusion, strict=True)
    differences = [[mine - others for mine, others in zip(*rows, strict=True)] for rows in pairs]
    return ConfusionView(sight.scored.classes, differences, is_difference=True)


def _cell_images(look: PageState, sight: PageInput, columns: int, height: int) -> list[Line]:
    """Return images of the chosen cell, as many as fit beside the matrix."""
    places = _places_in(replace(look, scene=PageKind.CELL), sight)
    gallery = Gallery(
        sight.scored, places, sight.pixels, sight.ink, sight.other, sight.other_name,
        is_of_one_cell=True,
    )  # fmt: skip
    count = columns * rows_in(height - 1)
    lines = tile_lines(gallery.tiles(0, count), columns, -1)
    if len(places) > count:
        more = f" {find('inspect').key} shows {len(places) - count:,} more"
        lines.append(line_of((more, "muted")))
    return lines


def _above(title: str, look: PageState, sight: PageInput) -> list[Line]:
    lines = [headline(title, hints_of(look, sight), sight.width)]
    return [*lines, line_of((printable(sight.trouble), "waiting"))] if sight.trouble else lines
