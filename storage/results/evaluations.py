"""Evaluations of one session: scores of a checkpoint and its answers to every image of a split."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING

from mnist_tui.storage.folders import EVALUATION
from mnist_tui.storage.results.answer_files import AnswerFiles, Manifest

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from mnist_tui.storage.records import CheckpointInfo
    from mnist_tui.storage.results.answer_files import Arrays

EVALUATION_FORMAT = 1

FINAL = "final"
"""Scored by the worker at the end of its training."""
REQUESTED = "requested"
"""The `reason` of an evaluation that a user requested."""


class Evaluation(Manifest, frozen=True, kw_only=True):
    """The manifest: how well one state of a model answered the images of one split."""

    epoch: float
    split: str
    """test."""
    dataset: str
    num_images: int
    loss: float | None
    """Mean cross-entropy per image; None if it was not finite."""
    accuracy: float | None
    """Top-1 accuracy, 0..1."""
    mse: float | None
    """Mean squared error of the probabilities against the one-hot labels."""
    ece: float | None
    """Expected calibration error with 15 bins of equal width, 0..1 (Guo et al. 2017)."""
    confusion: tuple[tuple[int, ...], ...]
    """C rows, the true classes, of C counts, the predicted ones."""
    test_s: float
    """Seconds that scoring took."""
    weights_bytes: int
    """Memory of the network's weights and buffers in bytes."""
    num_parameters: int
    reason: str
    """final or requested."""
    created_at: str
    generation: int = 0
    """Generation of the worker that made the weights; with the step it identifies them."""
    format: int = EVALUATION_FORMAT

    def __post_init__(self) -> None:
        """Refuse a matrix that is not square, or whose counts are not those of the images."""
        counts = [count for row in self.confusion for count in row]
        is_square = all(len(row) == len(self.confusion) for row in self.confusion)
        if not is_square or min(counts, default=-1) < 0 or sum(counts) != self.num_images:
            raise ValueError("the confusion matrix does not fit")


@dataclass(frozen=True)
class Predictions:
    """Answers of a model: N images, C classes."""

    probabilities: NDArray[np.float32]
    """(N, C), each row sums to 1."""
    labels: NDArray[np.uint8]
    """(N,), the true classes."""
    images: NDArray[np.int64]
    """(N,), numbers of images in the dataset: those of the training file, then the test file's."""


def write_evaluation(folder: Path, evaluation: Evaluation, predictions: Predictions) -> Evaluation:
    """Store an evaluation durably and return it with the checksum of its answers.

    One of the same step and split is replaced.

    Args:
        folder: The session's folder.
        evaluation: Its `sha256` is filled in here.
        predictions: Of all `num_images` images.

    Raises:
        DiskFullError: There is no room; nothing was stored.
        StorageError: Nothing was stored for another reason.
    """
    arrays = {name: getattr(predictions, name) for name in ARRAYS}
    return _FILES.write(folder, evaluation, arrays)


def list_evaluations(folder: Path) -> list[Evaluation]:
    """Return the evaluations in a session's folder by step; damaged manifests are left out.

    Raises:
        StorageError: They cannot be read or a newer version wrote one.
    """
    return sorted(_FILES.manifests(folder), key=lambda each: (each.step, each.created_at))


def newest_evaluation(folder: Path) -> Evaluation | None:
    """Return the evaluation of the highest step, None if there is none.

    Raises:
        StorageError: They cannot be read or a newer version wrote one.
    """
    return next(reversed(list_evaluations(folder)), None)


def find_evaluation(folder: Path, info: CheckpointInfo) -> Evaluation | None:
    """Return the evaluation of the very weights of a checkpoint, None if there is none.

    Raises:
        StorageError: They cannot be read or a newer version wrote one.
    """
    weights = info.position.step, info.generation
    found = (each for each in list_evaluations(folder) if (each.step, each.generation) == weights)
    return next(found, None)


def read_predictions(folder: Path, evaluation: Evaluation) -> Predictions:
    """Return what the model answered.

    Raises:
        StorageError: The file is missing, or not the one that was stored.
    """
    return _FILES.read(folder, evaluation, partial(_checked, evaluation))


def predictions_path(folder: Path, evaluation: Evaluation) -> Path:
    """Return where the answers of an evaluation are; its manifest lies beside."""
    return _FILES.path(folder, evaluation)


def _checked(evaluation: Evaluation, arrays: Arrays) -> Predictions:
    predictions = Predictions(**{name: arrays[name] for name in ARRAYS})
    expected = (evaluation.num_images, len(evaluation.confusion))
    if predictions.probabilities.shape != expected:
        raise ValueError(f"{predictions.probabilities.shape} probabilities, not {expected}")
    for array in (predictions.labels, predictions.images):
        if array.shape != expected[:1]:
            raise ValueError(f"{array.shape} labels or images, not {expected[:1]}")
    return predictions


ARRAYS = tuple(field.name for field in fields(Predictions))

_FILES = AnswerFiles(
    kind=Evaluation,
    newest_format=EVALUATION_FORMAT,
    noun="evaluation",
    again="evaluate the session again",
    folder_name=EVALUATION,
    file_name=re.compile(r"step-[0-9]{8,18}-[a-z]+\.json"),
    stem=lambda evaluation: f"step-{evaluation.step:08d}-{evaluation.split}",
)
