"""Images in a terminal's graphics protocol if it is known to have one; else as characters.

No terminal is asked: an answer that comes late, over a slow link, is junk on the next prompt, and
what stands between, such as tmux or mosh, would not pass pictures on. The environment says it, or
the user.
"""

from __future__ import annotations

import os
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import click

from mnist_tui.tui.terminal.image_colors import terminal_ink
from mnist_tui.tui.terminal.image_half_blocks import Ink, draw_small, ink_for
from mnist_tui.tui.terminal.output import wants_color

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mnist_tui.tui.terminal.image_half_blocks import Image
    from mnist_tui.tui.text.styled_lines import Line

    DrawTile = Callable[[Image], list[Line]]
    """Draws (28, 28) pixels as 7 lines of 14 cells."""

VARIABLE = "MNIST_TUI_IMAGES"
COLUMNS, ROWS = 14, 7
_KNOWN_TERMINALS = ("xterm-kitty", "xterm-ghostty")
"""Values of TERM of terminals that implement kitty's protocol in all current versions."""
_BETWEEN = ("TMUX", "STY", "ZELLIJ")
"""Variables set by multiplexers, which do not pass pictures on."""
_OVER = f"\x1b[{COLUMNS}C"
"""Cursor movement past a picture, which blanks would overwrite."""


class Protocol(StrEnum):
    """Protocol of images."""

    BLOCKS = "blocks"
    """As characters, which every terminal has."""
    KITTY = "kitty"
    SIXEL = "sixel"


class CellSize(NamedTuple):
    """Pixels of one character."""

    width: int
    height: int


SMALLEST_CELL = CellSize(6, 12)
"""For terminals that do not report it: pictures are small then, but do not overlap."""


def protocol_of(environment: Mapping[str, str]) -> Protocol:
    """Return the protocol that the user chose, or that the environment indicates.

    Raises:
        click.UsageError: The variable names no protocol.
    """
    asked = environment.get(VARIABLE)
    if asked:
        if asked not in list(Protocol):
            known = ", ".join(Protocol)
            raise click.UsageError(f"{VARIABLE} says {asked!r}; known are {known}.")
        return Protocol(asked)
    is_direct = not any(environment.get(name) for name in _BETWEEN)
    is_known = environment.get("TERM") in _KNOWN_TERMINALS
    return Protocol.KITTY if is_direct and is_known else Protocol.BLOCKS


def tile_drawer(environment: Mapping[str, str] = os.environ) -> DrawTile:
    """Return the function that draws small images on standard output, a terminal.

    Raises:
        click.UsageError: As `protocol_of`.
    """
    protocol = protocol_of(environment)
    # NO_COLOR and ASCII exclude pictures.
    if protocol is Protocol.BLOCKS or ink_for(wants_color=wants_color()) is not Ink.GREYS:
        return partial(draw_small, ink=terminal_ink(environment))
    return partial(picture_tile, protocol=protocol, cell=_cell_size())


def picture_tile(image: Image, protocol: Protocol, cell: CellSize) -> list[Line]:
    """Return lines that reserve the place of an image, the first of which shows it.

    Args:
        image: (28, 28) uint8.
        protocol: Which is not blocks.
        cell: Pixels of a character.
    """
    if protocol is Protocol.KITTY:
        from mnist_tui.tui.terminal.image_kitty import kitty_image  # noqa: PLC0415 — most terminals need neither

        picture = kitty_image(image, COLUMNS, ROWS)
    else:
        from mnist_tui.tui.terminal.image_sixel import sixel_image  # noqa: PLC0415 — as above

        height, width = image.shape
        scale = min(COLUMNS * cell.width // width, ROWS * cell.height // height)
        picture = sixel_image(image, max(1, scale))
    # At the bottom of the screen lines must be added first; the cursor keeps its column.
    room = "\x1bD" * (ROWS - 1) + f"\x1b[{ROWS - 1}A"
    return [((f"{room}\x1b7{picture}\x1b8{_OVER}", ""),), *([((_OVER, ""),)] * (ROWS - 1))]


def _cell_size() -> CellSize:
    """Return the pixels of a character as the system knows them; queries no terminal."""
    import fcntl  # noqa: PLC0415 — with the next two, of POSIX alone
    import struct  # noqa: PLC0415
    import termios  # noqa: PLC0415

    try:
        answer = fcntl.ioctl(1, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return SMALLEST_CELL
    rows, columns, width, height = struct.unpack("HHHH", answer)
    if not (rows and columns and width and height):
        return SMALLEST_CELL
    return CellSize(width // columns, height // rows)
