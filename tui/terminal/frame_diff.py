"""Frames reduced to the characters that differ from those the terminal shows already.

Textual 8.2.8 keeps no record of what it has sent: a line with one new digit is written whole, with
a colour code and a reset around each piece, which is most of the traffic on a slow link. Uses the
classes of Textual's private `_compositor`, which are what a frame arrives as.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.style import Style
    from textual.geometry import Size

LONGEST_GAP = 6
"""Unchanged characters that are sent again rather than skipped: skipping takes as many bytes."""
RESET = "\x1b[0m"


class Pen(NamedTuple):
    """Style of a character, as codes of the terminal."""

    attributes: str = ""
    foreground: str = ""
    background: str = ""

    def from_pen(self, before: Pen) -> str:
        """Return what turns the pen `before` into this one."""
        if self == before:
            return ""
        codes = [after for after, old in zip(self[1:], before[1:], strict=True) if after != old]
        if self.attributes != before.attributes or not all(codes):
            codes = ["0", *filter(None, self)]
        return f"\x1b[{';'.join(codes)}m"


Cell = tuple[str, Pen]
"""A character and its pen; empty text for the second half of a wide one."""
PLAIN = Pen()


def is_update(renderable: object) -> TypeGuard[ChopsUpdate | LayoutUpdate]:
    """Return True for a frame, or a part of one, that can be reduced."""
    return isinstance(renderable, ChopsUpdate | LayoutUpdate)


class Differences(CompositorUpdate):
    """Update that is already rendered."""

    def __init__(self, text: str) -> None:
        self._text = text

    def render_segments(self, console: Console) -> str:
        """Return the text for the terminal."""
        return self._text


class FrameDiff:
    """Record of what the terminal shows, and the reduction of updates to differences from it."""

    def __init__(self) -> None:
        self._rows: dict[int, list[Cell | None]] = {}
        self.size: Size | None = None
        """Of the terminal when something was drawn last."""

    def forget(self) -> None:
        """Forget what is shown, after something else has written to the terminal."""
        self._rows.clear()

    def reduce(
        self, update: ChopsUpdate | LayoutUpdate, size: Size, console: Console
    ) -> Differences | None:
        """Return the differences, which must then be written; None if there are none.

        Args:
            update: The frame as Textual would draw it.
            size: Of the terminal; a new size makes everything a difference.
            console: The console whose colours are used.
        """
        if size != self.size:
            self.forget()
            self.size = size
        colors = COLOR_SYSTEMS.get(console.color_system or "", ColorSystem.TRUECOLOR)
        pieces: list[str] = []
        pen = PLAIN
        for y, x, strip in _strips(update):
            row = self._rows.setdefault(y, [None] * size.width)
            for start, text, last_pen in _changed_runs(row, x, _cells(strip, colors), pen):
                pieces.append(f"\x1b[{y + 1};{start + 1}H{text}")
                pen = last_pen
        if not pieces:
            return None
        return Differences("".join(pieces) + ("" if pen == PLAIN else RESET))


def _strips(update: ChopsUpdate | LayoutUpdate) -> Iterator[tuple[int, int, Strip]]:
    """Yield what an update draws: row, first column, content."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            yield y, update.region.x, Strip.join(list(line))
        return
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= right and end > left:
                first, last = max(x, left), min(end, right)
                yield y, first, strip.crop(first - x, last - x)


def _cells(strip: Strip, colors: ColorSystem) -> list[Cell]:
    cells: list[Cell] = []
    for text, style, control in strip:
        if not control:
            cells += _cells_of(text, PLAIN if style is None else _pen(style, colors))
    return cells


@lru_cache(128)
def _cells_of(text: str, pen: Pen) -> tuple[Cell, ...]:
    known = _known_cells(pen)
    if text.isascii() or cell_len(text) == len(text):
        return tuple([known[character] for character in text])
    cells: list[Cell] = []
    for character in text:
        if width := cell_len(character):
            cells += [known[character], *[known[""]] * (width - 1)]
        elif cells:
            cells[-1] = (cells[-1][0] + character, pen)
    return tuple(cells)


class _Cells(dict[str, Cell]):
    """The cells of one pen by their character: a screen of thousands has few different ones."""

    def __init__(self, pen: Pen) -> None:
        super().__init__()
        self._pen = pen

    def __missing__(self, character: str) -> Cell:
        cell = self[character] = (character, self._pen)
        return cell


_known_cells = lru_cache(256)(_Cells)


def _changed_runs(
    row: list[Cell | None], x: int, cells: list[Cell], pen: Pen
) -> Iterator[tuple[int, str, Pen]]:
    """Put the cells into the row; yield column, text with its codes and last pen of each change."""
    cells = cells[: max(0, len(row) - x)]
    before = row[x : x + len(cells)]
    if before == cells:
        return
    row[x : x + len(cells)] = cells
    changed = [at for at, (old, new) in enumerate(zip(before, cells, strict=False)) if old != new]
    for first, last in _joined(changed, cells):
        pieces: list[str] = []
        for character, wanted in cells[first : last + 1]:
            if wanted is not pen:
                pieces.append(wanted.from_pen(pen))
                pen = wanted
            pieces.append(character)
        yield x + first, "".join(pieces), pen


def _joined(changed: list[int], cells: list[Cell]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of changes, over gaps that are cheaper to send again."""
    first = last = changed[0]
    for at in changed[1:]:
        gap = cells[last : at + 1]
        if at - last > LONGEST_GAP + 1 or any(pen is not gap[0][1] for _, pen in gap):
            yield first, last
            first = at
        last = at
    yield first, last


@lru_cache(4_096)
def _pen(style: Style, colors: ColorSystem) -> Pen:
    foreground, background = (
        "" if color is None else ";".join(color.downgrade(colors).get_ansi_codes(is_foreground))
        for color, is_foreground in ((style.color, True), (style.bgcolor, False))
    )
    return Pen(Strip.render_ansi(style.without_color, colors), foreground, background)
