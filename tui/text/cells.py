"""Text in terminal cells: cut and padded to a width."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from mnist_tui.tui.text.sanitize import ELLIPSIS


def fit(text: str, width: int, *, is_right: bool = False) -> str:
    """Return `text` in exactly `width` cells, cut with an ellipsis or padded."""
    length = len(text) if text.isascii() else cell_len(text)
    if length > width:
        return set_cell_size(text, max(0, width - 1)) + ELLIPSIS
    padding = " " * (width - length)
    return padding + text if is_right else text + padding
