"""Images in the graphics protocol of kitty, which other terminals implement as well.

Sends no query, and requests no response.

Source: https://sw.kovidgoyal.net/kitty/graphics-protocol/
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from mnist_tui.tui.terminal.png import grey_png

if TYPE_CHECKING:
    from mnist_tui.tui.terminal.image_half_blocks import Image

_CHUNK = 4096
"""Maximal letters of one message."""
_SHOWN_HERE = "a=T,f=100,C=1"
"""Transmit a PNG file, show it where the cursor is, and leave the cursor there."""


def kitty_image(image: Image, columns: int, rows: int) -> str:
    """Return the sequence that shows (H, W) uint8 at the cursor, in `columns` × `rows` cells."""
    content = base64.b64encode(grey_png(image.tobytes(), image.shape[1])).decode()
    chunks = [content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK)]
    keys = f"{_SHOWN_HERE},c={columns},r={rows},q=2,"
    return "".join(
        f"\x1b_G{keys if number == 0 else ''}m={int(number < len(chunks) - 1)};{chunk}\x1b\\"
        for number, chunk in enumerate(chunks)
    )
