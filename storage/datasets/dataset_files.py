"""Validation of single dataset files, and the classes of their labels. No numpy."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.storage.errors import DatasetDamagedError, DatasetMissingError

if TYPE_CHECKING:
    from pathlib import Path

IMAGES_MAGIC = 0x00000803
LABELS_MAGIC = 0x00000801
QMNIST_MAGIC = 0x00000C02

_QMNIST_INTS = 8
"""Of each image: its class, then where in NIST's collection it is from."""


class Labels(NamedTuple):
    """The labels of a file as numbers of classes, and how many of each class there are."""

    classes: bytes
    """The class of each image, from 0."""
    counts: tuple[int, ...]
    """Images of each class."""


def check_images(path: Path, name: str, side: int) -> int:
    """Return how many images of `side`×`side` pixels an idx file of dataset `name` holds.

    Raises:
        DatasetMissingError: The file is not there.
        DatasetDamagedError: It is not what its header says, or no such file.
    """
    magic, count, height, width = _read_header(path, name, "IIII")
    if magic != IMAGES_MAGIC:
        raise damaged(path, "it is not an idx file of images")
    if (height, width) != (side, side):
        raise damaged(path, f"its images are {height}×{width}, not {side}×{side}")
    _require_size(path, 16 + count * height * width)
    return count


def read_labels(path: Path, name: str, num_classes: int, first_label: int) -> Labels:
    """Return the labels of an idx file of dataset `name`, of either kind that there is.

    Args:
        path: A file of a byte for each image, or QMNIST's of eight integers for each.
        name: The dataset, for sentences.
        num_classes: Classes that there are.
        first_label: The label of the first class.

    Raises:
        DatasetMissingError: The file is not there.
        DatasetDamagedError: It is not what its header says, or has an impossible label.
    """
    magic, count = _read_header(path, name, "II")
    if magic == QMNIST_MAGIC:
        labels = _read_integers(path, name)
    elif magic == LABELS_MAGIC:
        _require_size(path, 8 + count)
        labels = path.read_bytes()[8:]
    else:
        raise damaged(path, "it is not an idx file of labels")
    last_label = first_label + num_classes - 1
    counts = tuple(map(labels.count, range(first_label, last_label + 1)))
    if sum(counts) != count:
        largest = max(labels)
        if largest > last_label:
            raise damaged(path, f"it has a label {largest}, more than {last_label}")
        raise damaged(path, f"it has a label {min(labels)}, less than {first_label}")
    if first_label:
        labels = labels.translate(bytes((label - first_label) % 256 for label in range(256)))
    return Labels(labels, counts)


def _read_integers(path: Path, name: str) -> bytes:
    _, count, per_image = _read_header(path, name, "III")
    if per_image != _QMNIST_INTS:
        raise damaged(path, f"it has {per_image} numbers for each image, not {_QMNIST_INTS}")
    num_bytes = 4 * _QMNIST_INTS
    _require_size(path, 12 + num_bytes * count)
    content = path.read_bytes()[12:]
    # Big-endian: of the first integer all bytes but the last are zero.
    if any(content[byte::num_bytes].strip(b"\0") for byte in range(3)):
        raise damaged(path, "it has a label of more than 255")
    return content[3::num_bytes]


def damaged(path: Path, why: str) -> DatasetDamagedError:
    """Return the error that says why the file at `path` cannot be used."""
    return DatasetDamagedError(
        f"The dataset file {path} is damaged: {why};"
        " delete it and try again, or choose another folder with --data-dir."
    )


def _read_header(path: Path, name: str, layout: str) -> tuple[int, ...]:
    size = struct.calcsize(f">{layout}")
    try:
        with path.open("rb") as file:
            head = file.read(size)
    except FileNotFoundError:
        raise DatasetMissingError(f"{name} is not on this machine: {path} is missing.") from None
    except OSError as error:
        raise DatasetMissingError(f"{path} cannot be read ({error.strerror}).") from error
    if len(head) < size:
        raise damaged(path, f"it ends after {len(head)} bytes")
    return struct.unpack(f">{layout}", head)


def _require_size(path: Path, expected: int) -> None:
    actual = os.stat(path).st_size  # noqa: PTH116 — one call, no object
    if actual != expected:
        raise damaged(path, f"it has {actual:,} bytes, not {expected:,}")
