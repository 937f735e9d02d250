"""Real pictures: which terminals get them, and that what is sent are the very pixels."""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING

import click
import numpy as np
import pytest
from PIL import Image as Pictures

from mnist_tui.tui.terminal.image_graphics import CellSize, Protocol, picture_tile, protocol_of
from mnist_tui.tui.terminal.image_half_blocks import GREY_STEP
from mnist_tui.tui.terminal.image_kitty import kitty_image
from mnist_tui.tui.terminal.image_sixel import sixel_image

if TYPE_CHECKING:
    from mnist_tui.tui.terminal.image_half_blocks import Image

CELL = CellSize(10, 20)
MESSAGE = re.compile(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\")


def noise(side: int = 28) -> Image:
    """Return an image of all greys that the screens have."""
    steps = np.random.default_rng(0).integers(0, 16, (side, side), np.uint8)
    return (steps * GREY_STEP).astype(np.uint8)


def pixels_of(sixels: str) -> Image:
    """Return what a terminal makes of sixels, read as the manual says."""
    found = re.fullmatch(r'\x1bP0;1q"1;1;(\d+);(\d+)(.*)\x1b\\', sixels, re.DOTALL)
    assert found is not None
    width, height, content = int(found[1]), int(found[2]), found[3]
    shown = np.full((height + 6, width), 99, np.uint8)
    percents, grey, left, top = {}, 0, 0, 0
    for part in re.finditer(r"#(\d+);2;(\d+);\2;\2|#(\d+)|!(\d+)(.)|([$-])|(.)", content):
        if part[1]:
            percents[int(part[1])] = int(part[2])
        elif part[3]:
            grey = percents[int(part[3])]
        elif part[6]:
            left, top = 0, top + 6 * (part[6] == "-")
        else:
            count, bits = int(part[4] or 1), ord(part[5] or part[7]) - 63
            for place in range(6):
                if bits >> place & 1:
                    shown[top + place, left : left + count] = grey
            left += count
    assert (shown[height:] == 99).all()
    return shown[:height]


@pytest.mark.parametrize(
    ("environment", "protocol"),
    [
        ({"TERM": "xterm-kitty"}, Protocol.KITTY),
        ({"TERM": "xterm-ghostty", "SSH_CONNECTION": "1"}, Protocol.KITTY),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, Protocol.BLOCKS),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux"}, Protocol.BLOCKS),
        ({"TERM": "xterm-kitty", "STY": "1.pts"}, Protocol.BLOCKS),
        ({"TERM": "xterm-kitty", "MNIST_TUI_IMAGES": "blocks"}, Protocol.BLOCKS),
        ({"TERM": "xterm-256color", "MNIST_TUI_IMAGES": "sixel"}, Protocol.SIXEL),
        ({"TERM": "tmux-256color", "TMUX": "x", "MNIST_TUI_IMAGES": "kitty"}, Protocol.KITTY),
        ({"TERM": "xterm-256color"}, Protocol.BLOCKS),
        ({}, Protocol.BLOCKS),
    ],
)
def test_pictures_go_to_terminals_that_say_so_and_where_the_user_does(
    environment: dict[str, str], protocol: Protocol
) -> None:
    assert protocol_of(environment) is protocol


def test_what_is_no_protocol_is_refused_with_those_that_are() -> None:
    with pytest.raises(click.UsageError, match="known are blocks, kitty, sixel"):
        protocol_of({"MNIST_TUI_IMAGES": "png"})


@pytest.mark.parametrize("side", [28, 128])
def test_kitty_gets_the_pixels_as_a_file_in_messages_that_it_takes(side: int) -> None:
    image = noise(side)
    messages = MESSAGE.findall(kitty_image(image, 14, 7))
    first, *_ = keys = [dict(key.split("=") for key in each.split(",")) for each, _ in messages]
    assert (first["a"], first["c"], first["r"], first["C"], first["q"]) == (
        "T",
        "14",
        "7",
        "1",
        "2",
    )
    assert [each["m"] for each in keys] == ["1"] * (len(keys) - 1) + ["0"]
    assert all(len(content) <= 4096 for _, content in messages)
    file = base64.b64decode("".join(content for _, content in messages))
    assert np.array_equal(np.asarray(Pictures.open(io.BytesIO(file))), image)


@pytest.mark.parametrize("scale", [1, 3, 5])
def test_sixels_are_the_pixels_each_as_large_as_is_asked(scale: int) -> None:
    image = noise()
    shown = pixels_of(sixel_image(image, scale))
    expected = np.kron(image / 255 * 100, np.ones((scale, scale)))
    assert np.abs(shown - expected).max() <= 1


def test_runs_of_one_grey_are_counted() -> None:
    blank = np.zeros((28, 28), np.uint8)
    assert "#0!140~-" in sixel_image(blank, 5)
    assert len(sixel_image(blank, 5)) < 700


@pytest.mark.parametrize("protocol", [Protocol.KITTY, Protocol.SIXEL])
def test_a_picture_takes_the_place_of_a_tile_and_makes_room_for_itself(protocol: Protocol) -> None:
    lines = picture_tile(noise(), protocol, CELL)
    assert len(lines) == 7
    ((first, _),) = lines[0]
    assert first.startswith("\x1bD" * 6 + "\x1b[6A\x1b7\x1b")
    assert first.endswith("\x1b8\x1b[14C")
    assert all(line == (("\x1b[14C", ""),) for line in lines[1:])


@pytest.mark.parametrize(
    ("cell", "side"),
    [(CELL, 140), (CellSize(6, 12), 84), (CellSize(9, 14), 84), (CellSize(1, 1), 28)],
)
def test_sixels_stay_within_their_cells(cell: CellSize, side: int) -> None:
    ((text, _),) = picture_tile(noise(), Protocol.SIXEL, cell)[0]
    assert f'"1;1;{side};{side}#' in text


def test_the_first_row_is_above_the_second() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[0] = 255
    shown = pixels_of(sixel_image(image, 1))
    assert [bool(row.all()) for row in shown[:3]] == [True, False, False]
