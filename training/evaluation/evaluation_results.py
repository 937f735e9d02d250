"""Stored results of a scored test set: the answers to every image, and figures made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from mnist_tui.storage.records import utc_now
from mnist_tui.storage.results.evaluations import Evaluation, Predictions
from mnist_tui.storage.results.fixed_images import NUM_SAMPLES, FixedImageAnswers
from mnist_tui.training.engine.scores import finite, predict_logits, to_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mnist_tui.training.engine.scores import Scores
    from mnist_tui.training.engine.training_state import TrainingState

NUM_BINS = 15
"""Of the expected calibration error."""


def build_evaluation(
    run: TrainingState,
    scores: Scores,
    probabilities: NDArray[np.float32],
    *,
    test_s: float,
    reason: str,
    generation: int,
) -> tuple[Evaluation, Predictions]:
    """Return the evaluation of the test set with the current weights of `run`.

    Args:
        run: A training with the weights that were scored.
        scores: Scores of the test set.
        probabilities: (N, C), the answers to its N images.
        test_s: Seconds that scoring took.
        reason: final or requested.
        generation: The worker that made the weights.
    """
    labels = run.data.test.labels.cpu().numpy().astype(np.uint8)
    tensors = run.model.state_dict().values()
    evaluation = Evaluation(
        step=run.position.step,
        epoch=run.epoch,
        split="test",
        dataset=run.parameters.dataset,
        num_images=len(labels),
        sha256="",
        loss=scores.loss,
        accuracy=scores.accuracy,
        mse=scores.mse,
        ece=finite(calibration_error(probabilities, labels)),
        confusion=count_confusion(probabilities, labels),
        test_s=test_s,
        weights_bytes=sum(tensor.nbytes for tensor in tensors),
        num_parameters=run.num_parameters,
        reason=reason,
        created_at=utc_now(),
        generation=generation,
    )
    return evaluation, Predictions(probabilities, labels, run.data.test_indices)


def count_confusion(
    probabilities: NDArray[np.float32], labels: NDArray[np.uint8]
) -> tuple[tuple[int, ...], ...]:
    """Return the confusion matrix: C rows of true classes with C counts of predicted ones."""
    num_classes = probabilities.shape[1]
    cells = labels.astype(np.int64) * num_classes + probabilities.argmax(axis=1)
    counts = np.bincount(cells, minlength=num_classes**2).reshape(num_classes, num_classes)
    return tuple(map(tuple, counts.tolist()))


def calibration_error(
    probabilities: NDArray[np.float32], labels: NDArray[np.uint8], num_bins: int = NUM_BINS
) -> float:
    """Return the expected calibration error, 0..1: the mean gap between confidence and accuracy.

    Source: Guo et al. 2017, "On calibration of modern neural networks". Bins are weighted by their
    images. The bins ((m − 1) / M, m / M] have equal width; confidence is the largest probability.

    Args:
        probabilities: (N, C), each row sums to 1.
        labels: (N,), the true classes.
        num_bins: M.
    """
    confidences = probabilities.max(axis=1).astype(np.float64)
    is_right = probabilities.argmax(axis=1) == labels
    edges = np.arange(1, num_bins) / num_bins
    bins = np.searchsorted(edges, confidences, side="left")
    gaps = np.bincount(bins, weights=confidences - is_right, minlength=num_bins)
    return float(np.abs(gaps).sum() / len(labels))


def answer_fixed_images(run: TrainingState) -> FixedImageAnswers:
    """Return the model's current answers to a few images, spread evenly over the test set."""
    test = run.data.test
    count = min(NUM_SAMPLES, len(test))
    places = np.arange(count) * len(test) // count
    chosen = test.take(torch.from_numpy(places).to(run.device))
    logits = predict_logits(run.model, chosen.images, run.parameters.normalization)
    return FixedImageAnswers(
        step=run.position.step,
        epoch=run.epoch,
        probabilities=to_array(logits.softmax(dim=1)),
        labels=chosen.labels.cpu().numpy().astype(np.uint8),
        images=run.data.test_indices[places],
    )
