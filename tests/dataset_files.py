"""A dataset of a few images on disk, for tests of whatever reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.storage.datasets.dataset_folder import file_of, raw_folder
from mnist_tui.storage.datasets.idx_files import write_idx

if TYPE_CHECKING:
    from pathlib import Path


def write_small_dataset(
    data_dir: Path, name: str = "digits", num_train: int = 40, num_test: int = 20
) -> None:
    """Write images whose pixels all tell their number, train first, and whose classes go round."""
    raw_folder(data_dir, name).mkdir(parents=True, exist_ok=True)
    info = DATASETS[name]
    first = 0
    for split, count in (("train", num_train), ("test", num_test)):
        numbers = np.arange(first, first + count, dtype=np.uint8)
        pixels = np.repeat(numbers, 784).reshape(count, 28, 28)
        classes = np.arange(count) % len(info.classes) + info.first_label
        write_idx(file_of(data_dir, name, split, "images"), pixels)
        write_idx(file_of(data_dir, name, split, "labels"), classes.astype(np.uint8))
        first += count
