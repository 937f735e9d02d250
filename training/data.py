"""The images of one training, split and in memory; batches are indexed, never loaded one by one."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from storage.idx import load_split

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from training.parameters import Hyperparameters

MNIST_MEAN = 0.1307
MNIST_DEVIATION = 0.3081
"""Of the pixels of the MNIST training images, scaled to 0..1."""


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

    def checksum(self) -> str:
        """Return a CRC-32 over all images and labels in order; the splits do not matter."""
        splits = (self.train, self.validation, self.test)
        crc = 0
        for tensor in [split.images for split in splits] + [split.labels for split in splits]:
            crc = zlib.crc32(tensor.cpu().numpy().data, crc)
        return f"{crc:08x}"


def load_data(data_dir: Path, parameters: Hyperparameters, device: torch.device) -> Data:
    """Return the dataset `parameters.dataset`, its last training images set aside for validation.

    Raises:
        StorageError: The files are missing or damaged.
        ValueError: The files hold too few images for the splits.
    """
    train = _load(data_dir, parameters.dataset, "train")
    num_validation = parameters.validation or 0
    num_train = len(train) - num_validation
    if num_train < 1:
        raise ValueError(
            f"{parameters.dataset} in {data_dir} has {len(train):,} training images, too few to set"
            f" aside {num_validation:,} for validation; choose another folder with --data-dir."
        )
    test = _load(data_dir, parameters.dataset, "test")
    if not len(test):
        raise ValueError(
            f"{parameters.dataset} in {data_dir} has no test images;"
            " choose another folder with --data-dir."
        )
    return Data(
        train=train.part(0, num_train).to(device),
        validation=train.part(num_train).to(device),
        test=test.to(device),
    )


def normalize(images: Tensor, normalization: str) -> Tensor:
    """Return (B, 28, 28) uint8 images as (B, 1, 28, 28) float32.

    unit scales to 0..1; standard then subtracts MNIST's mean and divides by its deviation.
    """
    scaled = images.unsqueeze(1).to(torch.float32).div_(255)
    if normalization == "standard":
        return scaled.sub_(MNIST_MEAN).div_(MNIST_DEVIATION)
    return scaled


def _load(data_dir: Path, name: str, split: str) -> Split:
    images, labels = load_split(data_dir, name, split)
    return Split(torch.from_numpy(images), torch.from_numpy(labels).to(torch.int64))
