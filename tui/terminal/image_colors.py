"""Images in the 256 colours that nearly every terminal has."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from mnist_tui.tui.terminal.image_half_blocks import Ink, ink_for
from mnist_tui.tui.terminal.output import wants_color

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mnist_tui.tui.text.styled_lines import Line

_BLACK, _WHITE, _FIRST_GREY, _NUM_GREYS = 16, 231, 232, 24


def terminal_ink(environment: Mapping[str, str] = os.environ) -> Ink:
    """Return the ink that standard output, a terminal, can show."""
    has_greys = "256" in environment.get("TERM", "") or bool(environment.get("COLORTERM"))
    return ink_for(wants_color=wants_color() and has_greys)


def colored(line: Line) -> str:
    """Return a line with ANSI codes for pixels; other styles are left out."""
    return "".join(_colored(text, style) for text, style in line).rstrip(" ")


def _colored(text: str, style: str) -> str:
    if "#" not in style:
        return text
    foreground, _, ground = style.rpartition("on ")
    return click.style(text, fg=_index(foreground.strip()), bg=_index(ground))


def _index(color: str) -> int | None:
    """Return the index of a grey such as #888888 among the 256 colours; None if empty."""
    if not color:
        return None
    grey = int(color[1:3], 16)
    if grey in (0, 255):
        return _WHITE if grey else _BLACK
    return _FIRST_GREY + min(_NUM_GREYS - 1, max(0, round((grey - 8) / 10)))
