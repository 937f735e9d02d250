"""Images drawn with half blocks: two pixels above each other in every cell."""

from __future__ import annotations

import itertools
import sys
from enum import StrEnum
from typing import TYPE_CHECKING

from mnist_tui.tui.terminal import ascii_output

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from mnist_tui.tui.text.styled_lines import Line

    Image = NDArray[np.uint8]
    """(28, 28) or, shrunk, (14, 14): 0 is the ground, 255 full ink."""

GREY_STEP = 17
"""Sixteen greys: the eye misses none of the others, and a line is a third as long to send."""
ASCII_RAMP = " .:-=+*#%@"
_UPPER = "▀"
_SHADES = {
    " ": (0, 0), "░": (64, 64), "▒": (128, 128), "▓": (192, 192), "█": (255, 255),
    "▀": (255, 0), "▄": (0, 255),
}  # fmt: skip
"""Ink of the upper and the lower half of each character."""


class Ink(StrEnum):
    """Means of drawing."""

    GREYS = "greys"
    """Coloured half blocks: every pixel is seen as it is."""
    SHADES = "shades"
    """Half blocks and shades without colours: ink in the colour of letters."""
    ASCII = "ascii"
    """Letters, darker for more ink."""


def ink_for(*, wants_color: bool) -> Ink:
    """Return the ink of standard output, which may be restricted to ASCII."""
    # Textual replaces `sys.stdout` while it runs.
    if sys.__stdout__ is not None and sys.__stdout__.encoding == ascii_output.ENCODING:
        return Ink.ASCII
    return Ink.GREYS if wants_color else Ink.SHADES


def draw(image: Image, ink: Ink) -> list[Line]:
    """Return an image of (H, W) pixels as H / 2 lines of W cells.

    Args:
        image: (H, W) uint8, H even.
        ink: Means of drawing.
    """
    rows: list[list[int]] = image.tolist()
    return [
        tuple(_runs(upper, lower, ink)) for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]


def draw_small(image: Image, ink: Ink) -> list[Line]:
    """Return an image at half its size: (28, 28) pixels as 7 lines of 14 cells."""
    return draw(shrunk(image), ink)


def shrunk(image: Image) -> Image:
    """Return the means of (2, 2) pixels each: (H, W) uint8 becomes (H / 2, W / 2) uint8."""
    height, width = image.shape
    means: Image = image.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3)).astype("uint8")
    return means


def _runs(upper: Sequence[int], lower: Sequence[int], ink: Ink) -> Iterator[tuple[str, str]]:
    cells = (_cell(*pixels, ink) for pixels in zip(upper, lower, strict=True))
    for style, run in itertools.groupby(cells, key=lambda cell: cell[1]):
        yield "".join(character for character, _ in run), style


def _cell(upper: int, lower: int, ink: Ink) -> tuple[str, str]:
    match ink:
        case Ink.GREYS:
            upper, lower = _grey(upper), _grey(lower)
            if upper == lower:
                return " ", f"on {_hex(lower)}"
            return _UPPER, f"{_hex(upper)} on {_hex(lower)}"
        case Ink.SHADES:
            return min(_SHADES, key=lambda shade: _distance(_SHADES[shade], upper, lower)), ""
        case Ink.ASCII:
            place = (upper + lower) * (len(ASCII_RAMP) - 1) / (2 * 255)
            return ASCII_RAMP[round(place)], ""


def _grey(pixel: int) -> int:
    return GREY_STEP * round(pixel / GREY_STEP)


def _hex(grey: int) -> str:
    return f"#{grey:02x}{grey:02x}{grey:02x}"


def _distance(shade: tuple[int, int], upper: int, lower: int) -> int:
    return (shade[0] - upper) ** 2 + (shade[1] - lower) ** 2
