"""Images that models have scored, and the selections of them that are worth looking at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    """Rows of the arrays of a `Scored`, in the order in which they are shown."""
    ReadPixels = Callable[[NDArray[np.int64]], NDArray[np.uint8] | None]
    """Returns (N, 28, 28) pixels for N numbers of images; None if they cannot be read."""


@dataclass(frozen=True, eq=False)
class Scored:
    """N images with the C probabilities that one model gave each."""

    classes: tuple[str, ...]
    """C names."""
    probabilities: NDArray[np.float32]
    """(N, C), each row sums to 1."""
    labels: NDArray[np.uint8]
    """(N,), the true classes."""
    images: NDArray[np.int64]
    """(N,), numbers of images in the dataset."""
    step: int
    epoch: float
    is_live: bool
    """True for the few images that are scored during training."""

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """The most probable class of each image, (N,)."""
        likeliest: NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return likeliest

    @cached_property
    def confidences(self) -> NDArray[np.float32]:
        """The probability of the predicted class, (N,)."""
        greatest: NDArray[np.float32] = self.probabilities.max(axis=1)
        return greatest

    @cached_property
    def is_right(self) -> NDArray[np.bool_]:
        """True where the prediction is the true class, (N,)."""
        return np.asarray(self.predicted == self.labels)

    @cached_property
    def confusion(self) -> tuple[tuple[int, ...], ...]:
        """C rows, the true classes, of C counts, the predicted ones."""
        size = len(self.classes)
        cells = self.labels.astype(np.int64) * size + self.predicted
        counts = np.bincount(cells, minlength=size * size).reshape(size, size)
        return tuple(map(tuple, counts.tolist()))

    def has_images_of(self, other: Scored) -> bool:
        """Return True if both scored the same images, in the same order."""
        return np.array_equal(self.images, other.images) and self.classes == other.classes


@dataclass(frozen=True)
class ScoredPair:
    """The scored images of one model, beside those of another if two are compared."""

    scored: Scored
    read_pixels: ReadPixels
    other: Scored | None = None
    """The same images, scored by the other session's model."""
    other_name: str = ""


def drawn_at_random(scored: Scored, seed: int, count: int, *, only_wrong: bool) -> Places:
    """Return `count` images drawn without repetition, or as many as there are."""
    return np.random.default_rng(seed).permutation(all_in_order(scored, only_wrong=only_wrong))[
        :count
    ]


def all_in_order(scored: Scored, *, only_wrong: bool) -> Places:
    """Return all images, or all mistakes, in the order in which they were scored."""
    return np.flatnonzero(~scored.is_right) if only_wrong else np.arange(len(scored.labels))


def wrong(scored: Scored) -> Places:
    """Return the mistakes, the most confident first."""
    return _surest_first(np.flatnonzero(~scored.is_right), scored.confidences)


def in_cell(scored: Scored, true: int, predicted: int) -> Places:
    """Return the images of one cell of the confusion matrix, the most confident first."""
    places = np.flatnonzero((scored.labels == true) & (scored.predicted == predicted))
    return _surest_first(places, scored.confidences)


def disagreements(scored: Scored, other: Scored) -> Places:
    """Return the images that two models classify differently, the most confident pair first."""
    differs = np.flatnonzero(scored.predicted != other.predicted)
    return _surest_first(differs, scored.confidences + other.confidences)


def moved(scored: Scored, other: Scored, true: int, predicted: int) -> Places:
    """Return the images that only one of two models puts into a cell, most confident first."""
    is_moved = (scored.predicted == predicted) != (other.predicted == predicted)
    places = np.flatnonzero(is_moved & (scored.labels == true))
    return _surest_first(places, scored.confidences + other.confidences)


def _surest_first(places: Places, sureness: NDArray[np.float32]) -> Places:
    return places[np.argsort(-sureness[places], kind="stable")]
