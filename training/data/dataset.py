"""The images of one training, split and in memory; batches are indexed, never loaded one by one."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from mnist_tui.storage.datasets.dataset_folder import dataset_info
from mnist_tui.storage.datasets.idx_files import load_split
from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.split_sizes import SplitChoice, SplitError
from mnist_tui.training.parameters.splits import split_indices

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

MNIST_MEAN = 0.1307
MNIST_DEVIATION = 0.3081
"""Mean and deviation of the pixels of MNIST's training images, scaled to 0..1."""


@dataclass(frozen=True)
class Split:
    """Images and labels of one split, on the training's device."""

    images: Tensor
    """(N, 28, 28) uint8; on the CPU this is the mapped file itself."""
    labels: Tensor
    """(N,) int64."""

    def __len__(self) -> int:
        return self.labels.shape[0]

    def part(self, start: int, stop: int | None = None) -> Split:
        """Return images `start` to `stop`, sharing memory."""
        return Split(self.images[start:stop], self.labels[start:stop])

    def take(self, indices: Tensor) -> Split:
        """Return the images at `indices`, (B,) int64 on the same device, as a copy."""
        return Split(
            torch.index_select(self.images, 0, indices), torch.index_select(self.labels, 0, indices)
        )

    def to(self, device: torch.device) -> Split:
        """Return the split on `device`."""
        return Split(self.images.to(device), self.labels.to(device))


@dataclass(frozen=True)
class Data:
    """The three splits of a dataset; a split may be empty."""

    train: Split
    validation: Split
    test: Split
    test_indices: NDArray[np.int64]
    """(N,): the number of each test image, counted as in `training.parameters.splits`."""
    num_classes: int
    """Number of classes of the dataset; a split may lack some."""

    def checksum(self) -> str:
        """Return a CRC-32 over all images and labels in order, as `expected_fingerprint` does."""
        splits = (self.train, self.validation, self.test)
        crc = 0
        for tensor in [split.images for split in splits] + [split.labels for split in splits]:
            crc = zlib.crc32(tensor.cpu().numpy().data, crc)
        return f"{crc:08x}"


def load_data(data_dir: Path, parameters: Hyperparameters, device: torch.device) -> Data:
    """Return the splits that `parameters` choose of their dataset.

    Raises:
        StorageError: The files are missing or damaged.
        ValueError: The files hold too few images for the splits.
    """
    name = parameters.dataset
    train = _load(data_dir, name, "train")
    test = _load(data_dir, name, "test")
    num_classes = len(dataset_info(data_dir, name).classes)
    try:
        indices = split_indices(
            train.classes, test.classes, num_classes, SplitChoice.of(to_plain(parameters))
        )
    except SplitError as error:
        raise ValueError(
            f"{name} in {data_dir} has too few images, {error.field}: {error};"
            " choose another folder with --data-dir."
        ) from error
    if not len(indices.test):
        raise ValueError(
            f"{name} in {data_dir} has no test images; choose another folder with --data-dir."
        )
    return Data(
        train=_pick(train, test, indices.train).to(device),
        validation=_pick(train, test, indices.validation).to(device),
        test=_pick(train, test, indices.test).to(device),
        test_indices=indices.test,
        num_classes=num_classes,
    )


def normalize(images: Tensor, normalization: str) -> Tensor:
    """Return (B, 28, 28) uint8 images as (B, 1, 28, 28) float32.

    unit scales to 0..1; standard then subtracts MNIST's mean and divides by its deviation.
    """
    scaled = images.unsqueeze(1).to(torch.float32).div_(255)
    if normalization == "standard":
        return scaled.sub_(MNIST_MEAN).div_(MNIST_DEVIATION)
    return scaled


class _File(NamedTuple):
    """Images (N, 28, 28) and classes (N,) of a file, both uint8."""

    images: NDArray[np.uint8]
    classes: NDArray[np.uint8]


def _load(data_dir: Path, name: str, split: str) -> _File:
    return _File(*load_split(data_dir, name, split))


def _pick(train: _File, test: _File, numbers: NDArray[np.int64]) -> Split:
    """Return images by their numbers: a view of the mapped file if contiguous, else copies."""
    num_train = len(train.classes)
    is_test = numbers >= num_train
    if len(numbers) and np.all(np.diff(numbers) == 1) and is_test[0] == is_test[-1]:
        file, first = (test, numbers[0] - num_train) if is_test[0] else (train, numbers[0])
        picked = _File(*(array[first : first + len(numbers)] for array in file))
    else:
        picked = _File(*(np.empty((len(numbers), *array.shape[1:]), np.uint8) for array in train))
        for target, from_train, from_test in zip(picked, train, test, strict=True):
            target[~is_test] = from_train[numbers[~is_test]]
            target[is_test] = from_test[numbers[is_test] - num_train]
    return Split(torch.from_numpy(picked.images), torch.from_numpy(picked.classes).to(torch.int64))
