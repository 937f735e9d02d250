"""What models said of images, read from the files of their sessions; each file once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.storage.datasets.dataset_folder import class_names
from mnist_tui.storage.datasets.pixels import read_pixels
from mnist_tui.storage.folders import SAMPLES
from mnist_tui.storage.results.evaluations import newest_evaluation, read_predictions
from mnist_tui.storage.results.fixed_images import read_fixed_images
from mnist_tui.tui.evaluation.scored_images import Scored

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.results.fixed_images import FixedImageAnswers

MAX_KEPT = 4
"""Evaluations that are kept: those of a session, of another one, and of their neighbours."""
MAX_PIXELS = 4_096
"""Images whose pixels are kept; 3 MB."""


class EvaluationReader:
    """Reads evaluations and samples, and keeps what stays as it is; for one thread at a time."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._evaluations: dict[str, Scored] = {}
        self._samples: Scored | None = None
        self._samples_key: tuple[int, ...] = ()
        """Which session's file, in which state, the samples are from."""
        self._pixels: dict[tuple[str, str, int], NDArray[np.uint8]] = {}

    def newest(self, record: SessionRecord) -> Scored | None:
        """Return the newest evaluation, or the samples where those are of a later step.

        Raises:
            StorageError: A file is damaged or cannot be read.
        """
        evaluation = self.evaluation(record)
        samples = self._live(record)
        if evaluation is None or (samples is not None and samples.step > evaluation.step):
            return samples
        return evaluation

    def evaluation(self, record: SessionRecord) -> Scored | None:
        """Return the newest evaluation; the same object as long as there is no newer one.

        Raises:
            StorageError: It is damaged or cannot be read.
        """
        folder = self._home.session(record.id)
        found = newest_evaluation(folder)
        if found is None:
            return None
        key = f"{folder} {found.step} {found.sha256} {found.created_at}"
        if key not in self._evaluations:
            read = read_predictions(folder, found)
            scored = Scored(
                class_names(Path(record.data_dir), found.dataset, read.probabilities.shape[1]),
                read.probabilities, read.labels, read.images, found.step, found.epoch,
                is_live=False,
            )  # fmt: skip
            while len(self._evaluations) >= MAX_KEPT:
                del self._evaluations[next(iter(self._evaluations))]
            self._evaluations[key] = scored
        return self._evaluations[key]

    def pixels(self, record: SessionRecord, images: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the pixels of images of a session's dataset, (N, 28, 28).

        Raises:
            StorageError: The dataset's files are missing or damaged.
        """
        dataset, data_dir = record.parameters["dataset"], record.data_dir
        keys = [(data_dir, dataset, number) for number in images.tolist()]
        missing = [key for key in dict.fromkeys(keys) if key not in self._pixels]
        if missing:
            if len(self._pixels) + len(missing) > MAX_PIXELS:
                self._pixels.clear()
                missing = list(dict.fromkeys(keys))
            numbers = [number for _, _, number in missing]
            read = read_pixels(Path(data_dir), dataset, numbers)
            self._pixels.update(zip(missing, read, strict=True))
        shape = (len(keys), 28, 28)
        return np.array([self._pixels[key] for key in keys], np.uint8).reshape(shape)

    def _live(self, record: SessionRecord) -> Scored | None:
        folder = self._home.session(record.id)
        try:
            stat = (folder / SAMPLES).stat()
        except OSError:
            return None
        key = (record.id, stat.st_ino, stat.st_mtime_ns)
        if key != self._samples_key:
            self._samples_key, self._samples = key, _live(read_fixed_images(folder), record)
        return self._samples


def _live(samples: FixedImageAnswers | None, record: SessionRecord) -> Scored | None:
    if samples is None or not samples.labels.size:
        return None
    num_classes = samples.probabilities.shape[1]
    classes = class_names(Path(record.data_dir), record.parameters["dataset"], num_classes)
    if int(samples.labels.max()) >= len(classes):
        return None  # a damaged file counts as none
    return Scored(
        classes, samples.probabilities, samples.labels, samples.images, samples.step,
        samples.epoch, is_live=True,
    )  # fmt: skip
