"""Lines of a page: runs of text, each with the role, or the colours, that it is shown in."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Line = tuple[tuple[str, str], ...]
"""Runs of (text, role); a role is one of `tui.evaluation.styles`, or a style as Rich reads it."""

EMPTY: Line = ()


def line_of(*runs: str | tuple[str, str]) -> Line:
    """Return a line of texts, some with their role."""
    return tuple((run, "") if isinstance(run, str) else run for run in runs if run)


def beside(left: Sequence[Line], right: Sequence[Line], width: int) -> list[Line]:
    """Return two blocks next to each other, the left one filled up to `width` cells."""
    return [
        (*padded(one, width), *other) for one, other in zip_longest(left, right, fillvalue=EMPTY)
    ]


def padded(line: Line, width: int) -> Line:
    """Return a line filled with blanks up to `width` cells."""
    missing = width - sum(cell_len(text) for text, _ in line)
    return (*line, (" " * missing, "")) if missing > 0 else line


def text_of(lines: Iterable[Line]) -> str:
    """Return lines as plain text."""
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)
