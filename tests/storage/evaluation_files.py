"""Evaluations and samples that look like those of a real training, for tests and views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.storage.results.evaluations import Evaluation, Predictions, write_evaluation
from mnist_tui.storage.results.fixed_images import (
    NUM_SAMPLES,
    FixedImageAnswers,
    write_fixed_images,
)
from tests.storage.samples import TIME

if TYPE_CHECKING:
    from pathlib import Path

FIRST_TEST_IMAGE = {"digits": 1500, "mnist": 60_000}


def small_predictions(
    dataset: str = "digits", num_images: int = 60, *, num_wrong: int = 6, seed: int = 0
) -> Predictions:
    """Answers to the first test images, of which `num_wrong` are wrong, some confidently."""
    random = np.random.default_rng(seed)
    num_classes = len(DATASETS[dataset].classes)
    labels = (np.arange(num_images) % num_classes).astype(np.uint8)
    predicted = labels.astype(np.int64)
    wrong = random.choice(num_images, num_wrong, replace=False)
    predicted[wrong] = (predicted[wrong] + random.integers(1, num_classes, num_wrong)) % num_classes
    logits = random.normal(0, 1, (num_images, num_classes))
    logits[np.arange(num_images), predicted] = logits.max(axis=1) + random.uniform(1, 6, num_images)
    powers = np.exp(logits)
    probabilities = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    first = FIRST_TEST_IMAGE.get(dataset, 60_000)
    return Predictions(probabilities, labels, np.arange(first, first + num_images))


def small_evaluation(
    predictions: Predictions, dataset: str = "digits", **changes: Any
) -> Evaluation:
    """The manifest of these answers."""
    num_images, num_classes = predictions.probabilities.shape
    predicted = predictions.probabilities.argmax(axis=1)
    confusion = np.zeros((num_classes, num_classes), dtype=np.int64)
    np.add.at(confusion, (predictions.labels, predicted), 1)
    true = predictions.probabilities[np.arange(num_images), predictions.labels]
    one_hot = np.eye(num_classes)[predictions.labels]
    evaluation = Evaluation(
        step=1234,
        epoch=2.0,
        split="test",
        dataset=dataset,
        num_images=num_images,
        sha256="",
        loss=float(-np.log(true).mean()),
        accuracy=float((predicted == predictions.labels).mean()),
        mse=float(((predictions.probabilities - one_hot) ** 2).mean()),
        ece=0.05,
        confusion=tuple(map(tuple, confusion.tolist())),
        test_s=0.25,
        weights_bytes=40_000,
        num_parameters=10_000,
        reason="final",
        created_at=TIME,
        generation=1,
    )
    return msgspec.structs.replace(evaluation, **changes)


def write_small(
    folder: Path,
    dataset: str = "digits",
    num_images: int = 60,
    *,
    num_wrong: int = 6,
    seed: int = 0,
    **changes: Any,
) -> Evaluation:
    """Write a small evaluation into a session's folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    predictions = small_predictions(dataset, num_images, num_wrong=num_wrong, seed=seed)
    return write_evaluation(folder, small_evaluation(predictions, dataset, **changes), predictions)


def write_small_samples(
    folder: Path, dataset: str = "digits", *, step: int = 100, epoch: float = 1.0, seed: int = 0
) -> FixedImageAnswers:
    """Write samples of a training under way into a session's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    made = small_predictions(dataset, NUM_SAMPLES, num_wrong=4, seed=seed)
    samples = FixedImageAnswers(step, epoch, made.probabilities, made.labels, made.images)
    write_fixed_images(folder, samples)
    return samples
