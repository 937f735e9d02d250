"""Outlier tests that look like those of a real model, for tests and views."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from mnist_tui.storage.results.outlier_tests import LOGITS, OutlierAnswers, OutlierTest
from tests.storage.samples import TIME

NAMES = ("A", "E", "?")
CLASSES = (8, 0, 8)
"""What is answered to the three images."""


def probabilities_of(*classes: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return (N, 10) probabilities: 0.55 for the given class of each image, 0.05 for others."""
    probabilities = np.full((len(classes), 10), 0.05, np.float32)
    probabilities[np.arange(len(classes)), classes] = 0.55
    return probabilities


def small_answers(*classes: int, has_passes: bool = True) -> OutlierAnswers:
    """Answers to three images; with dropout active the second one is not always the same."""
    made = probabilities_of(*(classes or CLASSES))
    other = probabilities_of(8, 2, 8)
    passes = np.stack([made, other, made]) if has_passes else np.empty((0, 3, 10), np.float32)
    images = (np.arange(3 * 784) % 256).astype(np.uint8).reshape(3, 28, 28)
    return OutlierAnswers(made, passes, images)


def small_test(**changes: Any) -> OutlierTest:
    """The manifest of these answers."""
    test = OutlierTest(
        step=1234,
        epoch=2.0,
        generation=1,
        source="3 signs that the program draws",
        source_key="signs",
        dataset="digits",
        names=NAMES,
        num_passes=3,
        scores=LOGITS,
        num_known=297,
        auroc_softmax=0.91239,
        auroc_energy=0.95,
        created_at=TIME,
    )
    return msgspec.structs.replace(test, **changes)
