"""Reader of models' answers: evaluations, samples and outlier tests, each file read once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mnist_tui.storage.datasets.dataset_folder import class_names
from mnist_tui.storage.datasets.pixels import read_pixels
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.folders import SAMPLES
from mnist_tui.storage.results.evaluations import newest_evaluation, read_predictions
from mnist_tui.storage.results.fixed_images import read_fixed_images
from mnist_tui.storage.results.outlier_tests import list_outlier_tests
from mnist_tui.tui.evaluation.outlier_comparison import OutlierComparison
from mnist_tui.tui.evaluation.scored_images import Scored
from mnist_tui.tui.reports.outlier_report import shown_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from numpy.typing import NDArray

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.results.fixed_images import FixedImageAnswers
    from mnist_tui.storage.results.outlier_tests import OutlierTest
    from mnist_tui.tui.reports.outlier_report import OutlierResult

MAX_EVALUATIONS = 4
"""Evaluations that are kept: of a session, of a compared one, and of their neighbours."""
MAX_TESTS = 12
"""Outlier tests that are kept: of a session, of its other seeds, and of its neighbours."""
MAX_PIXELS = 4_096
"""Images whose pixels are kept; 3 MB."""

Value = TypeVar("Value")


class AnswerReader:
    """Reads answers and keeps the newest of them; for one thread at a time.

    Every method raises StorageError if a file is damaged or cannot be read.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._evaluations: dict[Hashable, Scored] = {}
        self._samples: dict[Hashable, Scored | None] = {}
        self._pixels: dict[tuple[str, str, int], NDArray[np.uint8]] = {}
        self._tests: dict[Hashable, OutlierResult] = {}
        self._comparisons: dict[Hashable, OutlierComparison] = {}

    def newest(self, record: SessionRecord) -> Scored | None:
        """Return the newest evaluation, or the samples if they are of a later step."""
        evaluation, samples = self.evaluation(record), self._samples_of(record)
        if evaluation is None or (samples is not None and samples.step > evaluation.step):
            return samples
        return evaluation

    def evaluation(self, record: SessionRecord) -> Scored | None:
        """Return the newest evaluation; the same object as long as there is no newer one."""
        folder = self._home.session(record.id)
        evaluation = newest_evaluation(folder)
        if evaluation is None:
            return None

        def read() -> Scored:
            answers = read_predictions(folder, evaluation)
            num_classes = answers.probabilities.shape[1]
            return Scored(
                class_names(Path(record.data_dir), evaluation.dataset, num_classes),
                answers.probabilities, answers.labels, answers.images, evaluation.step,
                evaluation.epoch, is_live=False,
            )  # fmt: skip

        key = (folder, evaluation.step, evaluation.sha256, evaluation.created_at)
        return _kept(self._evaluations, key, read, MAX_EVALUATIONS)

    def pixels(self, record: SessionRecord, images: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the pixels of images of a session's dataset, (N, 28, 28)."""
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

    def outliers(
        self, record: SessionRecord, alike: Sequence[SessionRecord], tests_back: int
    ) -> OutlierComparison | None:
        """Return an outlier test of a session; the same object as long as nothing changed.

        Args:
            record: The session.
            alike: Sessions that differ from it only in their seed.
            tests_back: Newer tests to skip; the oldest one is followed by the newest.
        """
        tests = self._tests_of(record)
        if not tests:
            return None
        tests_back %= len(tests)
        test = tests[-1 - tests_back]
        candidates = ((other, self._same_images(other, test)) for other in alike)
        others = [(other, match) for other, match in candidates if match]

        def compare() -> OutlierComparison:
            own = self._result(record, test)
            seeds, trouble = self._seeds(own, others)
            return OutlierComparison(own, seeds, tests_back, len(tests), trouble)

        keys = (_key(other, match) for other, match in others)
        key = (_key(record, test), tests_back, len(tests), *keys)
        return _kept(self._comparisons, key, compare, 1)

    def _samples_of(self, record: SessionRecord) -> Scored | None:
        folder = self._home.session(record.id)
        try:
            stat = (folder / SAMPLES).stat()
        except OSError:
            return None
        key = (record.id, stat.st_ino, stat.st_mtime_ns)
        return _kept(self._samples, key, lambda: _live(read_fixed_images(folder), record), 1)

    def _tests_of(self, record: SessionRecord) -> list[OutlierTest]:
        return list_outlier_tests(self._home.session(record.id))

    def _same_images(self, record: SessionRecord, test: OutlierTest) -> OutlierTest | None:
        """Return the newest test of another session with the same images."""
        images = (test.source_key, test.names)
        others = reversed(self._tests_of(record))
        return next((other for other in others if (other.source_key, other.names) == images), None)

    def _seeds(
        self, own: OutlierResult, others: Sequence[tuple[SessionRecord, OutlierTest]]
    ) -> tuple[tuple[OutlierResult, ...], str]:
        """Return the results of other seeds, and a sentence on those that cannot be read."""
        seeds, trouble = [], ""
        for record, test in others:
            try:
                result = self._result(record, test)
            except StorageError as error:
                trouble = f"#{record.id} is left out: {error}"
                continue
            if result.answers.probabilities.shape == own.answers.probabilities.shape:
                seeds.append(result)
        return tuple(seeds), trouble

    def _result(self, record: SessionRecord, test: OutlierTest) -> OutlierResult:
        def read() -> OutlierResult:
            result = shown_of(self._home, record, test)
            if not result.answers.probabilities.size:
                raise StorageError(f"{result.path} has no answers; show the images once more.")
            return result

        return _kept(self._tests, _key(record, test), read, MAX_TESTS)


def _kept(
    values: dict[Hashable, Value], key: Hashable, make: Callable[[], Value], limit: int
) -> Value:
    """Return the value of a key, made and kept if absent; the oldest ones make room for it."""
    if key not in values:
        value = make()
        while len(values) >= limit:
            del values[next(iter(values))]
        values[key] = value
    return values[key]


def _key(record: SessionRecord, test: OutlierTest) -> Hashable:
    return record.id, test.step, test.sha256, test.created_at


def _live(samples: FixedImageAnswers | None, record: SessionRecord) -> Scored | None:
    if samples is None or not samples.labels.size:
        return None
    num_classes = samples.probabilities.shape[1]
    classes = class_names(Path(record.data_dir), record.parameters["dataset"], num_classes)
    if int(samples.labels.max()) >= len(classes):
        return None  # a damaged file counts as absent
    return Scored(
        classes, samples.probabilities, samples.labels, samples.images, samples.step,
        samples.epoch, is_live=True,
    )  # fmt: skip
