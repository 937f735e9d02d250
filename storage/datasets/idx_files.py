"""Dataset files as arrays: memory-mapped for reading, written aside and published by rename.

For workers, tasks and screens; the supervisor, which has no numpy, asks
`storage.datasets.dataset_folder`.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.storage.atomic import reason, sync_folder
from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.storage.datasets.dataset_files import IMAGES_MAGIC, LABELS_MAGIC
from mnist_tui.storage.datasets.dataset_folder import (
    file_names,
    file_of,
    inspect,
    labels_of,
    raw_folder,
)
from mnist_tui.storage.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_IMAGES_HEADER = struct.Struct(">IIII")
_LABELS_HEADER = struct.Struct(">II")


def load_split(
    data_dir: Path, name: str, split: str
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the images (N, 28, 28) and classes (N,) of a split (train or test), both uint8.

    The images are memory-mapped, so that all sessions share them, and copy-on-write, so that
    nothing that is done to them reaches the file.

    Raises:
        DatasetMissingError: A file of either split is not there.
        DatasetDamagedError: A file of either is not what its header says.
    """
    inspect(data_dir, name)
    classes = np.frombuffer(bytearray(labels_of(data_dir, name, split).classes), dtype=np.uint8)
    images = np.memmap(
        file_of(data_dir, name, split, "images"),
        dtype=np.uint8,
        mode="c",
        offset=_IMAGES_HEADER.size,
        shape=(len(classes), IMAGE_SIDE, IMAGE_SIDE),
    )
    return images, classes


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    """Write images (N, 28, 28) or labels (N,), uint8, as an idx file.

    Raises:
        ValueError: The array is neither.
        OSError: The file cannot be written.
    """
    is_known_shape = array.ndim > 0 and array.shape[1:] in ((), (IMAGE_SIDE, IMAGE_SIDE))
    if array.dtype != np.uint8 or not is_known_shape:
        raise ValueError(f"neither images nor labels: {array.dtype} of shape {array.shape}")
    if array.ndim == 1:
        header = _LABELS_HEADER.pack(LABELS_MAGIC, *array.shape)
    else:
        header = _IMAGES_HEADER.pack(IMAGES_MAGIC, *array.shape)
    with path.open("wb") as file:
        file.write(header)
        file.write(array.tobytes())


def publish(temp_folder: Path, data_dir: Path, name: str) -> None:
    """Move the four files of dataset `name` from `temp_folder` into `data_dir`, each by rename.

    Both must be on one file system. Whoever has the old files mapped keeps them.

    Raises:
        StorageError: A file is not there or cannot be moved; whatever was moved is whole.
    """
    target = raw_folder(data_dir, name)
    files = file_names(name).values()
    try:
        for file_name in files:
            _sync(temp_folder / file_name)
        target.mkdir(parents=True, exist_ok=True)
        for file_name in files:
            (temp_folder / file_name).replace(target / file_name)
        sync_folder(target)
    except OSError as error:
        raise StorageError(
            f"The files of {name} cannot be put into {target} ({reason(error)});"
            " make room and check its permissions, or choose another folder with --data-dir."
        ) from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
