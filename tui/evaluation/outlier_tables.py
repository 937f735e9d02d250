"""Images of no digit as a table for files and as lines to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.evaluation.outlier_gallery import answers_text
from mnist_tui.tui.evaluation.scored_tables import COPIED_IMAGES
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import raw_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.evaluation.outlier_comparison import OutlierComparison
    from mnist_tui.tui.text.figures import Value
    from mnist_tui.tui.text.table import Table


def outlier_table(asked: OutlierComparison, places: Sequence[int]) -> Table:
    """Return a row per image: its name, its class, whether others agree, all probabilities."""
    own, names = asked.own, [printable(name) for name in asked.classes]
    rows: list[tuple[Value, ...]] = [
        (printable(own.test.names[place]), names[own.predicted[place]], float(own.greatest[place]),
         *_verdicts(asked, place), *map(float, own.answers.probabilities[place]))
        for place in places
    ]  # fmt: skip
    columns = (
        "image", "predicted", "probability", "same with dropout", "same with other seeds",
        *(f"p({name})" for name in names),
    )  # fmt: skip
    return raw_table("outliers", columns, rows)


def outlier_sentences(asked: OutlierComparison, places: Sequence[int]) -> list[str]:
    """Return a sentence per image, the first `COPIED_IMAGES`."""
    return [_sentence(asked, place) for place in places[:COPIED_IMAGES]]


def _sentence(asked: OutlierComparison, place: int) -> str:
    own = asked.own
    sure = formatting.percent(float(own.greatest[place]))
    said = f"{printable(own.test.names[place])}: {printable(asked.classes[own.predicted[place]])}"
    said += f" at {sure} %"
    for what, found in (("dropout", asked.over_passes), ("seeds", asked.over_seeds)):
        if found is not None:
            same = "same" if found[place].is_same else answers_text(asked, found[place])
            said += f", {what} {same}"
    return said


def _verdicts(asked: OutlierComparison, place: int) -> tuple[bool | None, bool | None]:
    passes, seeds = asked.over_passes, asked.over_seeds
    return (
        None if passes is None else passes[place].is_same,
        None if seeds is None else seeds[place].is_same,
    )
