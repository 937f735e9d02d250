"""Survey of a dataset: the images of each class in each split, and some of the images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.storage.datasets.dataset_folder import dataset_info
from mnist_tui.storage.datasets.idx_files import load_split
from mnist_tui.storage.datasets.pixels import read_pixels
from mnist_tui.training.parameters.splits import split_indices

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mnist_tui.training.parameters.split_sizes import SplitChoice

SPLITS = ("train", "validation", "test")
BYTES_PER_FLOAT = 4


class SplitSurvey(NamedTuple):
    """The images of one split."""

    name: str
    """train, validation or test."""
    counts: tuple[int, ...]
    """Images of each class."""

    @property
    def num_images(self) -> int:
        """Images of all classes."""
        return sum(self.counts)

    @property
    def num_pixels(self) -> int:
        """Pixels of all images; as many bytes in the file."""
        return self.num_images * IMAGE_SIDE**2

    @property
    def float32_bytes(self) -> int:
        """Bytes of all images as float32, the type that networks are fed with."""
        return BYTES_PER_FLOAT * self.num_pixels


@dataclass(frozen=True)
class Survey:
    """A dataset in its splits."""

    data_dir: Path
    name: str
    choice: SplitChoice
    splits: tuple[SplitSurvey, ...]
    samples: tuple[tuple[int, ...], ...]
    """The first training images of each class, by their numbers."""
    pixels: NDArray[np.uint8]
    """The pixels of all samples, class by class, (N, 28, 28)."""
    source: str
    """Description and origin of the dataset."""
    classes: tuple[str, ...]
    """The names of the classes."""


def survey_dataset(data_dir: Path, name: str, choice: SplitChoice, num_samples: int) -> Survey:
    """Read a dataset and return its splits, counts and samples.

    Args:
        data_dir: The dataset folder.
        name: A published dataset, or one of the user's.
        choice: The split.
        num_samples: Samples of each class, or fewer if the class has fewer images.

    Raises:
        StorageError: Its files are missing or damaged.
        SplitError: It has too few images for the choice.
    """
    _, train = load_split(data_dir, name, "train")
    _, test = load_split(data_dir, name, "test")
    info = dataset_info(data_dir, name)
    num_classes = len(info.classes)
    indices = split_indices(train, test, num_classes, choice)
    classes = np.concatenate([train, test])
    of_train = classes[indices.train]
    samples = tuple(
        tuple(indices.train[np.flatnonzero(of_train == number)[:num_samples]].tolist())
        for number in range(num_classes)
    )
    return Survey(
        data_dir,
        name,
        choice,
        tuple(
            SplitSurvey(split, tuple(np.bincount(classes[numbers], minlength=num_classes).tolist()))
            for split, numbers in zip(SPLITS, indices, strict=True)
        ),
        samples,
        read_pixels(data_dir, name, [number for numbers in samples for number in numbers]),
        info.source,
        info.classes,
    )
