"""A picture of a terminal's screen: SVG on its own, without fonts, links or scripts.

Text is written run by run, each exactly as wide as its cells whatever the font; what has to touch
its neighbours is drawn.
"""

from __future__ import annotations

import re
from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING

from tests.pictures.cells import BACKGROUND, FOREGROUND, Cell, Look, Run, runs, screen_rows
from tests.pictures.strokes import HEIGHT, WIDTH, block, dots, is_drawn, lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyte.screens import Screen

FONTS = (
    "13.3px ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
)
STYLE = (
    f"svg{{font:{FONTS};font-variant-emoji:text}}g rect{{shape-rendering:crispEdges}}"
    "path{fill:none;stroke-width:2.4;stroke-linecap:round}"
    ".l{stroke-width:1;stroke-linecap:square;shape-rendering:crispEdges}"
    ".b{font-weight:bold}.i{font-style:italic}.u text{text-decoration:underline}"
)
BASELINE = 12
"""From the top of a cell, in pixels."""
MARGIN = 12
FIRST_SYMBOL = "\u2100"
"""Fonts for programmers have what comes before; arrows and signs often come from another."""
FRAME = "#343b44"


def picture(screen: Screen, title: str) -> str:
    """Return the SVG of what is in sight.

    Args:
        screen: pyte's.
        title: What the picture shows, for those who cannot see it.
    """
    rows = screen_rows(screen)
    width, height = (screen.columns * WIDTH + 2 * MARGIN, screen.lines * HEIGHT + 2 * MARGIN)
    parts = [*_backgrounds(rows), *_blocks(rows), *_strokes(rows), *_texts(rows)]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8"'
        f' fill="{BACKGROUND}" stroke="{FRAME}"/>',
        f'<g transform="translate({MARGIN} {MARGIN})" fill="{FOREGROUND}" xml:space="preserve">',
        *parts,
        "</g>\n</svg>\n",
    ])  # fmt: skip


def _backgrounds(rows: list[list[Cell]]) -> Iterator[str]:
    for run in runs(rows, lambda cell: cell.look.background):
        color = run.cells[0].look.background
        if color != BACKGROUND:
            yield _rect(run.column * WIDTH, run.row * HEIGHT, len(run.cells) * WIDTH, HEIGHT, color)


def _blocks(rows: list[list[Cell]]) -> Iterator[str]:
    for run in runs(rows, lambda cell: (cell.text, cell.look.foreground)):
        if place := block(run.cells[0].text):
            x, y, width, height = place
            # Only full cells have neighbours that they touch at both sides.
            is_whole = width == WIDTH
            for column in range(1 if is_whole else len(run.cells)):
                yield _rect(
                    (run.column + column) * WIDTH + x,
                    run.row * HEIGHT + y,
                    width * len(run.cells) if is_whole else width,
                    height,
                    run.cells[0].look.foreground,
                )


def _strokes(rows: list[list[Cell]]) -> Iterator[str]:
    """Yield one path for all braille, and one for all lines, of each colour."""
    paths: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            for kind, draw in (("", dots), (' class="l"', lines)):
                if moves := draw(cell.text, column * WIDTH, row * HEIGHT):
                    paths[kind, cell.look.foreground].append(moves)
    for (kind, color), moves_of_all in paths.items():
        yield f'<path{kind} stroke="{color}" d="{"".join(moves_of_all)}"/>'


def _texts(rows: list[list[Cell]]) -> Iterator[str]:
    """Yield a group of all texts of each look."""
    groups: dict[str, list[str]] = defaultdict(list)
    for run in runs(rows, _writing):
        if not is_drawn(run.cells[0].text):
            groups[_attributes(run.cells[0].look)] += map(_text, _words(run))
    for attributes, texts in groups.items():
        if texts:
            yield f"<g{attributes}>{''.join(texts)}</g>"


def _writing(cell: Cell) -> tuple[object, ...]:
    """Return what cells in one text share; symbols stand alone, for they come from other fonts."""
    is_symbol = not cell.text or cell.text >= FIRST_SYMBOL
    return is_symbol, is_drawn(cell.text), cell.look._replace(background="")


def _words(run: Run) -> Iterator[Run]:
    """Yield what is between gaps of two spaces and more."""
    mask = "".join(
        " " if cell.text == " " and not cell.look.is_underlined else "x" for cell in run.cells
    )
    for word in re.finditer("x+(?: x+)*", mask):
        yield Run(run.column + word.start(), run.row, run.cells[word.start() : word.end()])


def _attributes(look: Look) -> str:
    is_set = {"b": look.is_bold, "i": look.is_italic, "u": look.is_underlined}
    names = " ".join(name for name, is_so in is_set.items() if is_so)
    color = "" if look.foreground == FOREGROUND else f' fill="{look.foreground}"'
    return color + (f' class="{names}"' if names else "")


def _text(run: Run) -> str:
    written = escape("".join(cell.text for cell in run.cells), quote=False)
    x, y = run.column * WIDTH, run.row * HEIGHT + BASELINE
    return f'<text x="{x}" y="{y}" textLength="{len(run.cells) * WIDTH}">{written}</text>'


def _rect(x: float, y: float, width: float, height: float, color: str) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{color}"/>'
