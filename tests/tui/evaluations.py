"""Predictions for tests: scored in memory, or stored in a session's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.storage.results.evaluations import Evaluation, Predictions, write_evaluation
from mnist_tui.storage.results.fixed_images import FixedImageAnswers, write_fixed_images
from mnist_tui.tui.evaluation.page_drawer import draw_scored
from mnist_tui.tui.evaluation.page_state import PageArea
from mnist_tui.tui.evaluation.scored_images import Scored, ScoredPair
from mnist_tui.tui.terminal.image_half_blocks import Ink

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mnist_tui.tui.evaluation.page_state import DrawnPage, PageState
    from mnist_tui.tui.evaluation.scored_images import ReadPixels

DIGITS = tuple("0123456789")


def scored_of(
    *triples: tuple[int, int, float],
    classes: tuple[str, ...] = DIGITS,
    first_image: int = 0,
    is_live: bool = False,
) -> Scored:
    """Return images of (true class, predicted class, confidence), numbered from `first_image`."""
    answers = answers_of(triples, len(classes), first_image)
    return Scored(
        classes, answers.probabilities, answers.labels, answers.images, 60, 3.0, is_live=is_live
    )


def answers_of(
    triples: Sequence[tuple[int, int, float]], num_classes: int = 10, first_image: int = 0
) -> Predictions:
    """Return probabilities with the given confidence in the predicted class."""
    probabilities = np.zeros((len(triples), num_classes), np.float32)
    for row, (_, predicted, confidence) in enumerate(triples):
        probabilities[row] = (1 - confidence) / (num_classes - 1)
        probabilities[row, predicted] = confidence
    labels = np.array([true for true, _, _ in triples], np.uint8)
    return Predictions(probabilities, labels, np.arange(len(triples)) + first_image)


def store(
    folder: Path, triples: Sequence[tuple[int, int, float]], *, step: int = 60, first_image: int = 0
) -> None:
    """Store an evaluation of digits as the program does."""
    answers = answers_of(triples, first_image=first_image)
    confusion = scored_of(*triples).confusion
    write_evaluation(
        folder,
        Evaluation(
            step=step, epoch=3.0, split="test", dataset="digits", num_images=len(triples),
            sha256="", loss=0.5, accuracy=0.5, mse=0.1, ece=0.1, confusion=confusion, test_s=0.1,
            weights_bytes=4, num_parameters=1, reason="final",
            created_at="2026-01-01T00:00:00.000Z",
        ),
        answers,
    )  # fmt: skip


def store_samples(
    folder: Path, triples: Sequence[tuple[int, int, float]], *, step: int, epoch: float
) -> None:
    """Store what a model answered while it was trained."""
    answers = answers_of(triples)
    write_fixed_images(
        folder,
        FixedImageAnswers(step, epoch, answers.probabilities, answers.labels, answers.images),
    )


def pictures(images: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return a white image per number."""
    return np.full((len(images), 28, 28), 255, np.uint8)


def drawn_page(
    state: PageState,
    scored: Scored,
    width: int = 79,
    height: int = 20,
    *,
    ink: Ink = Ink.SHADES,
    other: Scored | None = None,
    read_pixels: ReadPixels = pictures,
    trouble: str = "",
) -> DrawnPage:
    """Return a page of scored images, by default in a terminal of 80×24."""
    pair = ScoredPair(scored, read_pixels, other, "#7" if other else "")
    return draw_scored(pair, state, PageArea(width, height, ink), trouble)
