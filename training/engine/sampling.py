"""Order and random shifts of the training images: functions of seed, epoch and step, no state.

The numbers come from Philox (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"),
whose stream numpy keeps the same in every release, unlike that of `Generator.permutation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

MAX_SHIFT = 2
"""Pixels to each side."""

_OFFSETS = 2 * MAX_SHIFT + 1
_SHIFT_STREAM = 1 << 32
"""Above every seed: keeps the offsets of the shifts apart from the order of the images."""


def epoch_order(seed: int, epoch: int, num_images: int) -> NDArray[np.int64]:
    """Return a permutation of `num_images` indices, (num_images,) int64, for epoch 0, 1, …."""
    keys = np.random.Philox(key=np.array([seed, epoch], dtype=np.uint64)).random_raw(num_images)
    return np.argsort(keys, kind="stable").astype(np.int64, copy=False)


def draw_offsets(parameters: Hyperparameters, step: int, num_images: int) -> Tensor | None:
    """Return the offsets that `augment` moves the images of a step by; None without augmentation.

    (num_images, 2) int64 in 0..4, row and column, for optimiser step 0, 1, ….
    """
    if parameters.augmentation == "none":
        return None
    key = np.array([parameters.seed + _SHIFT_STREAM, step], dtype=np.uint64)
    offsets = np.random.Philox(key=key).random_raw((num_images, 2)) % np.uint64(_OFFSETS)
    return torch.from_numpy(offsets.astype(np.int64))


def augment(images: Tensor, offsets: Tensor | None) -> Tensor:
    """Return (B, 28, 28) uint8 images, each moved by its offset minus 2 pixels, over black.

    Source: Simard, Steinkraus, Platt 2003, "Best practices for convolutional neural networks
    applied to visual document analysis", section 2.
    """
    if offsets is None:
        return images
    padded = functional.pad(images, (MAX_SHIFT,) * 4)
    # A view of all 25 windows of every image; the index copies one of each.
    windows = padded.unfold(1, IMAGE_SIDE, 1).unfold(2, IMAGE_SIDE, 1)
    rows, columns = (2 * MAX_SHIFT - offsets).to(images.device, non_blocking=True).unbind(1)
    return windows[torch.arange(len(images), device=images.device), rows, columns]
