"""Answers to a few fixed images during training: one small file, replaced after each epoch.

It is there to be looked at: it is never synced, and one that cannot be read counts as none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from mnist_tui.storage.atomic import TEMP_PREFIX, private
from mnist_tui.storage.folders import SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

NUM_SAMPLES = 24
SAMPLES_FORMAT = 1


@dataclass(frozen=True)
class FixedImageAnswers:
    """The answers of one moment to N images, the same ones for the whole training."""

    step: int
    epoch: float
    probabilities: NDArray[np.float32]
    """(N, C), each row sums to 1."""
    labels: NDArray[np.uint8]
    """(N,), the true classes."""
    images: NDArray[np.int64]
    """(N,), numbers of images in the dataset: those of the training file, then the test file's."""


def write_fixed_images(folder: Path, samples: FixedImageAnswers) -> None:
    """Replace the samples in a session's folder, which one process alone writes.

    Raises:
        OSError: They are as they were.
    """
    path = folder / SAMPLES
    # Always the same name, so that what a kill leaves here is written over.
    temp = path.with_name(f"{TEMP_PREFIX}{SAMPLES}")
    with open(temp, "wb", opener=private) as file:
        np.savez(
            file,
            format=np.int64(SAMPLES_FORMAT),
            step=np.int64(samples.step),
            epoch=np.float64(samples.epoch),
            probabilities=samples.probabilities,
            labels=samples.labels,
            images=samples.images,
        )
    temp.replace(path)


def read_fixed_images(folder: Path) -> FixedImageAnswers | None:
    """Return the newest samples in a session's folder; None if there are none to show."""
    try:
        # Opened here: numpy leaves a damaged file open.
        with (folder / SAMPLES).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            if int(arrays["format"]) != SAMPLES_FORMAT:
                return None
            samples = FixedImageAnswers(
                step=int(arrays["step"]),
                epoch=float(arrays["epoch"]),
                probabilities=arrays["probabilities"],
                labels=arrays["labels"],
                images=arrays["images"],
            )
    except (OSError, EOFError, ValueError, TypeError, KeyError, BadZipFile):
        return None
    count = samples.labels.size
    is_whole = (
        samples.probabilities.ndim == 2
        and len(samples.probabilities) == count
        and samples.labels.shape == samples.images.shape == (count,)
    )
    return samples if is_whole else None
