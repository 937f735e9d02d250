"""NO_COLOR: attributes in place of colours that carry a meaning."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.color import Color as CssColor
from textual.color import ColorParseError
from textual.filter import LineFilter

from mnist_tui.tui.terminal.themes import THEMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.color import Color

_REVERSED_GROUNDS = (
    "cursor-row", "block-cursor-background", "input-cursor-background",
    "input-selection-background", "screen-selection-background",
)  # fmt: skip
"""Theme variables of backgrounds of chosen items."""
_DIM_LETTERS = ("tone-off", "text-disabled")
"""Theme variables of disabled items."""


class ColorsAsAttributes(LineFilter):
    """Filter that removes colours; disabled text becomes dim, a chosen row reverse."""

    def __init__(self, theme_variables: Mapping[str, str]) -> None:
        """Make the filter for the variables of the theme that the lines are drawn in."""
        super().__init__()
        self._reversed = _colors(theme_variables, _REVERSED_GROUNDS)
        self._dim = _colors(theme_variables, _DIM_LETTERS)
        self._without_colors = lru_cache(1024)(self._translate)

    def apply(self, segments: list[Segment], background: CssColor) -> list[Segment]:
        """Return the segments of a line without colours."""
        return [
            Segment(text, style and self._without_colors(style), control)
            for text, style, control in segments
        ]

    def _translate(self, style: Style) -> Style:
        attributes = Style(
            reverse=True if style.bgcolor in self._reversed else None,
            dim=True if style.color in self._dim else None,
        )
        # The style also holds click actions.
        meta = Style.from_meta(style.meta) if style.meta else Style.null()
        return style.without_color + attributes + meta


@cache
def filter_of(theme_name: str) -> ColorsAsAttributes:
    """Return the filter for lines that are drawn in a theme."""
    theme = THEMES[theme_name]
    return ColorsAsAttributes(theme.to_color_system().generate() | theme.variables)


def _colors(variables: Mapping[str, str], names: Iterable[str]) -> frozenset[Color]:
    found = set()
    for name in names:
        try:
            found.add(CssColor.parse(variables[name]).rich_color)
        except ColorParseError:  # such as `auto 38%`, which is no colour of its own
            continue
    return frozenset(found)
