"""Images as characters: every pixel in its place, with colours, without, and in ASCII."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rich.style import Style

from mnist_tui.tui.terminal import ascii_output
from mnist_tui.tui.terminal.image_half_blocks import Ink, draw, draw_small, ink_for, shrunk

if TYPE_CHECKING:
    from mnist_tui.tui.terminal.image_half_blocks import Image
    from mnist_tui.tui.text.styled_lines import Line


def corner_image() -> Image:
    """White in the upper left quarter, half grey in the pixel below its first column."""
    image = np.zeros((28, 28), np.uint8)
    image[:13, :14] = 255
    image[13, 0] = 128
    return image


def texts(lines: list[Line]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


@pytest.mark.parametrize("ink", Ink)
def test_an_image_takes_fourteen_lines_of_twenty_eight_cells_or_half_of_that(ink: Ink) -> None:
    image = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    assert [len(text) for text in texts(draw(image, ink))] == [28] * 14
    assert [len(text) for text in texts(draw_small(image, ink))] == [14] * 7


def test_with_colours_each_half_of_a_cell_is_the_grey_of_its_pixel() -> None:
    lines = draw(corner_image(), Ink.GREYS)
    assert lines[0] == ((" " * 14, "on #ffffff"), (" " * 14, "on #000000"))
    assert lines[6][:2] == (("▀", "#ffffff on #888888"), ("▀" * 13, "#ffffff on #000000"))
    for _, style in {run for line in lines for run in line}:
        Style.parse(style)


def test_without_colours_shapes_and_shades_say_it() -> None:
    lines = texts(draw(corner_image(), Ink.SHADES))
    assert lines[0] == "█" * 14 + " " * 14
    assert lines[6] == "▓" + "▀" * 13 + " " * 14
    assert {style for line in draw(corner_image(), Ink.SHADES) for _, style in line} == {""}
    grey = np.full((28, 28), 130, np.uint8)
    assert texts(draw(grey, Ink.SHADES)) == ["▒" * 28] * 14


def test_in_ascii_more_ink_is_a_darker_letter() -> None:
    lines = texts(draw(corner_image(), Ink.ASCII))
    assert lines[0] == "@" * 14 + " " * 14
    assert lines[6] == "#" + "=" * 13 + " " * 14
    ramp = np.repeat(np.linspace(0, 255, 28).astype(np.uint8)[None], 28, axis=0)
    first = texts(draw(ramp, Ink.ASCII))[0]
    assert list(first) == sorted(first, key=" .:-=+*#%@".index)
    assert set(first) == set(" .:-=+*#%@")


def test_half_the_size_is_the_mean_of_four_pixels() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[:2, :2] = [[255, 255], [0, 0]]
    assert shrunk(image).shape == (14, 14)
    assert shrunk(image)[0, 0] == 127
    assert shrunk(image).sum() == 127


def test_what_there_is_to_draw_with_follows_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "__stdout__", stream)
    assert ink_for(wants_color=True) is Ink.GREYS
    assert ink_for(wants_color=False) is Ink.SHADES
    ascii_output.serve(stream)
    assert ink_for(wants_color=True) is Ink.ASCII
