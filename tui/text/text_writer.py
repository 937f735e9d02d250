"""Writer of tables, facts and sections as aligned plain text, for terminals and screens.

Columns that have an order to be dropped in give way to the width, then names are abbreviated.
"""

from __future__ import annotations

import textwrap
from itertools import chain
from operator import add
from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.tui.text.abbreviations import abbreviate, display_width
from mnist_tui.tui.text.formatting import ABSENT
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import Cell, Facts, Table, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mnist_tui.tui.text.figures import Column, Value
    from mnist_tui.tui.text.styled_lines import Line
    from mnist_tui.tui.text.table import Section

GAP = "  "
HEADING = "muted"
"""The role of headings in styled lines."""
MAX_SENTENCE = 2_000
MIN_WRAPPED = 30
"""Columns that a wrapped column keeps, however narrow the terminal is."""


class _Drawn(NamedTuple):
    """A column as text, before it is padded; joined columns are one."""

    column: Column
    head: str
    texts: list[str]
    roles: list[str]
    width: int


def table_text(
    table: Table, width: int | None = None, paint: Callable[[str, str], str] | None = None
) -> list[str]:
    """Return the line of headings and one line per row.

    Args:
        table: The table; without rows its headings stand alone.
        width: Columns of the terminal; None shows everything.
        paint: Returns a padded text in the colours of a role.
    """
    return _text(_fitted(_drawn(table), width, table.num_keys), paint)


