"""Styles of the roles of `tui.text.styled_lines`, as Rich and as Textual read them."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from rich.style import Style
from textual.color import Color
from textual.content import Content

from mnist_tui.tui.terminal.themes import NUM_CURVES, THEMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mnist_tui.tui.text.styled_lines import Line

TONES = ("busy", "good", "waiting", "quiet", "bad", "off")
ROLES = {
    "bold": "bold",
    "reverse": "reverse",
    "title": "bold",
    "muted": "$text-muted",
    "heading": "bold $text-muted",
    "accent": "$accent",
    "chosen": "on $cursor-row",
    **{tone: f"$tone-{tone}" for tone in TONES},
    # Of charts.
    "train": "$tone-busy",
    "val": "$tone-waiting",
    "test": "$tone-good",
    "raw": "$tone-off",
    "axis": "$text-muted",
    "event": "$text-muted",
    "best": "bold $accent",
    "cursor": "bold",
    **{f"slot-{slot}": f"$curve-{slot}" for slot in range(NUM_CURVES)},
}
"""Each role as a style in Textual's notation, with the variables of `tui.terminal.themes`.

Besides these there are the heats of `heat_role`, which Rich alone reads.
"""

HEAT_LEVELS = 6
"""Steps from nothing to the hottest cell; the eye does not distinguish more."""
_STRONGEST = 0.6
"""Share of its tone in the colour of the hottest cell: letters on it must still be read."""
_EVEN_LUMINANCE = 0.179
"""From here on black letters have more contrast than white ones."""
_HEATS = {"right": "tone-good", "wrong": "tone-bad"}
_MAX_STYLES = 4_096
"""Styles that are kept: 256 pairs of greys and every combination of roles, in a few themes."""


def heat_role(kind: str, share: float) -> str:
    """Return the role of a cell of a matrix.

    Args:
        kind: right or wrong.
        share: Its heat, 0..1 of the hottest; the eye sees few steps, so small ones are raised.
    """
    level = min(HEAT_LEVELS, -int(-HEAT_LEVELS * share**0.5 // 1)) if share > 0 else 0
    return f"{kind}-{level}" if level else ""


@lru_cache(_MAX_STYLES)
def style_of(role: str, theme_name: str) -> Style:
    """Return the style of a role, or of a combination of roles, in one of the themes.

    Raises:
        KeyError: There is no such role.
    """
    if role.startswith(("#", "on ")):
        return Style.parse(role)
    styles = styles_in(theme_name)
    return sum((Style.parse(styles[name]) for name in role.split()), Style.null())


@cache
def styles_in(theme_name: str) -> dict[str, str]:
    """Return the style of every role, in Rich's notation, in one of the themes."""
    theme = THEMES[theme_name]
    assert theme.accent is not None
    assert theme.background is not None
    variables = {**theme.variables, "accent": theme.accent}
    return {
        **{
            role: " ".join(variables[word[1:]] if word[0] == "$" else word for word in text.split())
            for role, text in ROLES.items()
        },
        **{
            f"{kind}-{level}": _heat(theme.background, variables[tone], level)
            for kind, tone in _HEATS.items()
            for level in range(1, HEAT_LEVELS + 1)
        },
    }


def content_of(lines: Iterable[Line]) -> Content:
    """Return lines as the content of a Textual widget."""
    return Content("\n").join(
        [
            Content.assemble(
                *((text, " ".join(ROLES[name] for name in role.split())) for text, role in line)
            )
            for line in lines
        ]
    )


def _heat(ground: str, tone: str, level: int) -> str:
    behind = Color.parse(ground).blend(Color.parse(tone), _STRONGEST * level / HEAT_LEVELS)
    # One of the two always has a contrast of 4.5 or more.
    letters = "#000000" if _luminance(behind) > _EVEN_LUMINANCE else "#ffffff"
    # Without colours the hottest cells still stand out.
    weight = "bold " if level > HEAT_LEVELS // 2 else ""
    return f"{weight}{letters} on {behind.hex6}"


def _luminance(color: Color) -> float:
    """Return the relative luminance, 0..1 (WCAG 2.2)."""
    shares = (component / 255 for component in color.rgb)
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
