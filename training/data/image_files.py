"""PNG and JPEG files of the user as images of 28×28 pixels; for a task process."""

from __future__ import annotations

import struct
import warnings
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.training.parameters.image_sources import PictureError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MAX_PIXELS = 50_000_000
"""Limit of one picture: a few bytes of PNG can declare gigabytes."""
BRIGHT = 127.5
"""A brighter margin is paper: MNIST is white on black, most pictures are black on white."""
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error,
              Image.DecompressionBombError, Image.DecompressionBombWarning)  # fmt: skip
"""Errors that Pillow raises for damaged pictures and for other files."""


def read_grey(path: Path) -> Image.Image:
    """Return a picture of any size and mode in 8-bit grey, upright and on white.

    Raises:
        PictureError: It cannot be read, or is too large.
    """
    try:
        with warnings.catch_warnings(), Image.open(path, formats=("PNG", "JPEG")) as picture:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            num_pixels = picture.width * picture.height
            if num_pixels <= MAX_PIXELS:
                return grey(picture)
    except UNREADABLE as error:
        raise PictureError(
            f"The picture {path} cannot be read; it is damaged or no PNG or JPEG file."
        ) from error
    raise PictureError(
        f"The picture {path} has {num_pixels:,} pixels, more than {MAX_PIXELS:,}; make it smaller."
    )


def grey(picture: Image.Image) -> Image.Image:
    """Return a picture of any mode in 8-bit grey, upright and on white."""
    upright = _eight_bits(ImageOps.exif_transpose(picture)).convert("RGBA")
    paper = Image.new("RGBA", upright.size, "white")
    return Image.alpha_composite(paper, upright).convert("L")


def margin_of(picture: Image.Image) -> float:
    """Return the median of the grey values at the edge of a picture."""
    pixels = np.asarray(picture)
    margin = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return float(np.median(margin))


def shrunk(picture: Image.Image) -> Image.Image:
    """Return a grey picture shrunk to the size of an image, with its aspect ratio kept."""
    return ImageOps.contain(picture, (IMAGE_SIDE, IMAGE_SIDE), Image.Resampling.LANCZOS)


def fitted(picture: Image.Image, *, is_inverted: bool) -> NDArray[np.uint8]:
    """Return a grey picture, (28, 28), scaled to fit without distortion, on black."""
    drawn = ImageOps.invert(picture) if is_inverted else picture
    return np.asarray(ImageOps.pad(drawn, (IMAGE_SIDE, IMAGE_SIDE), Image.Resampling.LANCZOS))


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Return a picture of 16-bit grey with 8 bits; Pillow would turn all above 255 into white."""
    if not picture.mode.startswith("I"):
        return picture
    return Image.fromarray((np.asarray(picture) // 257).astype(np.uint8))
