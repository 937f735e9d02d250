"""Pixels of single images by the indices that evaluations store. numpy, no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.storage.datasets.dataset_folder import dataset_info, raw_folder
from mnist_tui.storage.datasets.idx_files import load_split
from mnist_tui.storage.errors import DatasetDamagedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray


def read_pixels(
    data_dir: Path, dataset: str, indices: Sequence[int] | NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Return the images at `indices` as one reads them, (len(indices), 28, 28) uint8, as a copy.

    Args:
        data_dir: The dataset folder.
        dataset: A published dataset, or one of the user's.
        indices: Numbers of images, from 0: those of the training file, then those of the test file.

    Raises:
        DatasetMissingError: A file is not there.
        DatasetDamagedError: A file is not what its header says, or holds fewer images.
    """
    train, _ = load_split(data_dir, dataset, "train")
    test, _ = load_split(data_dir, dataset, "test")
    wanted = np.asarray(indices, dtype=np.int64)
    num_images = len(train) + len(test)
    unknown = wanted[(wanted < 0) | (wanted >= num_images)]
    if unknown.size:
        raise DatasetDamagedError(
            f"{dataset} in {raw_folder(data_dir, dataset)} has {num_images:,} images, but number"
            f" {unknown[0]:,} is asked for; these are not the files that the numbers are from."
        )
    pixels = np.empty((len(wanted), IMAGE_SIDE, IMAGE_SIDE), dtype=np.uint8)
    is_test = wanted >= len(train)
    pixels[~is_test] = train[wanted[~is_test]]
    pixels[is_test] = test[wanted[is_test] - len(train)]
    return pixels.swapaxes(1, 2) if dataset_info(data_dir, dataset).is_transposed else pixels
