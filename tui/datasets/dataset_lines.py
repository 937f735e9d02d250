"""A dataset as lines: sizes of its splits, bars of its classes, and images, for any screen."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.storage.datasets.dataset_folder import raw_folder
from mnist_tui.tui.datasets.dataset_tables import data_tables
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY
from mnist_tui.tui.text.text_writer import table_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.datasets.dataset_survey import Survey
    from mnist_tui.tui.terminal.image_graphics import DrawTile
    from mnist_tui.tui.text.styled_lines import Line

NUM_SAMPLES = 5
"""Images to look at of each class."""
NAME_WIDTH, TILE_WIDTH, TILE_HEIGHT = 9, 14, 7
COUNT_WIDTH = 8
SHORTEST_BAR, LONGEST_BAR = 5, 40
BOLD, BAR, QUIET = "bold", "bold accent", "muted"
"""Roles of `tui.terminal.line_styles`; all other styles are colours of pixels."""


def about_lines(survey: Survey) -> list[Line]:
    """Return what the dataset is, how it is split, and how large each split is."""
    _, sizes = data_tables(survey)
    return [
        ((survey.name, BOLD), (f"  {printable(survey.source, 200)}", QUIET)),
        (
            (
                f"{len(survey.classes)} classes, {IMAGE_SIDE}×{IMAGE_SIDE} pixels of grey;"
                f" {choice_text(survey)}",
                "",
            ),
        ),
        ((printable(str(raw_folder(survey.data_dir, survey.name))), QUIET),),
        EMPTY,
        *table_lines(sizes),
    ]


def choice_text(survey: Survey) -> str:
    """Return how the dataset is split, in words."""
    choice = survey.choice
    parts = [f"split {choice.split}"]
    if choice.subset is not None:
        parts.append(f"subset {choice.subset:,}")
    if choice.fraction is not None:
        parts.append(f"fraction {choice.fraction:g} (seed {choice.seed})")
    return ", ".join(parts)


def count_lines(survey: Survey) -> list[Line]:
    """Return the images of each class in each split as numbers."""
    return table_lines(data_tables(survey)[0])


def bar_lines(survey: Survey, width: int) -> list[Line]:
    """Return the images of each class in each split as bars, which begin at nothing.

    Args:
        survey: The dataset.
        width: Cells there are.
    """
    length = (width - NAME_WIDTH) // len(survey.splits) - COUNT_WIDTH
    length = max(SHORTEST_BAR, min(length, LONGEST_BAR))
    titles = "".join(f"{each.name.upper():<{length + COUNT_WIDTH}}" for each in survey.splits)
    lines: list[Line] = [((f"{'CLASS':<{NAME_WIDTH}}{titles}".rstrip(), QUIET),)]
    for number, name in enumerate(survey.classes):
        runs = [(f"{name:<{NAME_WIDTH}}", "")]
        for split in survey.splits:
            share = split.counts[number] / max(1, *split.counts)
            bar = formatting.bar(share, length).replace(formatting.BAR_EMPTY, " ")
            runs += [(bar, BAR), (f"{split.counts[number]:>{COUNT_WIDTH - 2},}  ", "")]
        lines.append(tuple(runs))
    return lines


def sample_lines(survey: Survey, width: int, draw_tile: DrawTile) -> list[Line]:
    """Return the first training images of each class, classes next to each other where they fit.

    Args:
        survey: The dataset.
        width: Cells there are.
        draw_tile: Draws one image as `TILE_HEIGHT` lines of `TILE_WIDTH` cells.
    """
    per_class = max(1, min(NUM_SAMPLES, (width - NAME_WIDTH) // (TILE_WIDTH + 1)))
    block_width = NAME_WIDTH + per_class * (TILE_WIDTH + 1)
    starts = itertools.accumulate(map(len, survey.samples), initial=0)
    blocks = [
        _block(
            name,
            [draw_tile(image) for image in survey.pixels[start:][: len(found)][:per_class]],
            per_class,
        )
        for name, found, start in zip(survey.classes, survey.samples, starts, strict=False)
    ]
    lines: list[Line] = [(("FIRST TRAINING IMAGES OF EACH CLASS", QUIET),)]
    per_row = max(1, width // block_width)
    for first in range(0, len(blocks), per_row):
        row = blocks[first : first + per_row]
        lines += [tuple(itertools.chain(*parts)) for parts in zip(*row, strict=True)]
        lines.append(EMPTY)
    return lines[:-1]


def _block(name: str, pictures: Sequence[Sequence[Line]], per_class: int) -> list[Line]:
    """Return a class's name and images, as wide as those of every other class."""
    blank = ((" " * TILE_WIDTH, ""),)
    tiles = [*pictures, *([[blank] * TILE_HEIGHT] * (per_class - len(pictures)))]
    return [
        (
            (f"{name if number == 0 else '':<{NAME_WIDTH}}", BOLD),
            *(run for tile in tiles for run in (*tile[number], (" ", ""))),
        )
        for number in range(TILE_HEIGHT)
    ]
