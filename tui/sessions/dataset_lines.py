"""The dataset of a session as lines and tables: its splits, images per class, and some images."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from mnist_tui.storage.datasets.dataset_catalog import DATASETS, IMAGE_SIDE
from mnist_tui.storage.datasets.dataset_folder import raw_folder
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.figures import COUNT, MEBIBYTES, Column
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY, line_of
from mnist_tui.tui.text.table import Table
from mnist_tui.tui.text.text_writer import table_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.sessions.dataset_survey import Survey
    from mnist_tui.tui.terminal.image_graphics import DrawTile
    from mnist_tui.tui.text.styled_lines import Line, Run

NUM_SAMPLES = 5
"""Images shown of each class."""
NAME_WIDTH, TILE_WIDTH, TILE_HEIGHT = 9, 14, 7
COUNT_WIDTH = 8
SHORTEST_BAR, LONGEST_BAR = 5, 40
SIZE_COLUMNS = (
    Column("split"), Column("images", COUNT), Column("pixels", COUNT),
    Column("bytes", MEBIBYTES, "MiB"), Column("float32_bytes", MEBIBYTES, "MiB AS FLOAT32"),
)  # fmt: skip


def how_to_get(name: str) -> str:
    """Return a sentence on how to get a dataset that is missing: viewing never downloads one."""
    if name.startswith("/"):
        return "Start one, held if you like, to see its images."
    if name not in DATASETS:
        return "`mnist-tui new --dataset DIR` makes it of the folder of pictures that it is from."
    verb = "downloads" if DATASETS[name].torchvision_class else "makes"
    return (
        f"`mnist-tui new --dataset {name}` {verb} it first;"
        " a folder that torchvision filled can be named with --data-dir."
    )


def size_table(survey: Survey) -> Table:
    """Return a row per split with its size."""
    rows = [
        (split.name, split.num_images, split.num_pixels, split.num_pixels, split.float32_bytes)
        for split in survey.splits
    ]
    return Table("splits", SIZE_COLUMNS, rows)


def count_table(survey: Survey) -> Table:
    """Return a row per class with its images in each split."""
    columns = (Column("class"), *(Column(split.name, COUNT) for split in survey.splits))
    counts = (split.counts for split in survey.splits)
    rows = list(zip(survey.classes, *counts, strict=True))
    return Table(f"{survey.name} images per class", columns, rows)


def about_lines(survey: Survey) -> list[Line]:
    """Return the name and source of a dataset, its split, and the size of each part."""
    pixels = f"{len(survey.classes)} classes, {IMAGE_SIDE}×{IMAGE_SIDE} pixels of grey"
    folder = raw_folder(survey.data_dir, survey.name)
    return [
        line_of((survey.name, "bold"), (f"  {printable(survey.source, 200)}", "muted")),
        line_of(f"{pixels}; {_choice_text(survey)}"),
        line_of((printable(str(folder)), "muted")),
        EMPTY,
        *table_lines(size_table(survey)),
    ]


def count_lines(survey: Survey) -> list[Line]:
    """Return the images of each class in each split as numbers."""
    return table_lines(count_table(survey))


def bar_lines(survey: Survey, width: int) -> list[Line]:
    """Return the images of each class in each split as bars, which begin at zero.

    Args:
        survey: The dataset.
        width: Cells of a line.
    """
    length = (width - NAME_WIDTH) // len(survey.splits) - COUNT_WIDTH
    length = max(SHORTEST_BAR, min(length, LONGEST_BAR))
    titles = "".join(f"{split.name.upper():<{length + COUNT_WIDTH}}" for split in survey.splits)
    lines: list[Line] = [line_of((f"{'CLASS':<{NAME_WIDTH}}{titles}".rstrip(), "heading"))]
    for number, name in enumerate(survey.classes):
        runs: list[Run] = [(fit(printable(name), NAME_WIDTH), "")]
        for split in survey.splits:
            share = split.counts[number] / max(1, *split.counts)
            bar = formatting.bar(share, length).replace(formatting.BAR_EMPTY, " ")
            runs += [
                (bar, "bold accent"), (f"{split.counts[number]:>{COUNT_WIDTH - 2},}  ", "")
            ]  # fmt: skip
        lines.append(tuple(runs))
    return lines


def sample_lines(survey: Survey, width: int, draw_tile: DrawTile) -> list[Line]:
    """Return the first training images of each class, classes next to each other if they fit.

    Args:
        survey: The dataset.
        width: Cells of a line.
        draw_tile: Draws one image as `TILE_HEIGHT` lines of `TILE_WIDTH` cells.
    """
    per_class = max(1, min(NUM_SAMPLES, (width - NAME_WIDTH) // (TILE_WIDTH + 1)))
    block_width = NAME_WIDTH + per_class * (TILE_WIDTH + 1)
    starts = itertools.accumulate(map(len, survey.samples), initial=0)
    blocks = [
        _block(
            name,
            [draw_tile(image) for image in survey.pixels[start:][: len(samples)][:per_class]],
            per_class,
        )
        for name, samples, start in zip(survey.classes, survey.samples, starts, strict=False)
    ]
    lines: list[Line] = [line_of(("FIRST TRAINING IMAGES OF EACH CLASS", "heading"))]
    per_row = max(1, width // block_width)
    for first in range(0, len(blocks), per_row):
        row = blocks[first : first + per_row]
        lines += [tuple(itertools.chain(*parts)) for parts in zip(*row, strict=True)]
        lines.append(EMPTY)
    return lines[:-1]


def _choice_text(survey: Survey) -> str:
    choice = survey.choice
    parts = [f"split {choice.split}"]
    if choice.subset is not None:
        parts.append(f"subset {choice.subset:,}")
    if choice.fraction is not None:
        parts.append(f"fraction {choice.fraction:g} (seed {choice.seed})")
    return ", ".join(parts)


def _block(name: str, pictures: Sequence[Sequence[Line]], per_class: int) -> list[Line]:
    """Return the name and the images of a class, as wide as those of every other class."""
    blank = line_of(" " * TILE_WIDTH)
    tiles = [*pictures, *([[blank] * TILE_HEIGHT] * (per_class - len(pictures)))]
    return [
        (
            (fit(printable(name) if number == 0 else "", NAME_WIDTH), "bold"),
            *(run for tile in tiles for run in (*tile[number], (" ", ""))),
        )
        for number in range(TILE_HEIGHT)
    ]
