"""A dataset as tables for files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.text.table import raw_table

if TYPE_CHECKING:
    from mnist_tui.tui.datasets.dataset_survey import Survey
    from mnist_tui.tui.text.table import Table

SIZE_COLUMNS = ("split", "images", "pixels", "bytes", "float32_bytes")


def data_tables(survey: Survey) -> list[Table]:
    """Return the images of each class in each split, and how large each split is."""
    names = (split.name for split in survey.splits)
    counts = [(name, *each) for name, *each in zip(survey.classes, *_counts(survey), strict=True)]
    sizes = [
        (each.name, each.num_images, each.num_pixels, each.num_pixels, each.float32_bytes)
        for each in survey.splits
    ]
    return [
        raw_table(f"{survey.name} images per class", ("class", *names), list(counts)),
        raw_table("splits", SIZE_COLUMNS, list(sizes)),
    ]


def _counts(survey: Survey) -> list[tuple[int, ...]]:
    return [split.counts for split in survey.splits]
