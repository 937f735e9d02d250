"""Out-of-distribution images: letters and symbols drawn here, or a folder of PNG and JPEG files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.training.analysis.outlier_source import picture_paths
from mnist_tui.training.data.image_files import BRIGHT, fitted, margin_of, read_grey

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SIGN_CHARACTERS = "AEFHKMRWXY&?#@+%"
"""Characters that do not resemble digits, as B, I, O, S and Z do."""
FONT_SIZE = 24
"""In pixels; it makes capitals as high as MNIST's digits, 20 pixels at most."""


def draw_signs() -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """Return the names and pictures, (N, 28, 28) uint8, of `SIGN_CHARACTERS`, white on black."""
    font = ImageFont.load_default(FONT_SIZE)
    return tuple(SIGN_CHARACTERS), np.stack([_draw(sign, font) for sign in SIGN_CHARACTERS])


def read_pictures(folder: Path) -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """Return the names and pictures, (N, 28, 28) uint8, of a folder, in the order of names.

    Each is scaled to fit with its aspect ratio kept, centred, made grey, and inverted if its
    margin is bright.

    Raises:
        PictureError: There are none, too many, or one that cannot be read.
    """
    paths = picture_paths(folder)
    # JSON requires valid UTF-8.
    names = tuple(os.fsencode(path.name).decode("utf-8", "replace") for path in paths)
    pictures = map(read_grey, paths)
    return names, np.stack(
        [fitted(picture, is_inverted=margin_of(picture) > BRIGHT) for picture in pictures]
    )


def _draw(sign: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> NDArray[np.uint8]:
    picture = Image.new("L", (IMAGE_SIDE, IMAGE_SIDE))
    middle = IMAGE_SIDE / 2
    left, top, right, bottom = font.getbbox(sign)
    place = (middle - (left + right) / 2, middle - (top + bottom) / 2)
    ImageDraw.Draw(picture).text(place, sign, fill=255, font=font)
    return np.asarray(picture)
