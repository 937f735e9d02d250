"""Widths of text in terminal columns, and abbreviations of names: what differs is kept."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from mnist_tui.tui.text.sanitize import ELLIPSIS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_HEAD = 6
"""Columns at the front that are kept if the difference lies further behind."""


@lru_cache(8_192)
def display_width(text: str) -> int:
    """Return how many terminal columns `text` takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def abbreviate(names: Iterable[str], width: int) -> dict[str, str]:
    """Return each name in at most `width` columns.

    A long name is cut at its end. Names that would be the same after that lose what they have in
    common in the middle instead: `sweep-lenet-lr-0.01` and `sweep-lenet-lr-0.001` become
    `swe…-lr-0.01` and `swe…lr-0.001`.
    """
    shown: dict[str, str] = {}
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        if display_width(name) <= width:
            shown[name] = name
        else:
            groups.setdefault(_start(name, width - 1) + ELLIPSIS, []).append(name)
    for cut, group in groups.items():
        if len(group) == 1 and cut not in shown:
            shown[group[0]] = cut
        else:
            shown |= _with_tails(group, width)
    return shown


def _with_tails(names: Sequence[str], width: int) -> dict[str, str]:
    """Return names that begin alike with their beginning, and their end or what differs."""
    head = min(MAX_HEAD, max(0, width - 1) // 3)
    tail = max(1, width - head - 1)
    least, greatest = min(names), max(names)  # all others lie between these
    pairs = enumerate(zip(least, greatest, strict=False))
    differs_at = next((place for place, (one, other) in pairs if one != other), len(least))
    shown = {}
    for name in names:
        rest = name[differs_at:] if display_width(name[differs_at:]) > tail else _end(name, tail)
        if display_width(rest) > tail:
            rest = _start(rest, tail - 1) + ELLIPSIS
        shown[name] = f"{_start(name, head)}{ELLIPSIS}{rest}"
    if len(set(shown.values())) < len(names):
        return {name: f"{_start(name, head)}{ELLIPSIS}{_end(name, tail)}" for name in names}
    return shown


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 1 + (unicodedata.east_asian_width(character) in "WF")


def _start(text: str, width: int) -> str:
    """Return the longest beginning of at most `width` columns."""
    if text.isascii():
        return text[: max(0, width)]
    for place, character in enumerate(text):
        width -= _width(character)
        if width < 0:
            return text[:place]
    return text


def _end(text: str, width: int) -> str:
    """Return the longest end of at most `width` columns."""
    return _start(text[::-1], width)[::-1]
