"""What is on disk about one session, gathered for a report; starts nothing, asks nobody."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.results.evaluations import newest_evaluation, read_predictions
from mnist_tui.training.analysis.confident_mistakes import Mistake, surest_mistakes
from mnist_tui.training.analysis.reproduction import reproduce_command
from mnist_tui.training.analysis.stored_results import StoredResults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.results.evaluations import Evaluation
    from mnist_tui.training.analysis.comparison_metrics import Measured


@dataclass(frozen=True)
class SessionReport:
    """Everything that a report tells of one session."""

    measured: Measured
    command: str
    """What trains the same once more."""
    evaluation: Evaluation | None = None
    """The newest one; None before there is any."""
    mistakes: tuple[Mistake, ...] = ()
    """The surest of them."""
    pixels: tuple[bytes, ...] = ()
    """28×28 grey values of each mistake, row by row; empty where they cannot be read."""
    trouble: str = ""
    """One sentence on what the evaluation's files lack; empty for nothing."""

    @property
    def record(self) -> SessionRecord:
        """The session's record."""
        return self.measured.record

    @property
    def num_mistakes(self) -> int:
        """How many images were taken for something else."""
        if self.evaluation is None:
            return 0
        return self.evaluation.num_images - sum(
            row[place] for place, row in enumerate(self.evaluation.confusion)
        )


def read_report(home: Home, record: SessionRecord) -> SessionReport:
    """Return what the files of a session tell.

    Raises:
        StorageError: Its metrics or history cannot be read; what an evaluation lacks is told in
            the report.
    """
    measured = StoredResults(home, record.id).read(record)
    command = reproduce_command(record.parameters)
    folder = home.session(record.id)
    evaluation = newest_evaluation(folder)
    if evaluation is None:
        return SessionReport(measured, command)
    mistakes: tuple[Mistake, ...] = ()
    try:
        mistakes = surest_mistakes(read_predictions(folder, evaluation))
        pixels = _pixels(record, evaluation.dataset, mistakes)
    except StorageError as error:
        return SessionReport(measured, command, evaluation, mistakes, trouble=str(error))
    return SessionReport(measured, command, evaluation, mistakes, pixels)


def _pixels(record: SessionRecord, dataset: str, mistakes: Sequence[Mistake]) -> tuple[bytes, ...]:
    from mnist_tui.storage.datasets.pixels import read_pixels  # noqa: PLC0415 — maps the dataset; only for images

    images = [mistake.image for mistake in mistakes]
    return tuple(each.tobytes() for each in read_pixels(Path(record.data_dir), dataset, images))
