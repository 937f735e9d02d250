"""A dataset that nobody drew: as large as MNIST, in its format, with random pixels.

Every image costs a network the same time, so what is in it does not matter here.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.storage.datasets.dataset_files import IMAGES_MAGIC, LABELS_MAGIC
from mnist_tui.storage.datasets.dataset_folder import file_of, raw_folder

if TYPE_CHECKING:
    from pathlib import Path

DATASET = "mnist"
NUM_TRAIN, NUM_TEST = 60_000, 1_000
NUM_CLASSES = 10
CHUNK = 1_000


def write_synthetic(data_dir: Path) -> None:
    """Write the dataset into `data_dir`: 47 MB.

    Raises:
        OSError: There is no room for it.
    """
    raw_folder(data_dir, DATASET).mkdir(parents=True)
    for split, count in (("train", NUM_TRAIN), ("test", NUM_TEST)):
        with file_of(data_dir, DATASET, split, "images").open("wb") as file:
            file.write(struct.pack(">IIII", IMAGES_MAGIC, count, IMAGE_SIDE, IMAGE_SIDE))
            for _ in range(count // CHUNK):
                file.write(os.urandom(CHUNK * IMAGE_SIDE * IMAGE_SIDE))
        with file_of(data_dir, DATASET, split, "labels").open("wb") as file:
            file.write(struct.pack(">II", LABELS_MAGIC, count))
            file.write(bytes(range(NUM_CLASSES)) * (count // NUM_CLASSES))
