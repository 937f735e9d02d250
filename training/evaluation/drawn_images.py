"""Letters and symbols that look like no digit, drawn by the program itself; for a task process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIGNS = "AEFHKMRWXY&?#@+%"
"""Without those that pass for digits, such as B, I, O, S and Z."""
FONT_SIZE = 24
"""In pixels; capitals are as high as MNIST's digits then, 20 pixels at most."""


def drawn_signs() -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """Return the names and pictures, (N, 28, 28) uint8, of `SIGNS`, white on black as MNIST is."""
    font = ImageFont.load_default(FONT_SIZE)
    return tuple(SIGNS), np.stack([_draw(sign, font) for sign in SIGNS])


def _draw(sign: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> NDArray[np.uint8]:
    picture = Image.new("L", (IMAGE_SIDE, IMAGE_SIDE))
    middle = IMAGE_SIDE / 2
    left, top, right, bottom = font.getbbox(sign)
    place = (middle - (left + right) / 2, middle - (top + bottom) / 2)
    ImageDraw.Draw(picture).text(place, sign, fill=255, font=font)
    return np.asarray(picture)
