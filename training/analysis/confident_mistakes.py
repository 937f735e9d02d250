"""Which images a model took for something else, the most confident first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mnist_tui.storage.results.evaluations import Predictions

MAX_MISTAKES = 24
"""As many as a report shows of one session."""


class Mistake(NamedTuple):
    """One image that was taken for something else."""

    image: int
    """Its number in the dataset's files: training images first."""
    true: int
    predicted: int
    confidence: float
    """The probability of the predicted class, 0..1."""
    true_probability: float
    """The probability of the true class, 0..1."""


def surest_mistakes(predictions: Predictions, most: int = MAX_MISTAKES) -> tuple[Mistake, ...]:
    """Return at most `most` mistakes, by falling confidence; equal ones by the image's number."""
    probabilities, labels = predictions.probabilities, predictions.labels
    predicted = probabilities.argmax(axis=1)
    places = (predicted != labels).nonzero()[0].tolist()
    found = [
        Mistake(
            image=int(predictions.images[place]),
            true=int(labels[place]),
            predicted=int(predicted[place]),
            confidence=_finite(float(probabilities[place, predicted[place]])),
            true_probability=_finite(float(probabilities[place, labels[place]])),
        )
        for place in places
    ]
    return tuple(sorted(found, key=lambda each: (-each.confidence, each.image))[:most])


def _finite(probability: float) -> float:
    """Return a probability, 0 for that of a model whose weights are no numbers any more."""
    return probability if math.isfinite(probability) else 0.0
