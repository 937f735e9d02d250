"""The probabilities of one image as bars, of one model or of two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import line_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.text.styled_lines import Line

NAME_WIDTH = 9
PERCENT_WIDTH = 8
MARKS_WIDTH = 7
SHORTEST_BAR, LONGEST_BAR = 6, 40


def narrowest(num_models: int) -> int:
    """Return the cells that a line takes at least."""
    return NAME_WIDTH + num_models * (SHORTEST_BAR + PERCENT_WIDTH + 1) + MARKS_WIDTH


def widest(num_models: int) -> int:
    """Return the cells that a line takes at most."""
    return NAME_WIDTH + num_models * (LONGEST_BAR + PERCENT_WIDTH + 1) + MARKS_WIDTH


def bars_width(width: int, num_models: int) -> int:
    """Return how long each bar is in `width` cells."""
    room = (width - NAME_WIDTH - MARKS_WIDTH) // num_models - PERCENT_WIDTH - 1
    return max(SHORTEST_BAR, min(room, LONGEST_BAR))


def bar_lines(
    classes: Sequence[str],
    models: Sequence[Sequence[float]],
    true: int | None,
    width: int,
    height: int,
) -> list[Line]:
    """Return a line per class: its name and, for each model, a bar and per cent.

    Args:
        classes: C names.
        models: The C probabilities of one model, or of two.
        true: The true class; None where there is none.
        width: Cells there are.
        height: Lines there are; where that is less than C, the most probable classes and the true
            one are shown, and the others are counted.
    """
    bar = bars_width(width, len(models))
    size = len(classes)
    likely = sorted(range(size), key=lambda each: -max(model[each] for model in models))
    if size <= height:
        return [_bar_line(classes, models, each, true, bar) for each in range(size)]
    shown = likely[: max(1, height - 1)]
    if true is not None and true not in shown:
        shown[-1] = true
    rest = "  ".join(
        f"{formatting.percent(1 - sum(model[each] for each in shown))} %" for model in models
    )
    others = line_of((f"{size - len(shown)} others  {rest}", "muted"))
    return [*(_bar_line(classes, models, each, true, bar) for each in shown), others][:height]


def _bar_line(
    classes: Sequence[str],
    models: Sequence[Sequence[float]],
    each: int,
    true: int | None,
    width: int,
) -> Line:
    runs = [(fit(printable(classes[each]), NAME_WIDTH), "bold" if each == true else "")]
    for model in models:
        share = float(model[each])
        is_predicted = share == max(model)
        tone = _tone(each, true) if is_predicted else "off"
        runs += [
            (formatting.bar(share, width).replace(formatting.BAR_EMPTY, " "), tone),
            (
                f"{formatting.percent(share):>{PERCENT_WIDTH - 2}} % ",
                "bold" if is_predicted else "",
            ),
        ]
    return line_of(*runs, ("◀ true" if each == true else "", "muted"))


def _tone(predicted: int, true: int | None) -> str:
    if true is None:
        return "busy"
    return "good" if predicted == true else "bad"
