"""A dataset as tables for files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.text.figures import COUNT, MEBIBYTES, Column
from mnist_tui.tui.text.table import Table

if TYPE_CHECKING:
    from mnist_tui.tui.datasets.dataset_survey import Survey

SIZE_COLUMNS = (
    Column("split"),
    Column("images", COUNT),
    Column("pixels", COUNT),
    Column("bytes", MEBIBYTES, "MiB"),
    Column("float32_bytes", MEBIBYTES, "MiB AS FLOAT32"),
)


def data_tables(survey: Survey) -> list[Table]:
    """Return the images of each class in each split, and how large each split is."""
    names = (split.name for split in survey.splits)
    counts = [(name, *each) for name, *each in zip(survey.classes, *_counts(survey), strict=True)]
    sizes = [
        (each.name, each.num_images, each.num_pixels, each.num_pixels, each.float32_bytes)
        for each in survey.splits
    ]
    columns = (Column("class"), *(Column(name, COUNT) for name in names))
    return [
        Table(f"{survey.name} images per class", columns, counts),
        Table("splits", SIZE_COLUMNS, sizes),
    ]


def _counts(survey: Survey) -> list[tuple[int, ...]]:
    return [split.counts for split in survey.splits]
