"""Precision, recall and F1 of each class, from the confusion matrix alone; no numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class ClassScores(NamedTuple):
    """Scores of one class against the others; None for a division by zero."""

    precision: float | None
    """Share of the images predicted as this class that are of it; None without such images."""
    recall: float | None
    """Share of the images of this class that were predicted as it; None without such images."""
    f1: float | None
    """Harmonic mean of both; None if the class neither occurs nor is predicted."""
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
