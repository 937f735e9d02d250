"""The colours of the screens: four themes, each with the same variables and one accent.

Besides Textual's own every theme defines `tone-*` (how a state feels), `curve-0` to `curve-9` (one
for each session that charts compare) and `cursor-row` (what lies behind the selected line).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.theme import Theme

from mnist_tui.tui.terminal.theme_names import THEME_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

NUM_CURVES = 10


class _Tones(NamedTuple):
    """The colour of each tone."""

    busy: str
    good: str
    waiting: str
    quiet: str
    bad: str
    off: str


class _Grounds(NamedTuple):
    """The surfaces from back to front, and the text on them."""

    background: str
    surface: str
    panel: str
    cursor_row: str
    foreground: str
    muted: str


def _theme(
    name: str, grounds: _Grounds, tones: _Tones, curves: Sequence[str], *, is_dark: bool = True
) -> Theme:
    accent = tones.busy
    return Theme(
        name=name,
        primary=accent,
        secondary=accent,
        accent=accent,
        warning=tones.waiting,
        error=tones.bad,
        success=tones.good,
        foreground=grounds.foreground,
        background=grounds.background,
        surface=grounds.surface,
        panel=grounds.panel,
        dark=is_dark,
        variables={
            **{f"tone-{tone}": color for tone, color in tones._asdict().items()},
            **{f"curve-{slot}": color for slot, color in enumerate(curves)},
            "cursor-row": grounds.cursor_row,
            "text": grounds.foreground,
            "text-muted": grounds.muted,
            "text-disabled": tones.off,
            "block-cursor-background": grounds.cursor_row,
            "block-cursor-foreground": grounds.foreground,
            "block-cursor-blurred-background": grounds.cursor_row,
            "block-hover-background": grounds.panel,
            "input-selection-background": grounds.cursor_row,
            "scrollbar": grounds.muted,
            "scrollbar-background": grounds.surface,
            "border": accent,
        },
    )


DARK = _theme(
    "dark",
    _Grounds("#121417", "#1a1e23", "#2a3038", "#2a323c", "#d9dfe5", "#9aa4af"),
    _Tones(
        busy="#6cb6e8", good="#86c466", waiting="#e0ae58", quiet="#a3acb6", bad="#f2817f",
        off="#828c97",
    ),
    ("#5fb3e6", "#e8a33d", "#7fc65a", "#f0717a", "#b592f0",
     "#3fc9b0", "#e884c4", "#d6d05a", "#a9b0b8", "#b9825a"),
)  # fmt: skip

LIGHT = _theme(
    "light",
    _Grounds("#fbfbfa", "#f1f2f3", "#dfe3e8", "#dbe6f1", "#1d2329", "#4f5963"),
    _Tones(
        busy="#0f5f9e", good="#2a6a1c", waiting="#8a4b00", quiet="#515b65", bad="#b3202c",
        off="#5f6872",
    ),
    ("#1f6fb2", "#a85d00", "#2f7d1f", "#c4303c", "#7445b8",
     "#00796b", "#b0348a", "#6b6400", "#5b6168", "#7a4a28"),
    is_dark=False,
)  # fmt: skip

# Okabe and Ito's palette ("Color Universal Design", 2008): eight hues that stay apart with every
# kind of colour blindness, black made white and blue lighter for the dark background; the last two
# lie farthest from those for protan and deutan eyes.
COLOR_BLIND = _theme(
    "colour-blind",
    _Grounds("#101113", "#191b1e", "#2a2e33", "#2b3138", "#e6e6e6", "#a2a8ae"),
    _Tones(
        busy="#56b4e9", good="#2fbf93", waiting="#f0e442", quiet="#a6acb2", bad="#f08a4b",
        off="#858b91",
    ),
    ("#56b4e9", "#e69f00", "#009e73", "#f0e442", "#0a80c4",
     "#d55e00", "#cc79a7", "#ffffff", "#8066ff", "#77ddbb"),
)  # fmt: skip

MONOCHROME = _theme(
    "monochrome",
    _Grounds("#000000", "#121212", "#262626", "#303030", "#d8d8d8", "#a8a8a8"),
    _Tones(
        busy="#ffffff", good="#d8d8d8", waiting="#bebebe", quiet="#a8a8a8", bad="#ffffff",
        off="#8c8c8c",
    ),
    ("#ffffff", "#9a9a9a", "#d0d0d0", "#7c7c7c", "#e8e8e8",
     "#8c8c8c", "#c0c0c0", "#6e6e6e", "#dcdcdc", "#aeaeae"),
)  # fmt: skip

THEMES = dict(zip(THEME_NAMES, (DARK, LIGHT, COLOR_BLIND, MONOCHROME), strict=True))
"""By name, in the order in which they are offered; the first is the default."""
