"""The evaluations of one session: what a model answered to every image, then the manifest.

The manifest, written last, makes the answers valid and is all that figures need; numpy is loaded
only for the answers themselves.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import msgspec
from msgspec import Struct

from storage.atomic import reason, sync_folder, temp_path, write_atomic, write_new
from storage.errors import StorageError, failure
from storage.folders import EVALUATION, PRIVATE_FOLDER
from storage.lines import UNREADABLE, require_known_format

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from storage.records import CheckpointInfo

EVALUATION_FORMAT = 1

FINAL = "final"
"""Scored by the worker at the end of its training."""
REQUESTED = "requested"
"""Scored because somebody asked."""

_NAME = re.compile(r"step-[0-9]{8,18}-[a-z]+\.json")


class Evaluation(Struct, frozen=True, kw_only=True):
    """The manifest: how well one state of a model answered the images of one split."""

    step: int
    """Optimiser steps that made the weights."""
    epoch: float
    split: str
    """test."""
    dataset: str
    num_images: int
    sha256: str
    """Of the file of answers."""
    loss: float | None
    """Mean cross-entropy per image; None where it was not finite."""
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
    """What the weights and buffers of the network take in memory."""
    num_parameters: int
    reason: str
    """final or requested."""
    created_at: str
    generation: int = 0
    """Which worker of the session made the weights: with the step it says which weights."""
    format: int = EVALUATION_FORMAT

    def __post_init__(self) -> None:
        """Refuse a matrix that is not square, or whose counts are not those of the images."""
        counts = [count for row in self.confusion for count in row]
        is_square = all(len(row) == len(self.confusion) for row in self.confusion)
        if not is_square or min(counts, default=-1) < 0 or sum(counts) != self.num_images:
            raise ValueError("the confusion matrix does not fit")


@dataclass(frozen=True)
class Predictions:
    """What a model answered: N images, C classes."""

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
    content = _packed(predictions)
    evaluation = msgspec.structs.replace(evaluation, sha256=hashlib.sha256(content).hexdigest())
    path = predictions_path(folder, evaluation)
    try:
        _make(path.parent)
        temp = temp_path(path)
        try:
            write_new(temp, content)
            # Gone before its answers are: a manifest never stands beside those of another.
            path.with_suffix(".json").unlink(missing_ok=True)
            temp.replace(path)
        finally:
            with contextlib.suppress(OSError):
                temp.unlink(missing_ok=True)
        write_atomic(path.with_suffix(".json"), msgspec.json.encode(evaluation) + b"\n")
    except OSError as error:
        raise failure(
            error,
            f"The evaluation of step {evaluation.step:,} cannot be stored in {path.parent}"
            f" ({reason(error)}); make room or check that the folder is yours, then try again.",
        ) from error
    return evaluation


def list_evaluations(folder: Path) -> list[Evaluation]:
    """Return the evaluations in a session's folder by step; damaged manifests are left out.

    Raises:
        StorageError: They cannot be read or a newer version wrote one.
    """
    try:
        paths = [path for path in (folder / EVALUATION).iterdir() if _NAME.fullmatch(path.name)]
        found = [evaluation for path in paths if (evaluation := _read(path)) is not None]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError(
            f"The evaluations in {folder / EVALUATION} cannot be read ({reason(error)});"
            " check its permissions."
        ) from error
    return sorted(found, key=lambda each: (each.step, each.created_at))


def newest_evaluation(folder: Path) -> Evaluation | None:
    """Return the evaluation of the highest step, None where there is none.

    Raises:
        StorageError: They cannot be read or a newer version wrote one.
    """
    return next(reversed(list_evaluations(folder)), None)


def find_evaluation(folder: Path, info: CheckpointInfo) -> Evaluation | None:
    """Return the evaluation of the very weights of a checkpoint, None where there is none.

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
    path = predictions_path(folder, evaluation)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise StorageError(f"{path} is missing; evaluate the session again.") from None
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read ({reason(error)}); check its permissions."
        ) from error
    if hashlib.sha256(content).hexdigest() != evaluation.sha256:
        raise StorageError(
            f"{path} is damaged: its checksum does not match; evaluate the session again."
        )
    try:
        return _unpacked(content, evaluation)
    except (ValueError, KeyError, BadZipFile) as error:
        raise StorageError(
            f"{path} does not hold what its manifest says ({error}); evaluate the session again."
        ) from error


def predictions_path(folder: Path, evaluation: Evaluation) -> Path:
    """Return where the answers of an evaluation are; its manifest lies beside."""
    return folder / EVALUATION / f"step-{evaluation.step:08d}-{evaluation.split}.npz"


def _make(folder: Path) -> None:
    """Make the folder, but not the session's folder around it: that one may be removed."""
    if not folder.is_dir():
        folder.mkdir(mode=PRIVATE_FOLDER)
        sync_folder(folder.parent)


def _read(path: Path) -> Evaluation | None:
    """Return what a manifest says; None where it is damaged or has just been replaced."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    require_known_format(path, content, EVALUATION_FORMAT)
    try:
        evaluation = _decoder.decode(content)
    except UNREADABLE:
        return None
    return evaluation if path.stem == predictions_path(path, evaluation).stem else None


def _packed(predictions: Predictions) -> bytes:
    import numpy as np  # noqa: PLC0415 — 70 ms that figures do without

    buffer = io.BytesIO()
    np.savez(
        buffer,
        probabilities=predictions.probabilities,
        labels=predictions.labels,
        images=predictions.images,
    )
    return buffer.getvalue()


def _unpacked(content: bytes, evaluation: Evaluation) -> Predictions:
    import numpy as np  # noqa: PLC0415 — 70 ms that figures do without

    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        predictions = Predictions(arrays["probabilities"], arrays["labels"], arrays["images"])
    expected = (evaluation.num_images, len(evaluation.confusion))
    if predictions.probabilities.shape != expected:
        raise ValueError(f"{predictions.probabilities.shape} probabilities, not {expected}")
    for array in (predictions.labels, predictions.images):
        if array.shape != expected[:1]:
            raise ValueError(f"{array.shape} labels or images, not {expected[:1]}")
    return predictions


_decoder = msgspec.json.Decoder(Evaluation)
