"""Every theme can be read, and the colour-blind one by those it is made for."""

from __future__ import annotations

from itertools import combinations

import pytest
from textual.color import Color

from mnist_tui.tui.terminal.themes import NUM_CURVES, THEMES

TEXT, LARGE = 4.5, 3.0
"""Contrast that WCAG 2.2 asks for: of text, and of graphical objects (1.4.3 and 1.4.11)."""
TONES = ("busy", "good", "waiting", "quiet", "bad")
GROUNDS = ("background", "surface", "panel", "cursor-row")
CURVES = [f"curve-{slot}" for slot in range(NUM_CURVES)]
# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
PROTANOPIA = (0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998)  # fmt: skip  # noqa: E501
DEUTERANOPIA = (0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881)  # fmt: skip  # noqa: E501
NORMAL = (1, 0, 0, 0, 1, 0, 0, 0, 1)
APART = {"normal": 12.0, "protan": 6.5, "deutan": 6.5}
"""Least distance of two curves in OKLab, times 100; about 2 is just noticeable side by side."""


def variables_of(name: str) -> dict[str, Color]:
    theme = THEMES[name]
    found = theme.to_color_system().generate() | theme.variables
    return {key: Color.parse(text) for key, text in found.items() if text.startswith("#")}


def linear(color: Color) -> list[float]:
    shares = (component / 255 for component in color.rgb)
    return [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]


def luminance(color: Color) -> float:
    red, green, blue = linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def oklab(color: Color, eye: tuple[float, ...]) -> tuple[float, float, float]:
    """Return how a kind of eye sees a colour, in the coordinates of Ottosson 2020."""
    rgb = linear(color)
    r, g, b = (sum(eye[3 * row + i] * rgb[i] for i in range(3)) for row in range(3))
    long, medium, short = (
        max(0.0, cone) ** (1 / 3)
        for cone in (
            0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
            0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
            0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
        )
    )
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_everything_written_can_be_read_on_every_ground(name: str, ground: str) -> None:
    colors = variables_of(name)
    written = ["foreground", "text", "text-muted", *(f"tone-{tone}" for tone in TONES)]
    assert {key: contrast(colors[key], colors[ground]) for key in written} == {
        key: pytest.approx(21, abs=21 - TEXT) for key in written
    }
    assert contrast(colors["tone-off"], colors[ground]) >= LARGE


@pytest.mark.parametrize("name", THEMES)
def test_what_does_not_apply_can_be_read_on_the_background(name: str) -> None:
    colors = variables_of(name)
    assert contrast(colors["tone-off"], colors["background"]) >= TEXT


@pytest.mark.parametrize("name", THEMES)
def test_every_curve_stands_out_from_the_background(name: str) -> None:
    colors = variables_of(name)
    assert min(contrast(colors[curve], colors["background"]) for curve in CURVES) >= LARGE
    assert len({colors[curve].rgb for curve in CURVES}) == NUM_CURVES


@pytest.mark.parametrize(
    ("eye", "kind"), [(NORMAL, "normal"), (PROTANOPIA, "protan"), (DEUTERANOPIA, "deutan")]
)
def test_the_curves_of_the_colour_blind_theme_stay_apart(eye: tuple[float, ...], kind: str) -> None:
    colors = variables_of("colour-blind")
    seen = {curve: oklab(colors[curve], eye) for curve in CURVES}
    for one, other in combinations(CURVES, 2):
        apart = 100 * sum((a - b) ** 2 for a, b in zip(seen[one], seen[other], strict=True)) ** 0.5
        assert apart >= APART[kind], (one, other)


def test_all_themes_define_the_same_variables_and_monochrome_is_grey() -> None:
    defined = {name: set(theme.variables) for name, theme in THEMES.items()}
    assert len(set(map(frozenset, defined.values()))) == 1
    for key, color in variables_of("monochrome").items():
        assert max(color.rgb) - min(color.rgb) <= 2, key  # shades are rounded per component
