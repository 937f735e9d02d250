"""HTML writer of reports: one file for screens and paper, without scripts or network access."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.tui.reports.report_document import ChartFigure, Code, Matrix, Pictures, facts_table
from mnist_tui.tui.reports.table_formats import is_right_aligned
from mnist_tui.tui.text.table import Cell, Facts, Table, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mnist_tui.tui.reports.report_document import Block, Document
    from mnist_tui.tui.text.table import Section

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Even if a hostile name became markup, the browser would run no script and request nothing."""
BROAD = 8
"""Number of columns above which a table is wider than most windows and pages."""
IMAGE_SIDE_PX = 84
"""Three times the 28 pixels of an image."""


def as_html(document: Document) -> str:
    """Return a document as an HTML file; no text becomes markup."""
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
            # An empty icon, since the browser would request /favicon.ico otherwise.
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
    linked = [section for section in sections if section.anchor]
    if len(linked) < 2:
        return
    yield '<nav aria-label="Contents"><ul>'
    for section in linked:
        yield f'<li><a href="#{section.anchor}">{escape(section.title)}</a></li>'
    yield "</ul></nav>"


def _section(section: Section) -> Iterator[str]:
    anchor = f' id="{section.anchor}"' if section.anchor else ""
    yield f"<h{section.level}{anchor}>{escape(section.title)}</h{section.level}>"
    for group, blocks in groupby(section.blocks, _group):
        if group:
            yield f'<div class="{group}">'
        for block in blocks:
            yield from _block(block)
        if group:
            yield "</div>"


def _group(block: Block) -> str:
    """Return the class of the element that shows neighbouring blocks side by side."""
    match block:
        case ChartFigure():
            return "charts"
        case Facts() | Table() | Matrix():
            return "tables"
        case _:
            return ""


def _block(block: Block) -> Iterator[str]:
    match block:
        case str():
            yield f"<p>{escape(block)}</p>"
        case Code():
            yield f'<pre tabindex="0"><code>{escape(block.text)}</code></pre>'
        case Facts():
            yield from _table(facts_table(block))
        case Table():
            yield from _table(block)
        case Matrix():
            yield from _table(block.table, "matrix")
        case ChartFigure():
            yield from _figure(block)
        case Pictures():
            yield from _pictures(block)


def _table(table: Table, style: str = "") -> Iterator[str]:
    num_columns = len(table.columns)
    is_text = not any(is_right_aligned(table, place) for place in range(1, num_columns))
    style = style or ("words" if is_text else "broad" if num_columns > BROAD else "")
    caption = escape(table.title)
    # A table that is wider than the window scrolls by itself, with the keyboard too.
    yield f'<div class="wide" tabindex="0" role="group" aria-label="{caption}">'
    yield f"<table{_class(style)}><caption>{caption}</caption>"
    titles = "".join(f'<th scope="col">{escape(column.title)}</th>' for column in table.columns)
    yield f"<thead><tr>{titles}</tr></thead><tbody>"
    for row in table.rows:
        label, *cells = (
            (escape(text_of(column, cell)), cell.role if isinstance(cell, Cell) else "")
            for column, cell in zip(table.columns, row, strict=True)
        )
        values = "".join(f"<td{_class(role)}>{text}</td>" for text, role in cells)
        yield f'<tr><th scope="row">{label[0]}</th>{values}</tr>'
    yield "</tbody></table></div>"


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _figure(figure: ChartFigure) -> Iterator[str]:
    keys = "".join(
        f'<span class="key"><span class="dot {role}" aria-hidden="true">{escape(marker)}</span>'
        f" {escape(name)}</span>"
        for role, marker, name in figure.legend
    )
    yield f"<figure><figcaption><b>{escape(figure.title)}</b> {keys}</figcaption>"
    yield figure.svg
    yield f'<p class="twin">{escape(figure.description)}</p></figure>'


def _pictures(pictures: Pictures) -> Iterator[str]:
    yield f'<h4>{escape(pictures.table.title)}</h4>\n<ul class="pictures">'
    for (title, note), png in zip(pictures.captions, pictures.images, strict=True):
        yield f"<li>{_image(png, title)}<b>{escape(title)}</b>"
        yield f"<br><small>{escape(note)}</small></li>"
    yield "</ul>"


def _image(png: bytes, description: str) -> str:
    if not png:
        return '<span class="absent">no image</span>'
    data = b64encode(png).decode("ascii")
    return (
        f'<img src="data:image/png;base64,{data}" alt="{escape(description)}"'
        f' width="{IMAGE_SIDE_PX}" height="{IMAGE_SIDE_PX}">'
    )
