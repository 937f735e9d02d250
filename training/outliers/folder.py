"""A folder of somebody's PNG and JPEG files as images of 28×28 pixels; for a task process."""

from __future__ import annotations

import os
import struct
import warnings
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from storage.datasets import IMAGE_SIDE
from training.outliers.source import PictureError, picture_paths

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MAX_PIXELS = 50_000_000
"""Of one picture: a few bytes of PNG can declare gigabytes."""
BRIGHT = 127.5
"""A margin above this is paper: digits are white on black, most pictures are the other way."""
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error,
              Image.DecompressionBombError, Image.DecompressionBombWarning)  # fmt: skip
"""What Pillow raises for damaged pictures, and for files that are none."""


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
    try:
        with warnings.catch_warnings(), Image.open(path, formats=("PNG", "JPEG")) as picture:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            num_pixels = picture.width * picture.height
            if num_pixels <= MAX_PIXELS:
                return fitted(picture)
    except UNREADABLE as error:
        raise PictureError(
            f"The picture {path} cannot be read; it is damaged or no PNG or JPEG file."
        ) from error
    raise PictureError(
        f"The picture {path} has {num_pixels:,} pixels, more than {MAX_PIXELS:,}; make it smaller."
    )


def fitted(picture: Image.Image) -> NDArray[np.uint8]:
    """Return a picture of any size and mode as (28, 28) uint8, white on black."""
    upright = _eight_bits(ImageOps.exif_transpose(picture)).convert("RGBA")
    paper = Image.new("RGBA", upright.size, "white")
    grey = Image.alpha_composite(paper, upright).convert("L")
    pixels = np.asarray(grey)
    margin = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    if np.median(margin) > BRIGHT:
        grey = ImageOps.invert(grey)
    return np.asarray(ImageOps.pad(grey, (IMAGE_SIDE, IMAGE_SIDE), Image.Resampling.LANCZOS))


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Return a picture of 16-bit grey with 8 bits: Pillow would take all above 255 for white."""
    if not picture.mode.startswith("I"):
        return picture
    return Image.fromarray((np.asarray(picture) // 257).astype(np.uint8))
