"""A folder of somebody's PNG and JPEG files as images of no digit; for a task process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.training.data.image_files import BRIGHT, fitted, margin_of, read_grey
from mnist_tui.training.parameters.outlier_source import picture_paths

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def pictures_in(folder: Path) -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """Return the names and pictures, (N, 28, 28) uint8, of a folder, in the order of names.

    Each is scaled to fit without being bent, centred, made grey, and turned white on black where
    its margin is bright.

    Raises:
        PictureError: There are none, too many, or one that cannot be read.
    """
    paths = picture_paths(folder)
    return tuple(map(_name, paths)), np.stack([_read(path) for path in paths])


def _name(path: Path) -> str:
    """Return the name of a file as text that JSON takes, whatever bytes it is of."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def _read(path: Path) -> NDArray[np.uint8]:
    picture = read_grey(path)
    return fitted(picture, is_inverted=margin_of(picture) > BRIGHT)
