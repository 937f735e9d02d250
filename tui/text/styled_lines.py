"""Styled lines: what pages, charts and tables are drawn as, before a widget gives them colours.

Lines are tuples, so that two of them compare fast and only those that differ are sent.
"""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from rich.cells import cell_len

from mnist_tui.tui.text.cells import fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Run = tuple[str, str]
"""Text and its role: names of `tui.terminal.line_styles.ROLES` separated by blanks, empty for plain
text; or, for pixels, a style in Rich's notation such as `#aaaaaa on #000000`."""
Line = tuple[Run, ...]

EMPTY: Line = ()


def line_of(*runs: str | Run) -> Line:
    """Return a line of runs; a string alone is plain text, empty runs are left out."""
    return tuple((run, "") if isinstance(run, str) else run for run in runs if run and run[0])


def width_of(line: Line) -> int:
    """Return the cells that a line takes."""
    return sum(len(text) if text.isascii() else cell_len(text) for text, _ in line)


def text_of(lines: Iterable[Line], *, strip: bool = True) -> str:
    """Return lines as plain text, without the blanks at their ends unless `strip` is false."""
    texts = ("".join(text for text, _ in line) for line in lines)
    return "\n".join(text.rstrip() if strip else text for text in texts)


def padded(line: Line, width: int) -> Line:
    """Return a line filled with blanks up to `width` cells."""
    missing = width - width_of(line)
    return (*line, (" " * missing, "")) if missing > 0 else line


def fitted(line: Line, width: int) -> Line:
    """Return a line of at most `width` cells, cut with an ellipsis where it is longer."""
    if width_of(line) <= width:
        return line
    kept: list[Run] = []
    for text, role in line:
        length = width_of(((text, role),))
        if length >= width:
            kept.append((fit(f"{text} ", width), role))
            break
        kept.append((text, role))
        width -= length
    return tuple(kept)


def joined(lines: Iterable[Line], gap: str = "  ") -> Line:
    """Return lines one after another on a single line, empty ones left out."""
    pieces = [line for line in lines if line]
    return tuple(chain(*pieces[:1], *(((gap, ""), *piece) for piece in pieces[1:])))


def beside(left: Sequence[Line], right: Sequence[Line], width: int) -> list[Line]:
    """Return two blocks next to each other, the left one filled up to `width` cells."""
    return [
        (*padded(one, width), *other) for one, other in zip_longest(left, right, fillvalue=EMPTY)
    ]


def with_role(line: Line, role: str) -> Line:
    """Return a line with one more role on each of its runs."""
    return tuple((text, f"{own} {role}".lstrip()) for text, own in line)


def first_visible(first: int, chosen: int, room: int, count: int) -> int:
    """Return the first of `room` visible rows or columns, moved as little as possible.

    Args:
        first: The first one visible before.
        chosen: The one that must be visible.
        room: Rows or columns that fit.
        count: Rows or columns in all.
    """
    first = max(chosen - room + 1, min(first, chosen))
    return max(0, min(first, count - room))


def changed_span(before: Line, after: Line) -> tuple[int, int]:
    """Return the first cell in which two lines differ, and how many cells on the last one is.

    (0, 0) if they look the same; lines whose runs lie otherwise differ as a whole.
    """
    if before == after:
        return 0, 0
    pairs = list(zip(before, after, strict=False))
    has_same_runs = len(before) == len(after) and all(
        cell_len(old) == cell_len(new) for (old, _), (new, _) in pairs
    )
    if not has_same_runs:
        return 0, max(map(width_of, (before, after)))
    places = [place for place, (old, new) in enumerate(pairs) if old != new]
    return width_of(after[: places[0]]), width_of(after[places[0] : places[-1] + 1])
