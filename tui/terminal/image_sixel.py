"""Images as sixels: columns of six pixels, one colour after the other.

Source: Digital, VT330/VT340 Programmer Reference Manual, volume 2, chapter 14.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from mnist_tui.tui.terminal.image_half_blocks import GREY_STEP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.terminal.image_half_blocks import Image

BAND = 6
"""Pixels above each other in one sixel."""
_NUM_GREYS = 255 // GREY_STEP + 1
_SHORTEST_RUN = 4
"""Shortest run for which a count and one letter are no longer than the run."""


def sixel_image(image: Image, scale: int) -> str:
    """Return the sequence that shows (H, W) uint8 at the cursor, each pixel `scale` times."""
    greys = [[round(pixel / GREY_STEP) for pixel in row] for row in image.tolist()]
    rows = [row for row in greys for _ in range(scale)]
    bands = [rows[first : first + BAND] for first in range(0, len(rows), BAND)]
    size = f'"1;1;{scale * image.shape[1]};{len(rows)}'
    colors = "".join(
        f"#{grey};2;{percent};{percent};{percent}"
        for grey in range(_NUM_GREYS)
        for percent in [round(100 * grey / (_NUM_GREYS - 1))]
    )
    return f"\x1bP0;1q{size}{colors}{'-'.join(_band(band, scale) for band in bands)}\x1b\\"


def _band(rows: Sequence[Sequence[int]], scale: int) -> str:
    """Return up to six rows, one grey over the other from the left edge on."""
    present = sorted({grey for row in rows for grey in row})
    return "$".join(f"#{grey}{_sixels(rows, grey, scale)}" for grey in present)


def _sixels(rows: Sequence[Sequence[int]], grey: int, scale: int) -> str:
    letters = (
        chr(63 + sum(1 << place for place, pixel in enumerate(column) if pixel == grey))
        for column in zip(*rows, strict=True)
    )
    return "".join(
        _run(letter, scale * sum(1 for _ in run)) for letter, run in itertools.groupby(letters)
    )


def _run(letter: str, count: int) -> str:
    return letter * count if count < _SHORTEST_RUN else f"!{count}{letter}"
