"""Sizes of datasets whose classes have as many images each, for tests that need no files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.storage.datasets.dataset_folder import DatasetSizes

if TYPE_CHECKING:
    from collections.abc import Mapping


def even_sizes(num_train: Mapping[str, int]) -> dict[str, DatasetSizes]:
    """Return sizes by dataset, given its training images; a sixth as many test images."""
    return {name: sized(count, count // 6, name) for name, count in num_train.items()}


def sized(num_train: int, num_test: int, name: str = "digits") -> DatasetSizes:
    """Return the sizes of a dataset with so many images, the rest in its first classes."""
    return DatasetSizes(train=_even(num_train, name), test=_even(num_test, name))


def _even(count: int, name: str) -> tuple[int, ...]:
    num_classes = len(DATASETS[name].classes)
    return tuple((count + num_classes - 1 - number) // num_classes for number in range(num_classes))