def split_text(table: Table, width: int | None = None) -> list[str]:
    """Return a table as several below each other, a blank line after each.

    The key columns come first in each, and beside them as many of the others as fit.
    """
    drawn = _drawn(table)
    keys, others = drawn[: table.num_keys], drawn[table.num_keys :]
    if width is not None:
        keys = _fitted(keys, width // 3, table.num_keys)
    lines: list[str] = []
    while others:
        count = len(others)
        while width is not None and count > 1 and _needed([*keys, *others[:count]]) > width:
            count -= 1
        lines += [*_text([*keys, *others[:count]], None), ""]
        others = others[count:]
    return lines


def table_lines(table: Table, width: int | None = None, *, is_steady: bool = False) -> list[Line]:
    """Return a table as styled lines, the headings first, cells in the roles that they have.

    Args:
        table: The table.
        width: Cells of a line; None shows everything.
        is_steady: Whether columns are as wide as their kind's texts can be, so that nothing moves
            when figures change.
    """
    drawn = _drawn(table)
    if is_steady:
        drawn = [_steady(one) for one in drawn]
    drawn = _fitted(drawn, width, table.num_keys)
    cells = [padded([one.head, *one.texts], one.column.kind.is_right) for one in drawn]
    roles = [[HEADING, *(one.roles or [""] * len(one.texts))] for one in drawn]
    lines = zip(zip(*cells, strict=True), zip(*roles, strict=True), strict=True)
    return [
        tuple(
            (text + GAP if place < len(drawn) - 1 else text.rstrip(), role)
            for place, (text, role) in enumerate(zip(texts, line_roles, strict=True))
        )
        for texts, line_roles in lines
    ]


def facts_text(facts: Facts) -> list[str]:
    """Return a line per fact: its label, then its value with the unit, all values aligned."""
    return pairs_text([(column.word, fact_text(column, cell)) for column, cell in facts.items()])


def fact_text(column: Column, cell: Value | Cell) -> str:
    """Return a value with its unit."""
    if isinstance(cell, Cell):
        return (cell.kind or column.kind).with_unit(cell.value)
    return column.kind.with_unit(cell)


def pairs_text(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Return labels and texts in two columns."""
    width = max((display_width(label) for label, _ in pairs), default=0)
    return [f"{label}{' ' * (width - display_width(label))}{GAP}{text}" for label, text in pairs]


def section_text(section: Section, width: int | None = None) -> list[str]:
    """Return a title and, indented below it, the blocks: tables, facts, sentences.

    Without a title nothing is indented.
    """
    lines = prose([printable(section.title, MAX_SENTENCE)], width) if section.title else []
    indent = "  " if section.title else ""
    room = None if width is None else width - len(indent)
    for block in section.blocks:
        if isinstance(block, Table):
            lines += [indent + line for line in table_text(block, room)]
        elif isinstance(block, Facts):
            lines += [indent + line for line in facts_text(block)]
        else:
            lines += [indent + line for line in prose([printable(block, MAX_SENTENCE)], room)]
    return lines


def page_text(sections: Iterable[Section], width: int | None = None) -> list[str]:
    """Return sections with a blank line between them."""
    pages = [[*section_text(section, width), ""] for section in sections]
    return list(chain.from_iterable(pages))[:-1]


def prose(texts: Iterable[str], width: int | None) -> list[str]:
    """Return sentences as lines that break between words; None for `width` breaks none."""
    if width is None:
        return list(texts)
    return [
        line
        for text in texts
        for line in textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    ]


def _drawn(table: Table) -> list[_Drawn]:
    """Return the columns as text, each joined one behind the column that it belongs to."""
    drawn: list[_Drawn] = []
    for place, column in enumerate(table.columns):
        cells = [row[place] for row in table.rows]
        texts, roles = _texts(column, cells)
        if not column.is_joined:
            drawn.append(_of(column, column.head, texts, roles))
            continue
        texts = ["" if text == ABSENT else text for text in texts]
        if any(texts):
            before = drawn.pop()
            sides = padded(before.texts, before.column.kind.is_right)
            behind = padded(texts, column.kind.is_right)
            texts = [f"{left} {right}" for left, right in zip(sides, behind, strict=True)]
            # All that is joined stands on the side of what comes last.
            whole = before.column._replace(kind=column.kind)
            drawn.append(_of(whole, before.head, texts, before.roles))
    return drawn


def _texts(column: Column, cells: Sequence[Value | Cell]) -> tuple[list[str], list[str]]:
    """Return the text of each cell and, if there are any, the role of each."""
    types = set(map(type, cells))
    if Cell in types:
        roles = [cell.role if isinstance(cell, Cell) else "" for cell in cells]
        marks = [cell.mark if isinstance(cell, Cell) else "" for cell in cells]
        texts = [text_of(column, cell) for cell in cells]
        if any(marks):  # unmarked figures must stay aligned with marked ones
            texts = [text if mark else f"{text} " for text, mark in zip(texts, marks, strict=True)]
        return texts, roles if any(roles) else []
    if len(types - {type(None)}) == 1:  # values repeat, and 1 is not taken for True
        shown = {value: column.kind.text(value) for value in set(cells)}
        return list(map(shown.__getitem__, cells)), []
    return list(map(column.kind.text, cells)), []


def _steady(one: _Drawn) -> _Drawn:
    """Return a column as wide as its kind's texts can be."""
    kind = one.column.kind
    head = f"{one.head:{'>' if kind.is_right else '<'}{kind.width}}"
    return _of(one.column, head, one.texts, one.roles)


def _of(column: Column, head: str, texts: list[str], roles: list[str]) -> _Drawn:
    return _Drawn(column, head, texts, roles, max(_widths([head, *texts])))


def _fitted(drawn: list[_Drawn], width: int | None, num_keys: int) -> list[_Drawn]:
    """Return the columns that fit, all of the keys among them, names abbreviated if needed."""
    if width is None or _needed(drawn) <= width:
        return drawn
    shown = list(drawn)
    while _least(shown) > width and any(one.column.drop for one in shown[num_keys:]):
        shown.remove(max(shown[num_keys:], key=lambda one: one.column.drop))
    if shown[-1].column.is_wrapped and _needed(shown) > width:
        return _wrapped(shown, width)
    for place, one in enumerate(shown):
        excess = _needed(shown) - width
        if excess > 0 and 0 < one.column.min_width < one.width:
            least = max(one.column.min_width, display_width(one.head))
            names = abbreviate(one.texts, max(least, one.width - excess))
            texts = [names[text] for text in one.texts]
            shown[place] = _of(one.column, one.head, texts, one.roles)
    return shown


def _wrapped(drawn: Sequence[_Drawn], width: int) -> list[_Drawn]:
    """Return the columns with the texts of the last one on as many lines as they need."""
    *others, last = drawn
    room = max(MIN_WRAPPED, width - _needed(others) - len(GAP)) if others else width
    blocks = [textwrap.wrap(text, room) or [""] for text in last.texts]
    extended = [
        _of(
            one.column,
            one.head,
            _extended(one.texts, blocks, [""] * len(one.texts)),
            _extended(one.roles, blocks, one.roles),
        )
        for one in others
    ]
    roles = _extended(last.roles, blocks, last.roles)
    return [*extended, _of(last.column, last.head, list(chain(*blocks)), roles)]


def _extended(
    firsts: Sequence[str], blocks: Sequence[Sequence[str]], others: Sequence[str]
) -> list[str]:
    """Return what belongs to the first and to each other line of blocks; nothing for no roles."""
    rows = zip(firsts, blocks, others, strict=False)
    return [text for first, block, other in rows for text in (first, *[other] * (len(block) - 1))]


def _needed(drawn: Sequence[_Drawn]) -> int:
    return sum(one.width + len(GAP) for one in drawn) - len(GAP)


def _least(drawn: Sequence[_Drawn]) -> int:
    """Return the width that columns take with names as short as they may be."""
    spared = sum(max(0, one.width - one.column.min_width) for one in drawn if one.column.min_width)
    return _needed(drawn) - spared


def _text(drawn: list[_Drawn], paint: Callable[[str, str], str] | None) -> list[str]:
    cells = []
    for one in drawn:
        head, *texts = padded([one.head, *one.texts], one.column.kind.is_right)
        if paint is not None and one.roles:
            texts = list(map(paint, texts, one.roles))
        cells.append([head, *texts])
    return [GAP.join(line).rstrip() for line in zip(*cells, strict=True)]


def padded(texts: Sequence[str], is_right: bool) -> list[str]:
    """Return texts filled with blanks up to the width of the widest, from the left or right."""
    widths = _widths(texts)
    widest = max(widths, default=0)
    blanks = [" " * (widest - width) for width in widths]
    return list(map(add, blanks, texts)) if is_right else list(map(add, texts, blanks))


def _widths(texts: Sequence[str]) -> list[int]:
    """Return the width of each text; a column of ASCII, as most are, takes a tenth of the time."""
    return list(map(len if "".join(texts).isascii() else display_width, texts))
