"""What a page of scored images says: its title, its keys, and the chosen cell in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from mnist_tui.tui.evaluation.confusion_matrix import largest_cells
from mnist_tui.tui.evaluation.page_state import PageKind
from mnist_tui.tui.keys.key_rules import find
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY, line_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.evaluation.confusion_matrix import ConfusionView
    from mnist_tui.tui.evaluation.page_input import PageInput
    from mnist_tui.tui.evaluation.page_state import PageState
    from mnist_tui.tui.evaluation.scored_images import Scored
    from mnist_tui.tui.text.styled_lines import Line

MOST_NAMED = 10
"""Cells of a matrix that are named in words."""
Hint = tuple[str, str]
"""A key and what it does, in a word or two."""


def gallery_title(look: PageState, sight: PageInput, num_images: int) -> str:
    """Return what the images in sight are."""
    count = formatting.count_of(num_images, "image")
    if look.scene is PageKind.CELL and look.cell is not None:
        true, predicted = (printable(sight.scored.classes[each]) for each in look.cell)
        by = ", most confident first" if sight.other is None else ", by one of the two alone"
        return f"true {true}, taken for {predicted}{by}: {count}"
    if look.scene is PageKind.ALL and sight.other is not None:
        return f"here and {sight.other_name} disagree, surest first: {count}"
    if look.scene is PageKind.ALL:
        return f"taken for something else, most confident first: {count}"
    return score_sentence(sight.scored) + ("  wrong ones only" if look.only_wrong else "")


def matrix_title(sight: PageInput) -> str:
    """Return how well the model does, or how much better than another."""
    if sight.other is None:
        return score_sentence(sight.scored)
    mine, others = (int(each.is_right.sum()) for each in (sight.scored, sight.other))
    return f"{mine:,} right here − {others:,} in {sight.other_name} = {signed(mine - others)}"


def score_sentence(scored: Scored) -> str:
    """Return how many images were recognised, and by which state of the model."""
    num_right, total = int(scored.is_right.sum()), len(scored.labels)
    when = f"epoch {scored.epoch:.4g}"
    if scored.is_live:
        return f"live, {when}: {num_right} of {total} right"
    return f"{when}: {formatting.percent(num_right / total)} % of {total:,} right"


def cell_words(sight: PageInput, true: int, predicted: int) -> Line:
    """Return what one cell of the matrix means."""
    count = sight.scored.confusion[true][predicted]
    names = (printable(sight.scored.classes[true]), printable(sight.scored.classes[predicted]))
    said = f"true {names[0]}, taken for {names[1]}: "
    if sight.other is not None:
        theirs = sight.other.confusion[true][predicted]
        change = signed(count - theirs) if count != theirs else "no difference"
        both = f"{count:,} here, {theirs:,} in {sight.other_name}"
        return line_of(said, (both, "bold"), f", {change}")
    support = sum(sight.scored.confusion[true])
    is_right = true == predicted
    if is_right:
        said = f"true {names[0]}, recognised: "
    tone = "good" if is_right else "bad" if count else "muted"
    share = f", {formatting.percent(count / support)} % of them" if support else ""
    return line_of(said, (formatting.count_of(count, "image"), tone), share)


def largest_words(matrix: ConfusionView, width: int) -> Line:
    """Return the cells to look at first, as many as fit: most mistakes, or largest differences."""
    runs: list[tuple[str, str]] = [
        ("most differences" if matrix.is_difference else "most", "muted")
    ]
    room = width - cell_len(runs[0][0])
    for true, predicted in largest_cells(matrix.counts, MOST_NAMED):
        count = matrix.counts[true][predicted]
        pair = f"  {printable(matrix.classes[true])}→{printable(matrix.classes[predicted])} "
        number = signed(count) if matrix.is_difference else f"{count:,}"
        room -= cell_len(pair) + cell_len(number)
        if room < 0 or not count:
            break
        runs += [(pair, ""), (number, "bold")]
    return line_of(*runs) if len(runs) > 1 else EMPTY


def nothing(look: PageState, sight: PageInput) -> str:
    """Return why there is no image in sight."""
    if look.scene is PageKind.PREDICTIONS:
        return f"None of these is taken for something else; {find('show_only').key} shows all."
    if look.scene is PageKind.CELL:
        return "There is no image in this cell; escape goes back to the matrix."
    if sight.other is None:
        return "No image is taken for something else."
    return "The two models give every image the same class."


def signed(number: int) -> str:
    """Return a difference with its sign."""
    return f"{number:+,d}".replace("-", "−")


def hints_of(look: PageState, sight: PageInput) -> list[Hint]:
    """Return the keys that show something else."""
    match look.scene:
        case PageKind.MATRIX:
            words = ("images", "all wrong", "difference")
            if sight.other is not None:
                words = ("images", "all that differ", "no difference")
            names = ("inspect", "show_only", "difference")
            return [(find(name).key, word) for name, word in zip(names, words, strict=True)]
        case PageKind.PREDICTIONS:
            only = (find("show_only").key, "all" if look.only_wrong else "only wrong")
            others = (find("draw_others").key, "others")
            return [only] if sight.scored.is_live else [others, only]
        case _:
            return [("esc", "matrix")]


def headline(said: str, hints: Sequence[Hint], width: int) -> Line:
    """Return a title with as many keys at the end of its line as fit."""
    shown = list(hints)
    while shown and cell_len(said) + 2 + _width(shown) > width:
        shown.pop()
    blank = " " * max(0, width - cell_len(said) - _width(shown))
    keys = [
        run for key, word in shown for run in ((f"  {key}", "bold accent"), (f" {word}", "muted"))
    ]
    return line_of((said, "title"), blank, *keys)


def _width(hints: Sequence[Hint]) -> int:
    return sum(cell_len(f"  {key} {word}") for key, word in hints)
