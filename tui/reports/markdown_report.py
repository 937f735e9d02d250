"""A report as Markdown: the same content, charts in words and images by their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.reports.report_document import Code, Figure, Matrix, Pictures, Prose, Table
from mnist_tui.tui.reports.table_formats import markdown_cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mnist_tui.tui.reports.report_document import Block, Document, Section


def as_markdown(document: Document) -> str:
    """Return the whole file; what was written by others never becomes markup."""
    parts = [f"# {markdown_cell(document.title)}", markdown_cell(document.origin)]
    for section in document.sections:
        parts += _section(section)
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> Iterator[str]:
    yield f"{'#' * section.level} {markdown_cell(section.title)}"
    for block in section.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Prose():
            return _prose_lines(block)
        case Code():
            return _code_lines(block)
        case Table():
            return _table_lines(block)
        case Matrix():
            return _matrix_lines(block)
        case Figure():
            return _figure_lines(block)
        case Pictures():
            return _picture_lines(block)


def _prose_lines(prose: Prose) -> Iterator[str]:
    yield from map(markdown_cell, prose.sentences)


def _code_lines(code: Code) -> Iterator[str]:
    # Indented, since text may hold any fence.
    yield f"    {code.text}"


def _table_lines(table: Table) -> Iterator[str]:
    yield from _table(table.caption, table.columns, table.rows, is_text=table.is_text)


def _matrix_lines(matrix: Matrix) -> Iterator[str]:
    rows = [
        (name, *(f"{count:,}" if count else "·" for count in counts))
        for name, counts in zip(matrix.classes, matrix.counts, strict=True)
    ]
    yield from _table(matrix.caption, ("true \\ predicted", *matrix.classes), rows)


def _figure_lines(figure: Figure) -> Iterator[str]:
    yield f"**{markdown_cell(figure.title)}.** {markdown_cell(figure.twin)}"


def _picture_lines(pictures: Pictures) -> Iterator[str]:
    rows = [picture.cells for picture in pictures.pictures]
    yield from _table(pictures.caption, pictures.columns, rows)


def _table(
    caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, is_text: bool = False
) -> Iterator[str]:
    sides = ["---", *(["---" if is_text else "---:"] * (len(columns) - 1))]
    lines = [list(map(markdown_cell, columns)), sides]
    lines += [list(map(markdown_cell, row)) for row in rows]
    yield f"**{markdown_cell(caption)}**"
    yield "\n".join(f"| {' | '.join(line)} |" for line in lines)
