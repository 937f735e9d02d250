"""Page of the confusion matrix: the matrix, its chosen cell in words, and images of that cell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len

from mnist_tui.training.analysis.class_scores import class_scores
from mnist_tui.tui.evaluation.confusion_matrix import (
    FOOTER_LINES,
    HEADER_LINES,
    ConfusionView,
    largest_cells,
    layout_of,
    matrix_lines,
    window_of,
)
from mnist_tui.tui.evaluation.gallery import columns_in, rows_in
from mnist_tui.tui.evaluation.page_state import DrawnPage, PageKind, headlines
from mnist_tui.tui.evaluation.scored_gallery import (
    disagreement_table,
    score_sentence,
    scored_gallery,
)
from mnist_tui.tui.evaluation.scored_images import disagreements
from mnist_tui.tui.keys.key_rules import find
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY, beside, line_of, text_of
from mnist_tui.tui.text.table import raw_table

if TYPE_CHECKING:
    from mnist_tui.tui.evaluation.page_state import Hint, PageArea, PageState
    from mnist_tui.tui.evaluation.scored_images import ScoredPair
    from mnist_tui.tui.text.figures import Value
    from mnist_tui.tui.text.styled_lines import Line
    from mnist_tui.tui.text.table import Table

MOST_NAMED = 10
"""Cells of a matrix that are named in words."""
GAP = 2
LEAST_BESIDE = 2
"""Images next to each other from which on a column beside the matrix is worth it."""
_WORDS_BELOW = 3
"""Lines below a matrix: a blank, the meaning of the chosen cell, and the largest cells."""
_PLAIN_WIDTH = 10_000
"""Cells in which every column of a matrix fits."""


def matrix_page(pair: ScoredPair, state: PageState, area: PageArea, trouble: str) -> DrawnPage:
    """Return the matrix with the chosen cell in sight, and its images beside it if they fit.

    Args:
        pair: The scored images; with another model, the difference of two matrices is drawn.
        state: The chosen cell, and the corner in sight before.
        area: The space there is.
        trouble: A sentence to be read first, empty for none.
    """
    matrix = _matrix(pair)
    last = len(matrix.classes) - 1
    true, predicted = state.cell or next(iter(largest_cells(matrix.counts, 1)), (0, 0))
    cell = min(true, last), min(predicted, last)
    title = _title(pair)
    above = headlines(title, _hints(pair), trouble, area.width)
    layout = layout_of(matrix, area.width)
    height = area.height - len(above)
    window = window_of(matrix, layout, height - _WORDS_BELOW, cell, state.corner)
    state = replace(state, cell=cell, corner=(window.first_row, window.first_column))
    columns = columns_in(area.width - layout.width - GAP)
    has_images = columns >= LEAST_BESIDE
    shown = [
        *matrix_lines(matrix, layout, window, cell),
        EMPTY,
        _cell_words(pair, *cell),
        _largest_words(matrix, layout.width if has_images else area.width),
    ]
    if has_images:
        images = _cell_images(pair, state, area._replace(height=height), columns)
        shown = beside(shown, images, layout.width + GAP)

    def text() -> str:
        everything = layout_of(matrix, _PLAIN_WIDTH)
        lines = HEADER_LINES + FOOTER_LINES + last + 1
        window = window_of(matrix, everything, lines, (0, 0), (0, 0))
        return f"{title}\n{text_of(matrix_lines(matrix, everything, window, (-1, -1)))}"

    return DrawnPage([*above, *shown], state, text=text, tables=lambda: _tables(pair, matrix))


def signed(number: int) -> str:
    """Return a difference with its sign."""
    return f"{number:+,d}".replace("-", "−")


def _matrix(pair: ScoredPair) -> ConfusionView:
    counts = pair.scored.confusion
    if pair.other is None:
        return ConfusionView(pair.scored.classes, counts, class_scores(counts))
    rows = zip(counts, pair.other.confusion, strict=True)
    differences = [[mine - others for mine, others in zip(*row, strict=True)] for row in rows]
    return ConfusionView(pair.scored.classes, differences, is_difference=True)


def _title(pair: ScoredPair) -> str:
    """Return the score of the model, or the difference to that of the other model."""
    if pair.other is None:
        return score_sentence(pair.scored)
    mine, others = (int(scored.is_right.sum()) for scored in (pair.scored, pair.other))
    return f"{mine:,} right here − {others:,} in {pair.other_name} = {signed(mine - others)}"


def _hints(pair: ScoredPair) -> list[Hint]:
    words = ("images", "all wrong", "difference")
    if pair.other is not None:
        words = ("images", "all that differ", "no difference")
    names = ("inspect", "show_only", "difference")
    return [(find(name).key, word) for name, word in zip(names, words, strict=True)]


def _cell_words(pair: ScoredPair, true: int, predicted: int) -> Line:
    """Return the meaning of one cell of the matrix."""
    scored = pair.scored
    count = scored.confusion[true][predicted]
    names = (printable(scored.classes[true]), printable(scored.classes[predicted]))
    subject = f"true {names[0]}, taken for {names[1]}: "
    if pair.other is not None:
        theirs = pair.other.confusion[true][predicted]
        change = signed(count - theirs) if count != theirs else "no difference"
        both = f"{count:,} here, {theirs:,} in {pair.other_name}"
        return line_of(subject, (both, "bold"), f", {change}")
    support = sum(scored.confusion[true])
    is_right = true == predicted
    if is_right:
        subject = f"true {names[0]}, recognised: "
    tone = "good" if is_right else "bad" if count else "muted"
    share = f", {formatting.percent(count / support)} % of them" if support else ""
    return line_of(subject, (formatting.count_of(count, "image"), tone), share)


def _largest_words(matrix: ConfusionView, width: int) -> Line:
    """Return as many of the cells with most mistakes, or largest differences, as fit."""
    label = "most differences" if matrix.is_difference else "most"
    runs, room = [(label, "muted")], width - cell_len(label)
    for true, predicted in largest_cells(matrix.counts, MOST_NAMED):
        count = matrix.counts[true][predicted]
        pair = f"  {printable(matrix.classes[true])}→{printable(matrix.classes[predicted])} "
        number = signed(count) if matrix.is_difference else f"{count:,}"
        room -= cell_len(pair) + cell_len(number)
        if room < 0 or not count:
            break
        runs += [(pair, ""), (number, "bold")]
    return line_of(*runs) if len(runs) > 1 else EMPTY


def _cell_images(pair: ScoredPair, state: PageState, area: PageArea, columns: int) -> list[Line]:
    """Return images of the chosen cell, as many as fit beside the matrix."""
    gallery = scored_gallery(pair, replace(state, kind=PageKind.CELL))
    count = columns * rows_in(area.height - 1)
    lines = gallery.tiles(0, count, area.ink, columns, -1)
    if len(gallery.places) > count:
        more = f" {find('inspect').key} shows {len(gallery.places) - count:,} more"
        lines.append(line_of((more, "muted")))
    return lines


def _tables(pair: ScoredPair, matrix: ConfusionView) -> list[Table]:
    """Return a row per true class, and the scores of each class, or all disagreements."""
    names = [printable(name) for name in matrix.classes]
    rows: list[tuple[Value, ...]] = [
        (name, *counts) for name, counts in zip(names, matrix.counts, strict=True)
    ]
    title = "confusion difference" if matrix.is_difference else "confusion"
    counts = raw_table(title, ("true", *(f"predicted {name}" for name in names)), rows)
    if pair.other is not None:
        places = disagreements(pair.scored, pair.other)
        return [counts, disagreement_table(pair.scored, pair.other, pair.other_name, places)]
    scores: list[tuple[Value, ...]] = [
        (name, score.support, score.recall, score.precision, score.f1)
        for name, score in zip(names, matrix.scores, strict=True)
    ]
    columns = ("class", "images", "recall", "precision", "f1")
    return [counts, raw_table("classes", columns, scores)]
