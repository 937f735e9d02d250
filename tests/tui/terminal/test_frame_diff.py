"""Frame differences: fewer bytes than Textual sends, and the same picture in the end."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pyte
import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from mnist_tui.tui.terminal.frame_diff import FrameDiff

if TYPE_CHECKING:
    from textual._compositor import CompositorUpdate

SIZE = Size(40, 8)
STYLES = (
    Style(),
    Style(color="#87af5f"),
    Style(color="#d75f5f", bgcolor="#1e1e2e"),
    Style(color="#d75f5f", bgcolor="#303040", bold=True),
    Style(bgcolor="#303040"),
    Style(bold=True, reverse=True),
    Style(color="#87af5f", underline=True, italic=True),
)
CHARACTERS = "abc 0123456789 ⣿⠤█·▶✓漢字"


class Screens:
    """Two terminals of one size: one is sent all of every update, the other what is different."""

    def __init__(self) -> None:
        self.whole, self.thrifty = (pyte.Screen(*SIZE) for _ in range(2))
        self.frames = FrameDiff()
        self.console = Console(color_system="truecolor", force_terminal=True, width=SIZE.width)

    def show(self, update: CompositorUpdate) -> tuple[int, int]:
        """Send an update to both and return how much each was sent."""
        assert isinstance(update, ChopsUpdate | LayoutUpdate)
        everything = update.render_segments(self.console)
        less = self.frames.reduce(update, SIZE, self.console)
        sent = "" if less is None else less.render_segments(self.console)
        pyte.Stream(self.whole).feed(everything.replace("\n", ""))
        pyte.Stream(self.thrifty).feed(sent)
        return len(everything), len(sent)

    def cells(self, screen: pyte.Screen) -> list[list[Any]]:
        return [[screen.buffer[y][x] for x in range(SIZE.width)] for y in range(SIZE.height)]


def random_strip(random: Random, width: int) -> Strip:
    segments: list[Segment] = []
    while (left := width - Strip(segments).cell_length) > 0:
        text = "".join(random.choice(CHARACTERS) for _ in range(random.randint(1, left)))
        segments.append(Segment(text, random.choice(STYLES)))
    return Strip(segments).crop(0, width)


def whole_update(strips: list[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[strip] for strip in strips], Region(0, 0, SIZE.width, len(strips)))


def random_update(random: Random) -> CompositorUpdate:
    if random.random() < 0.2:
        return whole_update([random_strip(random, SIZE.width) for _ in range(SIZE.height)])
    middle = random.randint(1, SIZE.width - 1)
    spans = [
        (y, *sorted(random.sample(range(SIZE.width + 1), 2)))
        for y in sorted(random.sample(range(SIZE.height), random.randint(1, 4)))
    ]
    chops: list[dict[int, Strip | None]] = [
        {0: random_strip(random, middle), middle: random_strip(random, SIZE.width - middle)}
        for _ in range(SIZE.height)
    ]
    return ChopsUpdate(chops, spans, [[middle, SIZE.width]] * SIZE.height)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(8))
def test_any_updates_end_in_the_picture_that_textual_would_have_drawn(seed: int) -> None:
    random, screens = Random(seed), Screens()
    screens.show(whole_update([random_strip(random, SIZE.width) for _ in range(SIZE.height)]))
    for _ in range(60):
        update = random_update(random)
        if isinstance(update, ChopsUpdate):
            # Textual sends what stands to the left of a span again as it is drawn anew; here that
            # is made the span, because random lines are no drawing of the same widgets.
            update.spans = [(y, 0, SIZE.width) for y, _, _ in update.spans]
        screens.show(update)
        assert screens.cells(screens.thrifty) == screens.cells(screens.whole)


def test_what_is_shown_already_is_not_sent_again() -> None:
    screens = Screens()
    strips = [random_strip(Random(1), SIZE.width) for _ in range(SIZE.height)]
    screens.show(whole_update(strips))
    assert screens.show(whole_update(strips))[1] == 0


def test_one_new_digit_costs_a_few_bytes() -> None:
    screens = Screens()

    def row(loss: str) -> LayoutUpdate:
        text = f"▌ 12  wide-kernels  {loss}".ljust(SIZE.width)
        return whole_update([Strip([Segment(text, STYLES[2])])])

    screens.show(row("0.0412"))
    everything, sent = screens.show(row("0.0413"))
    assert everything > 70
    assert sent < 50  # a move, one pen, one digit, a reset
    assert "0.0413" in screens.thrifty.display[0]


def test_only_what_lies_in_a_span_is_sent() -> None:
    screens = Screens()
    before, after = Strip([Segment("a" * 40)]), Strip([Segment("b" * 40)])
    screens.show(whole_update([before]))
    screens.show(ChopsUpdate([{0: after}], [(0, 10, 12)], [[40]]))
    assert screens.thrifty.display[0] == "a" * 10 + "bb" + "a" * 28


@pytest.mark.parametrize("forgets", ["size", "call"])
def test_a_terminal_of_which_nothing_is_known_is_sent_everything(forgets: str) -> None:
    screens = Screens()
    update = whole_update([random_strip(Random(1), SIZE.width)])
    _, first = screens.show(update)
    if forgets == "call":
        screens.frames.forget()
    else:
        screens.frames.reduce(update, Size(30, 8), screens.console)
    assert screens.show(update)[1] == first
