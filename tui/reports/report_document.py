"""Documents: sections of sentences, tables, charts and images, and their Markdown.

Texts are sanitized but otherwise unchanged; the writers escape them for their languages.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.tui.reports.table_formats import markdown_cell, markdown_table
from mnist_tui.tui.text.figures import Column, Kind
from mnist_tui.tui.text.table import Facts, Section, Table
from mnist_tui.tui.text.text_writer import fact_text

if TYPE_CHECKING:
    from collections.abc import Iterator

FACT_COLUMNS = (Column("measure", Kind(str, is_right=False)), Column("value", Kind(str)))


class Code(NamedTuple):
    """A command that can be copied into a shell."""

    text: str


class Matrix(NamedTuple):
    """A table of counts whose cells are shaded by their roles."""

    table: Table


class ChartFigure(NamedTuple):
    """A chart and its description."""

    title: str
    svg: str
    """A complete `<svg>` element."""
    legend: tuple[tuple[str, str, str], ...]
    """The role, marker and name of each curve."""
    description: str


class Pictures(NamedTuple):
    """Images side by side, or a table of them if the format has no images."""

    table: Table
    """A row for each image."""
    captions: tuple[tuple[str, str], ...]
    """Title and note of each image."""
    images: tuple[bytes, ...]
    """PNG files; empty if the pixels cannot be read."""


Block = str | Code | Facts | Table | Matrix | ChartFigure | Pictures


class Document(NamedTuple):
    """A complete report."""

    title: str
    origin: str
    """One line with the program that wrote it, and the time."""
    sections: tuple[Section, ...]
    """Sections whose blocks are of the types of `Block`."""


def facts_table(facts: Facts) -> Table:
    """Return facts as a table of labels and values with units."""
    rows = [(column.word, fact_text(column, cell)) for column, cell in facts.items()]
    return Table(facts.title, FACT_COLUMNS, rows)


def as_markdown(document: Document) -> str:
    """Return a document as Markdown, charts as their descriptions; no text becomes markup."""
    parts = [f"# {markdown_cell(document.title)}", markdown_cell(document.origin)]
    for section in document.sections:
        parts.append(f"{'#' * section.level} {markdown_cell(section.title)}")
        parts += chain.from_iterable(map(_markdown, section.blocks))
    return "\n\n".join(parts) + "\n"


def _markdown(block: Block) -> Iterator[str]:
    match block:
        case str():
            yield markdown_cell(block)
        case Code():
            # Indented, since the text may contain any fence.
            yield f"    {block.text}"
        case ChartFigure():
            yield f"**{markdown_cell(block.title)}.** {markdown_cell(block.description)}"
        case Facts():
            yield from _markdown(facts_table(block))
        case Matrix() | Pictures():
            yield from _markdown(block.table)
        case Table():
            yield f"**{markdown_cell(block.title)}**"
            yield markdown_table(block)
