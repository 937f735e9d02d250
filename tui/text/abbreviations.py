"""Abbreviations of names that stand below each other: what differs is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.text.sanitize import ELLIPSIS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_HEAD = 6
"""Characters at the front that are kept where the difference lies further behind."""


def abbreviate(names: Iterable[str], width: int) -> dict[str, str]:
    """Return each name in at most `width` characters.

    A long name is cut at its end. Names that would be the same after that lose what they have in
    common in the middle instead: `sweep-lenet-lr-0.01` and `sweep-lenet-lr-0.001` become
    `swe…-lr-0.01` and `swe…lr-0.001`.
    """
    shown: dict[str, str] = {}
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        if len(name) <= width:
            shown[name] = name
        else:
            groups.setdefault(name[: width - 1], []).append(name)
    for start, group in groups.items():
        if len(group) == 1 and start + ELLIPSIS not in shown:
            shown[group[0]] = start + ELLIPSIS
        else:
            shown |= _with_tails(group, width)
    return shown


def _with_tails(names: Sequence[str], width: int) -> dict[str, str]:
    """Return names that begin alike with their beginning, and their end or what differs."""
    head = min(MAX_HEAD, (width - 1) // 3)
    tail = max(1, width - head - 1)
    least, greatest = min(names), max(names)  # all others lie between these
    pairs = enumerate(zip(least, greatest, strict=False))
    differs_at = next((place for place, (one, other) in pairs if one != other), len(least))
    shown = {}
    for name in names:
        start = max(head, min(differs_at, len(name) - tail))
        rest = name[start:]
        if len(rest) > tail:
            rest = rest[: tail - 1] + ELLIPSIS
        shown[name] = f"{name[:head]}{ELLIPSIS}{rest}"[:width]
    if len(set(shown.values())) < len(names):
        return {name: f"{name[:head]}{ELLIPSIS}{name[-tail:]}"[:width] for name in names}
    return shown
