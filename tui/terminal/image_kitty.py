"""An image in the graphics protocol of kitty, which other terminals speak as well.

Nothing is asked of the terminal, and it is told to answer nothing.

Source: https://sw.kovidgoyal.net/kitty/graphics-protocol/
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from mnist_tui.tui.terminal.png import grey_png

if TYPE_CHECKING:
    from mnist_tui.tui.terminal.image_half_blocks import Image

_CHUNK = 4096
"""A message carries no more than so many letters."""
_SHOWN_HERE = "a=T,f=100,C=1"
"""Transmit a PNG file, show it where the cursor is, and leave the cursor there."""


def kitty_image(image: Image, columns: int, rows: int) -> str:
    """Return what shows (H, W) uint8 in `columns` cells of `rows` lines from the cursor on."""
    content = base64.b64encode(grey_png(image.tobytes(), image.shape[1])).decode()
    chunks = [content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK)]
    keys = f"{_SHOWN_HERE},c={columns},r={rows},q=2,"
    return "".join(
        f"\x1b_G{keys if number == 0 else ''}m={int(number < len(chunks) - 1)};{chunk}\x1b\\"
        for number, chunk in enumerate(chunks)
    )
