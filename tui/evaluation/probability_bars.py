"""Probability bars: a line per class with the probability that one model, or two, gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import line_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.text.styled_lines import Line

NAME_WIDTH, PERCENT_WIDTH, MARKS_WIDTH = 9, 8, 7
SHORTEST_BAR, LONGEST_BAR = 6, 40


def narrowest(num_models: int) -> int:
    """Return the cells that a line takes at least."""
    return NAME_WIDTH + num_models * (SHORTEST_BAR + PERCENT_WIDTH + 1) + MARKS_WIDTH


def widest(num_models: int) -> int:
    """Return the cells that a line takes at most."""
    return NAME_WIDTH + num_models * (LONGEST_BAR + PERCENT_WIDTH + 1) + MARKS_WIDTH


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
        true: The true class; None for an image of no class.
        width: Cells of a line.
        height: Lines; if fewer than C, the most probable classes and the true one are shown and
            the others counted.
    """
    room = (width - NAME_WIDTH - MARKS_WIDTH) // len(models) - PERCENT_WIDTH - 1
    bar = max(SHORTEST_BAR, min(room, LONGEST_BAR))
    size = len(classes)
    if size <= height:
        return [_bar_line(classes, models, number, true, bar) for number in range(size)]
    likely = sorted(range(size), key=lambda number: -max(model[number] for model in models))
    shown = likely[: max(1, height - 1)]
    if true is not None and true not in shown:
        shown[-1] = true
    rest = "  ".join(
        f"{formatting.percent(1 - sum(model[number] for number in shown))} %" for model in models
    )
    others = line_of((f"{size - len(shown)} others  {rest}", "muted"))
    return [*(_bar_line(classes, models, number, true, bar) for number in shown), others][:height]


def _bar_line(
    classes: Sequence[str],
    models: Sequence[Sequence[float]],
    number: int,
    true: int | None,
    width: int,
) -> Line:
    is_true = number == true
    runs = [(fit(printable(classes[number]), NAME_WIDTH), "bold" if is_true else "")]
    tone = "busy" if true is None else "good" if is_true else "bad"
    for model in models:
        share = float(model[number])
        is_predicted = share == max(model)
        bar = formatting.bar(share, width).replace(formatting.BAR_EMPTY, " ")
        percent = f"{formatting.percent(share):>{PERCENT_WIDTH - 2}} % "
        runs += [
            (bar, tone if is_predicted else "off"), (percent, "bold" if is_predicted else "")
        ]  # fmt: skip
    return line_of(*runs, ("◀ true" if is_true else "", "muted"))
