"""Changes to the training images of a batch: a function of the seed and the step, with no state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE

if TYPE_CHECKING:
    from torch import Tensor

    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

MAX_SHIFT = 2
"""Pixels to each side."""

_OFFSETS = 2 * MAX_SHIFT + 1
_STREAM = 1 << 32
"""Above every seed: keeps the numbers drawn here apart from those that order the images."""


def draw(parameters: Hyperparameters, step: int, num_images: int) -> Tensor | None:
    """Return what `augment` does to the images of a training step; None where it does nothing."""
    if parameters.augmentation == "none":
        return None
    return shifts(parameters.seed, step, num_images)


def augment(images: Tensor, offsets: Tensor | None) -> Tensor:
    """Return (B, 28, 28) uint8 images as they are trained on."""
    return images if offsets is None else shift(images, offsets)


def shifts(seed: int, step: int, num_images: int) -> Tensor:
    """Return offsets (num_images, 2) int64 in 0..4, row and column, for optimiser step 0, 1, …."""
    philox = np.random.Philox(key=np.array([seed + _STREAM, step], dtype=np.uint64))
    offsets = philox.random_raw((num_images, 2)) % np.uint64(_OFFSETS)
    return torch.from_numpy(offsets.astype(np.int64))


def shift(images: Tensor, offsets: Tensor) -> Tensor:
    """Return each image moved by its offset minus 2 pixels, black where nothing was.

    Source: Simard, Steinkraus, Platt 2003, "Best practices for convolutional neural networks
    applied to visual document analysis", section 2.
    """
    padded = functional.pad(images, (MAX_SHIFT,) * 4)
    # A view of all 25 windows of every image; the index copies one of each.
    windows = padded.unfold(1, IMAGE_SIDE, 1).unfold(2, IMAGE_SIDE, 1)
    rows, columns = (2 * MAX_SHIFT - offsets).to(images.device, non_blocking=True).unbind(1)
    return windows[torch.arange(len(images), device=images.device), rows, columns]
