"""Confusion matrix as lines: a window of it, one chosen cell, and the scores of each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.tui.terminal.line_styles import heat_role
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import first_visible, line_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.training.analysis.class_scores import ClassScores
    from mnist_tui.tui.text.styled_lines import Line

NOTHING = "·"
HEADER_LINES, FOOTER_LINES = 2, 1
"""Lines above the rows, and the line of sums below."""
_LABEL_WIDTHS = (5, 8)
"""Cells that names of true classes take, at least and at most."""
_SCORE_WIDTH = 7
_WIDEST_CELL = 8


@dataclass(frozen=True)
class ConfusionView:
    """Counts, or differences of two counts, per true and predicted class."""

    classes: tuple[str, ...]
    counts: Sequence[Sequence[int]]
    """A row per true class."""
    scores: Sequence[ClassScores] = ()
    """Scores of each class; empty for differences."""
    is_difference: bool = False


class MatrixWindow(NamedTuple):
    """The visible part of the matrix."""

    first_row: int
    num_rows: int
    first_column: int
    num_columns: int


@dataclass(frozen=True)
class MatrixLayout:
    """Widths of the parts of a line."""

    label: int
    cell: int
    """Digits or letters of a cell, behind one blank or the frame of the chosen cell."""
    num_columns: int
    scores: int
    """Number of scores that fit beside the cells."""

    @property
    def width(self) -> int:
        """Cells of a line."""
        return self.label + self.num_columns * (self.cell + 1) + 1 + self.scores * _SCORE_WIDTH


_TITLES = ("recall", "prec", "F1", "images")


def layout_of(matrix: ConfusionView, width: int) -> MatrixLayout:
    """Return the layout of a matrix in `width` cells, with full names if they fit."""
    size = len(matrix.classes)
    names = max(map(len, matrix.classes))
    label = max(_LABEL_WIDTHS[0], min(_LABEL_WIDTHS[1], names)) + 1
    digits = max(len(_number(matrix, count)) for row in matrix.counts for count in row)
    num_scores = len(_TITLES) if matrix.scores else 0
    least = max(3, digits)
    for scores in range(num_scores, -1, -1):
        room = width - label - 1 - scores * _SCORE_WIDTH
        if size * (least + 1) <= room:
            cell = min(max(least, min(names, _WIDEST_CELL)), room // size - 1)
            return MatrixLayout(label, cell, size, scores)
    # Not all columns fit: the scores beside them matter more than a column or two.
    scores = min(num_scores, 3)
    room = width - label - 1 - scores * _SCORE_WIDTH
    return MatrixLayout(label, least, max(1, room // (least + 1)), scores)


def window_of(
    matrix: ConfusionView,
    layout: MatrixLayout,
    height: int,
    cell: tuple[int, int],
    corner: tuple[int, int],
) -> MatrixWindow:
    """Return the window that shows `cell`, moved as little as possible.

    Args:
        matrix: The matrix.
        layout: Its layout.
        height: Lines, including header and footer.
        cell: The chosen true and predicted class.
        corner: The first visible row and column before.
    """
    size = len(matrix.classes)
    num_rows = max(1, min(size, height - HEADER_LINES - FOOTER_LINES))
    return MatrixWindow(
        first_visible(corner[0], cell[0], num_rows, size), num_rows,
        first_visible(corner[1], cell[1], layout.num_columns, size), layout.num_columns,
    )  # fmt: skip


def matrix_lines(
    matrix: ConfusionView, layout: MatrixLayout, window: MatrixWindow, cell: tuple[int, int]
) -> list[Line]:
    """Return the header, the visible rows and the sums of the columns."""
    rows = range(window.first_row, window.first_row + window.num_rows)
    columns = range(window.first_column, window.first_column + window.num_columns)
    return [
        _predicted_line(matrix, layout, window),
        _names_line(matrix, layout, columns, cell[1]),
        *(_row_line(matrix, layout, row, columns, cell) for row in rows),
        _sums_line(matrix, layout, columns),
    ]


def largest_cells(counts: Sequence[Sequence[int]], num: int) -> list[tuple[int, int]]:
    """Return the cells off the diagonal with the largest absolute counts: (true, predicted)."""
    size = range(len(counts))
    cells = [(true, predicted) for true in size for predicted in size if true != predicted]
    return sorted(cells, key=lambda cell: -abs(counts[cell[0]][cell[1]]))[:num]


def _predicted_line(matrix: ConfusionView, layout: MatrixLayout, window: MatrixWindow) -> Line:
    text = "predicted"
    size = len(matrix.classes)
    if window.num_columns < size:
        last = window.first_column + window.num_columns
        text += f"  {window.first_column + 1}–{last} of {size}{' ›' if last < size else ''}"
    if window.num_rows < size:
        last = window.first_row + window.num_rows
        text += f"   rows {window.first_row + 1}–{last} of {size}"
    return line_of((" " * (layout.label + 1) + text, "muted"))


def _names_line(matrix: ConfusionView, layout: MatrixLayout, columns: range, chosen: int) -> Line:
    runs = [(fit("true", layout.label), "muted")]
    for column in columns:
        name = printable(matrix.classes[column])[: layout.cell]
        runs.append((f" {name:>{layout.cell}}", "bold accent" if column == chosen else "muted"))
    scores = "".join(f"{title:>{_SCORE_WIDTH}}" for title in _TITLES[: layout.scores])
    return line_of(*runs, (f" {scores}", "muted"))


def _row_line(
    matrix: ConfusionView, layout: MatrixLayout, row: int, columns: range, cell: tuple[int, int]
) -> Line:
    name = fit(printable(matrix.classes[row]), layout.label - 1) + " "
    runs = [(name, "bold accent" if row == cell[0] else "")]
    hottest = _hottest(matrix)
    for column in columns:
        count = matrix.counts[row][column]
        text = f"{_number(matrix, count):>{layout.cell}}"
        if (row, column) == cell:
            runs += [("▐", "bold accent"), (text, "bold chosen")]
            continue
        frame = "▌" if (row, column - 1) == cell and column > columns.start else " "
        runs += [(frame, "bold accent"), (text, _role(matrix, row, column, hottest) or "off")]
    is_last = (row, columns.stop - 1) == cell
    runs.append(("▌" if is_last else " ", "bold accent"))
    if layout.scores:
        runs.append((_scores_text(matrix.scores[row], layout.scores), ""))
    return line_of(*runs)


def _sums_line(matrix: ConfusionView, layout: MatrixLayout, columns: range) -> Line:
    sums = [sum(row[column] for row in matrix.counts) for column in columns]
    texts = (f" {_short(_number(matrix, count), layout.cell):>{layout.cell}}" for count in sums)
    return line_of((fit("sum", layout.label) + "".join(texts), "muted"))


def _role(matrix: ConfusionView, row: int, column: int, hottest: int) -> str:
    count = matrix.counts[row][column]
    if matrix.is_difference:
        is_better = (count > 0) == (row == column)
        return heat_role("right" if is_better else "wrong", abs(count) / hottest)
    if row == column:
        return heat_role("right", (matrix.scores[row].recall or 0) ** 4 / 2)
    return heat_role("wrong", count / hottest)


def _hottest(matrix: ConfusionView) -> int:
    """Return the largest count, of mistakes or of differences, which has the full colour."""
    counts = (
        abs(count)
        for row, row_counts in enumerate(matrix.counts)
        for column, count in enumerate(row_counts)
        if matrix.is_difference or row != column
    )
    return max(counts, default=0) or 1


def _number(matrix: ConfusionView, count: int) -> str:
    if not count:
        return NOTHING
    return f"{count:+d}".replace("-", "−") if matrix.is_difference else str(count)


def _short(number: str, width: int) -> str:
    """Return a sum, in thousands if it is wider than the cells above it."""
    return number if len(number) <= width else f"{number[:-3]}k"


def _scores_text(scores: ClassScores, count: int) -> str:
    shown = (
        formatting.percent(scores.recall), formatting.percent(scores.precision),
        formatting.percent(scores.f1), f"{scores.support:,}",
    )  # fmt: skip
    return "".join(f"{text:>{_SCORE_WIDTH}}" for text in shown[:count])
