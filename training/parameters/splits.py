"""Images of a dataset for training, validation and test: a function of the session's parameters.

Images are numbered from 0: those of the training file, then those of the test file.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mnist_tui.storage.datasets.dataset_folder import DatasetSizes, dataset_info
from mnist_tui.storage.datasets.idx_files import load_split
from mnist_tui.training.parameters.split_sizes import chosen_counts, split_sizes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mnist_tui.training.parameters.split_sizes import SplitChoice

    Numbers = NDArray[np.int64]
    """(N,) int64."""

POOLED_SEED = 42
_STREAM = 2 << 32
"""Above every seed: keeps the numbers drawn here apart from those of `engine.sampling`."""


class SplitIndices(NamedTuple):
    """Numbers of the images of each split, each (N,) int64, in order of use."""

    train: Numbers
    validation: Numbers
    test: Numbers


def split_indices(
    train_classes: NDArray[np.uint8],
    test_classes: NDArray[np.uint8],
    num_classes: int,
    choice: SplitChoice,
) -> SplitIndices:
    """Return the images of each split.

    standard chooses among the training images, keeps the order of the file and sets the last ones
    aside for validation; all test images test. pooled joins both files, takes the first images of
    each class, class after class (without `subset` all, in the order of the files), and divides
    them as `train_test_split(test_size=0.4, random_state=42)` of scikit-learn does and then, with
    0.5 and 42, the second part once more, into test and validation.

    Args:
        train_classes: Of the images of the training file, (N,) uint8.
        test_classes: Of those of the test file, (M,) uint8.
        num_classes: Number of classes.
        choice: The requested choice.

    Raises:
        SplitError: There are too few images for it.
    """
    counts = DatasetSizes(_counts(train_classes, num_classes), _counts(test_classes, num_classes))
    sizes = split_sizes(counts, choice)
    if choice.split == "pooled":
        joined = np.concatenate([train_classes, test_classes])
        chosen = np.arange(len(joined))
        if choice.subset is not None:
            chosen = _first_of_each(joined, chosen_counts(_counts(joined, num_classes), choice))
        train, held_out = _divide(chosen, sizes.validation + sizes.test)
        test, validation = _divide(held_out, sizes.validation)
        return SplitIndices(train, validation, test)
    num_files = len(train_classes), len(train_classes) + len(test_classes)
    chosen = _chosen(train_classes, chosen_counts(counts.train, choice), choice)
    return SplitIndices(chosen[: sizes.train], chosen[sizes.train :], np.arange(*num_files))


def checksum(data_dir: Path, name: str, choice: SplitChoice) -> str:
    """Return the CRC-32 of a session's images and classes, equal to `Data.checksum` in its worker.

    Raises:
        StorageError: A file is missing or damaged.
        SplitError: There are too few images.
    """
    files = [load_split(data_dir, name, split) for split in ("train", "test")]
    images, classes = (np.concatenate(arrays) for arrays in zip(*files, strict=True))
    num_classes = len(dataset_info(data_dir, name).classes)
    indices = split_indices(files[0][1], files[1][1], num_classes, choice)
    crc = 0
    for numbers in indices:
        crc = zlib.crc32(images[numbers].data, crc)
    for numbers in indices:
        crc = zlib.crc32(classes[numbers].astype(np.int64).data, crc)
    return f"{crc:08x}"


def _chosen(classes: NDArray[np.uint8], counts: Sequence[int], choice: SplitChoice) -> Numbers:
    """Return the training images in use, in the order of the file."""
    if choice.subset is not None:
        return np.sort(_first_of_each(classes, counts))
    if choice.fraction is not None:
        return np.sort(_drawn_of_each(classes, counts, choice.seed))
    return np.arange(len(classes))


def _first_of_each(classes: NDArray[np.uint8], counts: Sequence[int]) -> Numbers:
    of_class = (np.flatnonzero(classes == number) for number in range(len(counts)))
    return np.concatenate([each[:count] for each, count in zip(of_class, counts, strict=True)])


def _drawn_of_each(classes: NDArray[np.uint8], counts: Sequence[int], seed: int) -> Numbers:
    """Return images drawn with Philox, as `engine.sampling` orders them, class by class."""
    philox = np.random.Philox(key=np.array([seed + _STREAM, 0], dtype=np.uint64))
    order = np.argsort(philox.random_raw(len(classes)), kind="stable")
    return order[_first_of_each(classes[order], counts)]


def _divide(numbers: Numbers, num_second: int) -> tuple[Numbers, Numbers]:
    """Return two parts, divided like scikit-learn's, whose shuffling numpy keeps stable."""
    order = np.random.RandomState(POOLED_SEED).permutation(len(numbers))
    return numbers[order[num_second:]], numbers[order[:num_second]]


def _counts(classes: NDArray[np.uint8], num_classes: int) -> tuple[int, ...]:
    return tuple(np.bincount(classes, minlength=num_classes).tolist())
