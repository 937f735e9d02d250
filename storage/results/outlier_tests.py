"""Outlier tests of one session: answers of a model to out-of-distribution images.

The manifest, written last, makes the answers valid. One of the same weights and images is replaced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.storage.folders import OUTLIERS
from mnist_tui.storage.results.answer_files import AnswerFiles, Manifest

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from mnist_tui.storage.records import CheckpointInfo
    from mnist_tui.storage.results.answer_files import Arrays

OUTLIER_FORMAT = 1

LOGITS = "logits"
LOG_ODDS = "log-odds"
"""Of a network that says of each class for itself how likely it is there."""


class OutlierTest(Manifest, frozen=True, kw_only=True):
    """Manifest: how well a checkpoint separates N out-of-distribution images from its test set."""

    epoch: float
    generation: int
    """Generation of the worker that made the weights; with the step it identifies them."""
    source: str
    """Description of the images."""
    source_key: str
    """The same for the same images."""
    dataset: str
    """Dataset the model was trained on."""
    names: tuple[str, ...]
    """Of the N images."""
    num_passes: int
    """Passes with dropout active; 0 for a network without dropout."""
    scores: str
    """Kind of the model's scores: logits or log-odds."""
    num_known: int
    """Images of the test set."""
    auroc_softmax: float | None
    """Of the greatest probability; None where a score was not finite."""
    auroc_energy: float | None
    """Of the logarithm of the sum of the exponentials of the scores (Liu et al. 2020)."""
    created_at: str
    format: int = OUTLIER_FORMAT


@dataclass(frozen=True)
class OutlierAnswers:
    """Answers of a model: N images, C classes, P passes with dropout active."""

    probabilities: NDArray[np.float32]
    """(N, C), each row sums to 1."""
    passes: NDArray[np.float32]
    """(P, N, C), the same with dropout active."""
    images: NDArray[np.uint8]
    """(N, 28, 28), as one reads them."""


def write_outlier_test(folder: Path, test: OutlierTest, answers: OutlierAnswers) -> OutlierTest:
    """Store a test durably and return it with the checksum of its answers.

    Args:
        folder: The session's folder.
        test: Its `sha256` is filled in here.
        answers: To all of its images.

    Raises:
        DiskFullError: There is no room; nothing was stored.
        StorageError: Nothing was stored for another reason.
    """
    return _FILES.write(folder, test, {name: getattr(answers, name) for name in ARRAYS})


def list_outlier_tests(folder: Path) -> list[OutlierTest]:
    """Return the tests in a session's folder, the oldest first; damaged manifests are left out.

    Raises:
        StorageError: They cannot be read or a newer version wrote one.
    """
    return sorted(_FILES.manifests(folder), key=lambda each: (each.created_at, each.step))


def find_outlier_test(folder: Path, info: CheckpointInfo, source_key: str) -> OutlierTest | None:
    """Return the test of the very weights of a checkpoint with the same images, None without one.

    Raises:
        StorageError: They cannot be read or a newer version wrote one.
    """
    wanted = info.position.step, info.generation, source_key
    found = list_outlier_tests(folder)
    return next((t for t in found if (t.step, t.generation, t.source_key) == wanted), None)


def read_outlier_answers(folder: Path, test: OutlierTest) -> OutlierAnswers:
    """Return what the model answered.

    Raises:
        StorageError: The file is missing, or not the one that was stored.
    """
    return _FILES.read(folder, test, partial(_checked, test))


def answers_path(folder: Path, test: OutlierTest) -> Path:
    """Return where the answers of a test are; its manifest lies beside."""
    return _FILES.path(folder, test)


def _checked(test: OutlierTest, arrays: Arrays) -> OutlierAnswers:
    answers = OutlierAnswers(**{name: arrays[name] for name in ARRAYS})
    num_images, shape = len(test.names), answers.probabilities.shape
    if len(shape) != 2 or shape[0] != num_images:
        raise ValueError(f"{shape} probabilities for {num_images} images")
    if answers.passes.shape != (test.num_passes, *shape):
        raise ValueError(f"{answers.passes.shape} passes, not {(test.num_passes, *shape)}")
    if answers.images.shape != (num_images, IMAGE_SIDE, IMAGE_SIDE):
        raise ValueError(f"{answers.images.shape} pixels for {num_images} images")
    return answers


ARRAYS = tuple(field.name for field in fields(OutlierAnswers))

_FILES = AnswerFiles(
    kind=OutlierTest,
    newest_format=OUTLIER_FORMAT,
    noun="outlier test",
    again="show the images to the session again",
    folder_name=OUTLIERS,
    file_name=re.compile(r"step-[0-9]{8,18}-[a-z0-9-]+\.json"),
    stem=lambda test: f"step-{test.step:08d}-{test.source_key}",
)
