"""A report as one HTML file that needs nothing else: no script, no network; for screen, paper."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.tui.reports.report_document import Code, Figure, Matrix, Pictures, Prose, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mnist_tui.tui.reports.report_document import Block, Document, Section

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Whatever a hostile name may try, the browser runs no script and asks for nothing."""
HEAT_LEVELS = 5
BROAD = 8
"""With more columns a table is wider than most windows and papers."""
IMAGE_SIDE_PX = 84
"""Three times 28."""


def as_html(document: Document) -> str:
    """Return the whole file; what was written by others never becomes markup."""
    style = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
    title = escape(document.title)
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            # Without one of its own the browser would ask for an icon.
            '<link rel="icon" href="data:,">',
            f"<title>{title} · mnist-tui</title>",
            f"<style>\n{style}</style>",
            "</head>",
            "<body>",
            f"<header><h1>{title}</h1><p>{escape(document.origin)}</p></header>",
            *_contents(document.sections),
            "<main>",
            *(line for section in document.sections for line in _section(section)),
            "</main>",
            "</body>",
            "</html>",
            "",
        )
    )


def _contents(sections: Sequence[Section]) -> Iterator[str]:
    led_to = [section for section in sections if section.anchor]
    if len(led_to) < 2:
        return
    yield '<nav aria-label="Contents"><ul>'
    for section in led_to:
        yield f'<li><a href="#{section.anchor}">{escape(section.title)}</a></li>'
    yield "</ul></nav>"


def _section(section: Section) -> Iterator[str]:
    anchor = f' id="{section.anchor}"' if section.anchor else ""
    yield f"<h{section.level}{anchor}>{escape(section.title)}</h{section.level}>"
    for row, blocks in groupby(section.blocks, _row_of):
        if row:
            yield f'<div class="{row}">'
        for block in blocks:
            yield from _block(block)
        if row:
            yield "</div>"


def _row_of(block: Block) -> str:
    """Return in what kind of row a block stands next to its neighbours where there is room."""
    match block:
        case Figure():
            return "charts"
        case Table() | Matrix():
            return "tables"
        case _:
            return ""


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
    for sentence in prose.sentences:
        yield f"<p>{escape(sentence)}</p>"


def _code_lines(code: Code) -> Iterator[str]:
    yield f'<pre tabindex="0"><code>{escape(code.text)}</code></pre>'


def _table_lines(table: Table) -> Iterator[str]:
    is_broad = len(table.columns) > BROAD
    kind = ' class="words"' if table.is_text else ' class="broad"' if is_broad else ""
    yield from _table_head(table.caption, table.columns, kind)
    for row in table.rows:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        yield f'<tr><th scope="row">{escape(row[0])}</th>{cells}</tr>'
    yield "</tbody></table></div>"


def _matrix_lines(matrix: Matrix) -> Iterator[str]:
    columns = ("true \\ predicted", *matrix.classes)
    yield from _table_head(matrix.caption, columns, ' class="matrix"')
    for true, (name, counts) in enumerate(zip(matrix.classes, matrix.counts, strict=True)):
        support = sum(counts)
        cells = "".join(
            _count(count, support, is_right=predicted == true)
            for predicted, count in enumerate(counts)
        )
        yield f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    yield "</tbody></table></div>"


def _figure_lines(figure: Figure) -> Iterator[str]:
    keys = "".join(
        f'<span class="key"><span class="dot {role}" aria-hidden="true">{escape(marker)}</span>'
        f" {escape(name)}</span>"
        for role, marker, name in figure.legend
    )
    yield f"<figure><figcaption><b>{escape(figure.title)}</b> {keys}</figcaption>"
    yield figure.svg
    yield f'<p class="twin">{escape(figure.twin)}</p></figure>'


def _picture_lines(pictures: Pictures) -> Iterator[str]:
    yield f'<h4>{escape(pictures.caption)}</h4>\n<ul class="pictures">'
    for picture in pictures.pictures:
        yield f"<li>{_image(picture.png, picture.title)}<b>{escape(picture.title)}</b>"
        yield f"<br><small>{escape(picture.note)}</small></li>"
    yield "</ul>"


def _image(png: bytes, description: str) -> str:
    if not png:
        return '<span class="absent">no image</span>'
    data = b64encode(png).decode("ascii")
    return (
        f'<img src="data:image/png;base64,{data}" alt="{escape(description)}"'
        f' width="{IMAGE_SIDE_PX}" height="{IMAGE_SIDE_PX}">'
    )


def _table_head(caption: str, columns: Sequence[str], kind: str) -> Iterator[str]:
    # What is wider than a narrow screen is moved by itself, with keys too.
    yield f'<div class="wide" tabindex="0" role="group" aria-label="{escape(caption)}">'
    yield f"<table{kind}><caption>{escape(caption)}</caption>"
    titles = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    yield f"<thead><tr>{titles}</tr></thead><tbody>"


def _count(count: int, support: int, *, is_right: bool) -> str:
    """Return a cell of the matrix, shaded by its share of the row; mistakes show early."""
    if not count:
        return '<td class="none">·</td>'
    share = count / support
    level = 1 + int(share * HEAT_LEVELS) if is_right else 1 + int(share * 10 * HEAT_LEVELS)
    return (
        f'<td class="{"right" if is_right else "wrong"}-{min(HEAT_LEVELS, level)}">{count:,}</td>'
    )
