"""Scored images as tables for files and as lines to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import raw_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.evaluation.confusion_matrix import ConfusionView
    from mnist_tui.tui.evaluation.scored_images import Places, Scored
    from mnist_tui.tui.text.figures import Value
    from mnist_tui.tui.text.table import Table

COPIED_IMAGES = 400
"""Lines that are copied: about as much as terminals take."""


def image_table(title: str, scored: Scored, places: Places) -> Table:
    """Return a row per image: its number, both classes and all probabilities."""
    names = [printable(name) for name in scored.classes]
    rows: list[tuple[Value, ...]] = [
        (int(scored.images[place]), names[int(scored.labels[place])],
         names[int(scored.predicted[place])], bool(scored.is_right[place]),
         *map(float, scored.probabilities[place]))
        for place in places.tolist()
    ]  # fmt: skip
    columns = ("image", "true", "predicted", "is right", *(f"p({name})" for name in names))
    return raw_table(title, columns, rows)


def disagreement_table(scored: Scored, other: Scored, other_name: str, places: Places) -> Table:
    """Return a row per image that two models give different classes."""
    names = [printable(name) for name in scored.classes]
    rows: list[tuple[Value, ...]] = [
        (int(scored.images[place]), names[int(scored.labels[place])],
         names[int(scored.predicted[place])], float(scored.confidences[place]),
         names[int(other.predicted[place])], float(other.confidences[place]))
        for place in places.tolist()
    ]  # fmt: skip
    columns = (
        "image", "true", "predicted here", "confidence here", f"predicted by {other_name}",
        f"confidence of {other_name}",
    )  # fmt: skip
    return raw_table("disagreements", columns, rows)


def matrix_table(matrix: ConfusionView) -> Table:
    """Return a row per true class with a count, or a difference, per predicted class."""
    names = [printable(name) for name in matrix.classes]
    rows: list[tuple[Value, ...]] = [
        (name, *counts) for name, counts in zip(names, matrix.counts, strict=True)
    ]
    title = "confusion difference" if matrix.is_difference else "confusion"
    return raw_table(title, ("true", *(f"predicted {name}" for name in names)), rows)


def score_table(matrix: ConfusionView) -> Table:
    """Return a row per class: how many images, recall, precision and F1."""
    rows = [
        (printable(name), each.support, each.recall, each.precision, each.f1)
        for name, each in zip(matrix.classes, matrix.scores, strict=True)
    ]
    return raw_table("classes", ("class", "images", "recall", "precision", "f1"), list(rows))


def image_sentences(
    scored: Scored, places: Places, other: Scored | None = None, other_name: str = ""
) -> list[str]:
    """Return a sentence per image, the first `COPIED_IMAGES`."""
    return [
        f"image #{scored.images[place]}: true {_name(scored, scored.labels[place])},"
        + ", ".join(_said(*each, place) for each in _models(scored, other, other_name))
        for place in places[:COPIED_IMAGES].tolist()
    ]


def _models(scored: Scored, other: Scored | None, other_name: str) -> Sequence[tuple[str, Scored]]:
    if other is None:
        return [(" predicted", scored)]
    return [(" here", scored), (other_name, other)]


def _said(who: str, scored: Scored, place: int) -> str:
    verdict = "right" if scored.is_right[place] else "wrong"
    sure = formatting.percent(float(scored.confidences[place]))
    return f"{who} {_name(scored, scored.predicted[place])} at {sure} %, {verdict}"


def _name(scored: Scored, label: int) -> str:
    return printable(scored.classes[int(label)])
