from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pyte
import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tui.cropped_update import CroppedUpdate, cropped

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 60, 12
EDGE = 25
"""Where one widget ends and the next begins."""
STYLES = [Style(), Style(color="red"), Style(color="blue", bold=True)]
CHARACTERS = "abc ⣀⡇│•"

Lines = list[list[tuple[str, Style]]]


def console() -> Console:
    return Console(force_terminal=True, color_system="truecolor", width=WIDTH)


def strip_of(cells: Sequence[tuple[str, Style]]) -> Strip:
    return Strip([Segment(character, style) for character, style in cells])


def random_lines(source: random.Random) -> Lines:
    return [
        [(source.choice(CHARACTERS), source.choice(STYLES)) for _ in range(WIDTH)]
        for _ in range(HEIGHT)
    ]


def update_of(lines: Lines, spans: list[tuple[int, int, int]]) -> ChopsUpdate:
    chops = [{0: strip_of(line[:EDGE]), EDGE: strip_of(line[EDGE:])} for line in lines]
    return ChopsUpdate(chops, spans, [[EDGE, WIDTH]] * HEIGHT)


def shown(first: Lines, update: CompositorUpdate) -> tuple[list[object], int]:
    """Return the cells of a terminal after a picture and an update, and the bytes of the latter."""
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(screen)
    everything = LayoutUpdate([[strip_of(line)] for line in first], Region(0, 0, WIDTH, HEIGHT))
    stream.feed(everything.render_segments(console()))
    sent = update.render_segments(console())
    stream.feed(sent)
    return [screen.buffer[y][x] for y in range(HEIGHT) for x in range(WIDTH)], len(sent)


@pytest.mark.parametrize("seed", range(20))
def test_a_cropped_update_makes_the_same_screen_of_fewer_bytes(seed: int) -> None:
    source = random.Random(seed)
    before, after = random_lines(source), random_lines(source)
    spans = []
    for y in range(0, HEIGHT, 2):
        left = source.randrange(WIDTH)
        right = source.randrange(left + 1, WIDTH + 1)
        spans.append((y, left, right))
    target = [list(line) for line in before]
    for y, left, right in spans:
        target[y][left:right] = after[y][left:right]
    stock = update_of(target, spans)
    update = cropped(stock)
    assert isinstance(update, CroppedUpdate)
    stock_screen, stock_bytes = shown(before, stock)
    screen, num_bytes = shown(before, update)
    assert screen == stock_screen
    assert num_bytes < stock_bytes


def test_other_updates_are_left_as_they_are() -> None:
    everything = LayoutUpdate([[Strip.blank(WIDTH)]], Region(0, 0, WIDTH, 1))
    assert cropped(everything) is everything
    assert cropped(None) is None
