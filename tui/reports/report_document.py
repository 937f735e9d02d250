"""What stands in a report, before anybody writes it as HTML or Markdown.

Texts are inert and otherwise as they are: whoever writes them makes them harmless in its language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Prose:
    """Sentences, a paragraph each."""

    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """What can be copied into a shell."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of text; the first cell of each names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_text: bool = False
    """Whether cells are words, which stand at the left; numbers stand at the right."""


@dataclass(frozen=True)
class Matrix:
    """Counts of true classes (rows) taken for predicted ones (columns)."""

    caption: str
    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A chart, and the same in words."""

    title: str
    svg: str
    """A whole `<svg>` element."""
    legend: tuple[tuple[str, str, str], ...]
    """The role, marker and name of each curve."""
    twin: str


class Picture(NamedTuple):
    """One image and what was said of it."""

    title: str
    note: str
    cells: tuple[str, ...]
    """The same for a table: as many as `Pictures.columns`."""
    png: bytes
    """Empty where the pixels cannot be read."""


@dataclass(frozen=True)
class Pictures:
    """Images next to each other."""

    caption: str
    columns: tuple[str, ...]
    pictures: tuple[Picture, ...]


Block = Prose | Code | Table | Matrix | Figure | Pictures


@dataclass(frozen=True)
class Section:
    """A part with a heading."""

    title: str
    blocks: tuple[Block, ...] = ()
    level: int = 2
    """2 for a part of the report, 3 for a part of that."""
    anchor: str = ""
    """Where the contents lead to; empty for a part that they leave out."""


@dataclass(frozen=True)
class Document:
    """A whole report."""

    title: str
    origin: str
    """One line on what wrote it, and when."""
    sections: tuple[Section, ...]
