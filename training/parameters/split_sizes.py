"""Numbers of images for training, validation and test of a session; no numpy.

`training.parameters.splits` selects the images.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.datasets.dataset_folder import DatasetSizes

AUTO_VALIDATION = 5_000
"""Validation images if the training set is large enough, else a tenth of it."""
POOLED_HELD_OUT = 0.4
"""Share of all images held out of training if training and test images are joined."""
POOLED_VALIDATION = 0.5
"""Share of these that validate; the others test."""


class SplitChoice(NamedTuple):
    """Parameters that select the images and their use."""

    subset: Annotated[int, Meta(ge=1)] | None = None
    fraction: Annotated[float, Meta(gt=0.0, le=1.0)] | None = None
    split: Literal["standard", "pooled"] = "standard"
    validation: Annotated[int, Meta(ge=0)] | None = None
    seed: Annotated[int, Meta(ge=0, lt=2**31)] = 0

    @property
    def takes_all(self) -> bool:
        """True if every image is used, in the order of the files."""
        return self.split == "standard" and self.subset is None and self.fraction is None

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> SplitChoice:
        """Return the choice in parameters by name; older records may lack some.

        Raises:
            SplitError: A value is invalid, such as in an edited record.
        """
        values = [parameters.get(name, cls._field_defaults[name]) for name in cls._fields]
        try:
            return msgspec.convert(values, cls)
        except msgspec.ValidationError as error:
            raise SplitError("split", f"cannot be read ({error})") from error


class SplitSizes(NamedTuple):
    """Images of each split."""

    train: int
    validation: int
    test: int


class SplitError(ValueError):
    """An impossible choice; the text continues the name of `field`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def check_choice(choice: SplitChoice, num_classes: int, largest: int | None = None) -> None:
    """Refuse choices that no dataset with that many classes can satisfy.

    Args:
        choice: The requested choice.
        num_classes: Number of classes.
        largest: The largest possible subset, if known.

    Raises:
        SplitError: Two choices exclude each other, or no class could have as many images.
    """
    if choice.subset is not None and choice.fraction is not None:
        raise SplitError("fraction", "does not go with subset; leave one of them out")
    if choice.split == "pooled":
        if choice.fraction is not None:
            raise SplitError("fraction", "does not apply to split pooled; use subset")
        if choice.validation is not None:
            raise SplitError(
                "validation", "does not apply to split pooled, which sets a fifth aside by itself"
            )
    if choice.subset is not None and choice.subset % num_classes:
        near = max(choice.subset // num_classes, 1) * num_classes
        at_most = f" ({largest:,} at most)" if largest else ""
        raise SplitError(
            "subset",
            f"{choice.subset:,} cannot be as many images of each of {num_classes} classes;"
            f" use {min(near, largest or near):,}{at_most}",
        )


def split_sizes(sizes: DatasetSizes, choice: SplitChoice) -> SplitSizes:
    """Return the number of images of each split.

    Args:
        sizes: The images of the dataset's files.
        choice: The requested choice; validation defaults if None.

    Raises:
        SplitError: There are too few images for it.
    """
    is_pooled = choice.split == "pooled"
    counts = sizes.joined if is_pooled else sizes.train
    check_choice(choice, len(counts), largest_subset(counts))
    num_chosen = sum(chosen_counts(counts, choice))
    if is_pooled:
        return _pooled(num_chosen)
    num_validation = choice.validation
    if num_validation is None:
        num_validation = min(AUTO_VALIDATION, num_chosen // 10)
    if num_validation >= num_chosen:
        raise SplitError(
            "validation",
            f"{num_validation:,} of {num_chosen:,} training images leave none to learn from;"
            f" set aside fewer than {num_chosen:,}",
        )
    return SplitSizes(num_chosen - num_validation, num_validation, sizes.num_test)


def largest_subset(counts: Sequence[int]) -> int:
    """Return the largest subset of a dataset with `counts` images of each class."""
    return min(counts) * len(counts)


def chosen_counts(counts: Sequence[int], choice: SplitChoice) -> list[int]:
    """Return the number of used images of each class, out of `counts`.

    Raises:
        SplitError: A class has too few images.
    """
    if choice.subset is not None:
        largest = largest_subset(counts)
        if choice.subset > largest:
            raise SplitError(
                "subset",
                f"{choice.subset:,} would be {choice.subset // len(counts):,} images of each class,"
                f" but the smallest has {min(counts):,};"
                f" {f'use {largest:,} or less' if largest else 'leave it out'}",
            )
        return [choice.subset // len(counts)] * len(counts)
    if choice.fraction is None:
        return list(counts)
    rounded = [round(choice.fraction * count) for count in counts]
    smallest = min(filter(None, counts), default=0)
    if smallest and not round(choice.fraction * smallest):
        least = math.ceil(1000 / smallest) / 1000
        raise SplitError(
            "fraction",
            f"{choice.fraction:g} leaves no image of a class that has {smallest:,};"
            f" use {least:g} or more",
        )
    return rounded


def _pooled(num_images: int) -> SplitSizes:
    """Return the sizes, rounded like scikit-learn's `train_test_split`."""
    num_held_out = math.ceil(POOLED_HELD_OUT * num_images)
    num_validation = math.ceil(POOLED_VALIDATION * num_held_out)
    sizes = SplitSizes(num_images - num_held_out, num_validation, num_held_out - num_validation)
    if not all(sizes):
        raise SplitError("split", f"{num_images:,} images are too few to be divided by three")
    return sizes
