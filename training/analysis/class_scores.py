"""Precision, recall and F1 of each class, from the confusion matrix alone; no numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class ClassScores(NamedTuple):
    """How well one class is told from the others; None where there is nothing to divide by."""

    precision: float | None
    """Share of the images predicted as this class that are of it; None where none was."""
    recall: float | None
    """Share of the images of this class that were predicted as it; None where there are none."""
    f1: float | None
    """Harmonic mean of both; None where the class was neither there nor predicted."""
    support: int
    """Images of this class."""


def class_scores(confusion: Sequence[Sequence[int]]) -> list[ClassScores]:
    """Return the scores of each class, equal to scikit-learn's `precision_recall_fscore_support`.

    Args:
        confusion: C rows, the true classes, of C counts, the predicted ones.
    """
    scores = []
    for number, row in enumerate(confusion):
        num_right, support = row[number], sum(row)
        num_predicted = sum(other[number] for other in confusion)
        scores.append(
            ClassScores(
                precision=_share(num_right, num_predicted),
                recall=_share(num_right, support),
                f1=_share(2 * num_right, num_predicted + support),
                support=support,
            )
        )
    return scores


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
