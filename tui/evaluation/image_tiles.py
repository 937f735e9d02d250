"""Images next to each other, each with what was said of it, one of them chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.tui.text.styled_lines import EMPTY, line_of, padded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.text.styled_lines import Line

TILE_WIDTH, TILE_HEIGHT = 16, 9
"""An image of 14×7 cells, an edge and a blank; two lines below it."""
CAPTION_WIDTH = 14


class Tile(NamedTuple):
    """One image."""

    picture: Sequence[Line]
    """Seven lines of 14 cells; empty where its pixels cannot be read."""
    first: Line
    second: Line


def columns_in(width: int) -> int:
    """Return how many tiles stand next to each other; one at least."""
    return max(1, (width + 1) // TILE_WIDTH)


def rows_in(height: int) -> int:
    """Return how many rows of tiles fit; one at least."""
    return max(1, height // TILE_HEIGHT)


def first_in_sight(before: int, chosen: int, columns: int, rows: int) -> int:
    """Return the first row of tiles in sight: the chosen one is, and little moves."""
    row = chosen // columns
    return max(row - rows + 1, min(before, row), 0)


def tile_lines(tiles: Sequence[Tile], columns: int, chosen: int) -> list[Line]:
    """Return tiles in rows of `columns`; the one at `chosen` has an edge."""
    lines: list[Line] = []
    for start in range(0, len(tiles), columns):
        row = [
            _lines(tile, is_chosen=place == chosen)
            for place, tile in enumerate(tiles[start : start + columns], start=start)
        ]
        lines += [sum(parts, EMPTY) for parts in zip(*row, strict=True)]
    return lines


def _lines(tile: Tile, *, is_chosen: bool) -> list[Line]:
    picture = tile.picture or [line_of("no image")] + [EMPTY] * (TILE_HEIGHT - 3)
    edge = ("▌" if is_chosen else " ", "bold accent")
    below = [
        tuple((text, f"{role} bold chosen" if is_chosen else role) for text, role in caption)
        for caption in (tile.first, tile.second)
    ]
    return [padded((edge, *line), TILE_WIDTH) for line in (*picture, *below)]
