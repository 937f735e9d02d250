"""How each part of a page looks in a theme: tones, the cursor, and the heat of cells."""

from __future__ import annotations

from functools import cache

from textual.color import Color

from mnist_tui.tui.terminal.themes import THEMES

HEAT_LEVELS = 6
"""Steps from nothing to the hottest cell; more would not be told apart."""
_STRONGEST = 0.6
"""How much of a tone the hottest cell has: letters on it must still be read."""
_EVEN_LUMINANCE = 0.179
"""From here on black letters have more contrast than white ones."""
_HEATS = {"right": "tone-good", "wrong": "tone-bad"}
"""The tone of each kind of cell."""


def heat_role(kind: str, share: float) -> str:
    """Return the role of a cell.

    Args:
        kind: right or wrong.
        share: How hot it is, 0..1 of the hottest; the eye sees few steps, so small ones are raised.
    """
    level = min(HEAT_LEVELS, -int(-HEAT_LEVELS * share**0.5 // 1)) if share > 0 else 0
    return f"{kind}-{level}" if level else ""


@cache
def styles_in(theme_name: str) -> dict[str, str]:
    """Return the style of every role, as Rich reads it, in one of the themes."""
    theme = THEMES[theme_name]
    tones = {
        tone: theme.variables[f"tone-{tone}"]
        for tone in ("busy", "good", "waiting", "quiet", "bad", "off")
    }
    ground = theme.background
    assert ground is not None
    return {
        **tones,
        "": "",
        "bold": "bold",
        "title": "bold",
        "muted": theme.variables["text-muted"],
        "accent": f"bold {theme.accent}",
        "cursor": f"bold on {theme.variables['cursor-row']}",
        **{
            f"{kind}-{level}": _heat(ground, theme.variables[tone], level)
            for kind, tone in _HEATS.items()
            for level in range(1, HEAT_LEVELS + 1)
        },
    }


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
