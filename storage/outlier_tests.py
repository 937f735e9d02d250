"""The outlier tests of one session: what a model answered to images of no digit, then the manifest.

The manifest, written last, makes the answers valid. One of the same weights and images is replaced.
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
from storage.dataset_catalog import IMAGE_SIDE
from storage.errors import StorageError, failure
from storage.folders import OUTLIERS, PRIVATE_FOLDER
from storage.lines import UNREADABLE, require_known_format

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from storage.records import CheckpointInfo

OUTLIER_FORMAT = 1

LOGITS = "logits"
LOG_ODDS = "log-odds"
"""Of a network that says of each class for itself how likely it is there."""

_NAME = re.compile(r"step-[0-9]{8,18}-[a-z0-9-]+\.json")


class OutlierTest(Struct, frozen=True, kw_only=True):
    """The manifest: how well one state of a model tells N images of no digit from its test set."""

    step: int
    """Optimiser steps that made the weights."""
    epoch: float
    generation: int
    """Which worker of the session made the weights: with the step it says which weights."""
    source: str
    """What the images are, in words."""
    source_key: str
    """The same for the same images."""
    dataset: str
    """What the model was trained on."""
    names: tuple[str, ...]
    """Of the N images."""
    num_passes: int
    """Passes with dropout active; 0 for a network without dropout."""
    scores: str
    """What a score of the model is: logits or log-odds."""
    num_known: int
    """Images of the test set."""
    auroc_softmax: float | None
    """Of the greatest probability; None where a score was not finite."""
    auroc_energy: float | None
    """Of the logarithm of the sum of the exponentials of the scores (Liu et al. 2020)."""
    created_at: str
    sha256: str = ""
    """Of the file of answers."""
    format: int = OUTLIER_FORMAT


@dataclass(frozen=True)
class OutlierAnswers:
    """What a model answered: N images, C classes, P passes with dropout active."""

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
    content = _packed(answers)
    test = msgspec.structs.replace(test, sha256=hashlib.sha256(content).hexdigest())
    path = answers_path(folder, test)
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(mode=PRIVATE_FOLDER)
            sync_folder(folder)
        temp = temp_path(path)
        try:
            write_new(temp, content)
            # Gone before its answers are: a manifest never stands beside those of another.
            path.with_suffix(".json").unlink(missing_ok=True)
            temp.replace(path)
        finally:
            with contextlib.suppress(OSError):
                temp.unlink(missing_ok=True)
        write_atomic(path.with_suffix(".json"), msgspec.json.encode(test) + b"\n")
    except OSError as error:
        raise failure(
            error,
            f"The outlier test of step {test.step:,} cannot be stored in {path.parent}"
            f" ({reason(error)}); make room or check that the folder is yours, then try again.",
        ) from error
    return test


def list_outlier_tests(folder: Path) -> list[OutlierTest]:
    """Return the tests in a session's folder, the oldest first; damaged manifests are left out.

    Raises:
        StorageError: They cannot be read or a newer version wrote one.
    """
    try:
        paths = [path for path in (folder / OUTLIERS).iterdir() if _NAME.fullmatch(path.name)]
        found = [test for path in paths if (test := _read(path)) is not None]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError(
            f"The outlier tests in {folder / OUTLIERS} cannot be read ({reason(error)});"
            " check its permissions."
        ) from error
    return sorted(found, key=lambda each: (each.created_at, each.step))


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
    path = answers_path(folder, test)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read ({reason(error)}); show the images to the session again."
        ) from error
    if hashlib.sha256(content).hexdigest() != test.sha256:
        raise StorageError(
            f"{path} is damaged: its checksum does not match; show the images to the session again."
        )
    try:
        return _unpacked(content, test)
    except (ValueError, KeyError, BadZipFile) as error:
        raise StorageError(
            f"{path} does not hold what its manifest says ({error}); show the images to the"
            " session again."
        ) from error


def answers_path(folder: Path, test: OutlierTest) -> Path:
    """Return where the answers of a test are; its manifest lies beside."""
    return folder / OUTLIERS / f"step-{test.step:08d}-{test.source_key}.npz"


def _read(path: Path) -> OutlierTest | None:
    """Return what a manifest says; None where it is damaged or has just been replaced."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    require_known_format(path, content, OUTLIER_FORMAT)
    try:
        test = _decoder.decode(content)
    except UNREADABLE:
        return None
    return test if path.stem == answers_path(path, test).stem else None


def _packed(answers: OutlierAnswers) -> bytes:
    import numpy as np  # noqa: PLC0415 — 70 ms that figures do without

    buffer = io.BytesIO()
    np.savez(
        buffer,
        probabilities=answers.probabilities,
        passes=answers.passes,
        images=answers.images,
    )
    return buffer.getvalue()


def _unpacked(content: bytes, test: OutlierTest) -> OutlierAnswers:
    import numpy as np  # noqa: PLC0415 — 70 ms that figures do without

    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        answers = OutlierAnswers(arrays["probabilities"], arrays["passes"], arrays["images"])
    num_images, shape = len(test.names), answers.probabilities.shape
    if len(shape) != 2 or shape[0] != num_images:
        raise ValueError(f"{shape} probabilities for {num_images} images")
    if answers.passes.shape != (test.num_passes, *shape):
        raise ValueError(f"{answers.passes.shape} passes, not {(test.num_passes, *shape)}")
    if answers.images.shape != (num_images, IMAGE_SIDE, IMAGE_SIDE):
        raise ValueError(f"{answers.images.shape} pixels for {num_images} images")
    return answers


_decoder = msgspec.json.Decoder(OutlierTest)
