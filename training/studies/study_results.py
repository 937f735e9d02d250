"""Results of a study's sessions, read from disk without a supervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.results.evaluations import newest_evaluation
from mnist_tui.storage.results.outlier_tests import list_outlier_tests, read_outlier_answers
from mnist_tui.training.analysis.comparison import ask
from mnist_tui.training.analysis.comparison_metrics import METRICS
from mnist_tui.training.analysis.stored_results import StoredResults
from mnist_tui.training.studies.run_definitions import definition_of, sessions_of
from mnist_tui.training.studies.study_columns import COLUMNS
from mnist_tui.training.studies.study_table import RowOutcome, study_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.analysis.comparison_metrics import Measured, Question
    from mnist_tui.training.studies.study_table import StudyTable

_METRICS = {metric.name: metric for metric in METRICS if metric.name in COLUMNS}
OF_EVALUATIONS = ("test_s", "weights_bytes", "ece")
"""Columns taken from the stored evaluation."""


def measure(home: Home, run: str, records: Sequence[SessionRecord]) -> StudyTable:
    """Return the table of a run from the files of its sessions.

    Args:
        home: The home of the sessions.
        run: The name of the run.
        records: All records; those of other runs are ignored.

    Raises:
        StorageError: The files cannot be read or a newer version wrote them.
    """
    study, left_out = definition_of(home, run, records)
    sessions = sessions_of(run, records)
    measured = [StoredResults(home, record.id).read(record) for record in sessions]
    question = ask(measured)
    outcomes = [_outcome(home, each, question) for each in measured]
    return study_table(study, outcomes, run, left_out)


def _outcome(home: Home, measured: Measured, question: Question) -> RowOutcome:
    folder = home.session(measured.record.id)
    evaluation = newest_evaluation(folder)
    values = {name: metric.value(measured, question) for name, metric in _METRICS.items()}
    evaluated = {name: getattr(evaluation, name, None) for name in OF_EVALUATIONS}
    return RowOutcome(
        measured.record,
        values | evaluated,
        evaluation.confusion if evaluation else None,
        _outlier_counts(folder),
    )


def _outlier_counts(folder: Path) -> tuple[int, ...] | None:
    """Return the number of images assigned to each class in the newest OOD test, or None."""
    tests = list_outlier_tests(folder)
    try:
        answers = read_outlier_answers(folder, tests[-1]) if tests else None
    except StorageError:
        return None  # the outliers page reports it
    if answers is None:
        return None
    num_classes = answers.probabilities.shape[1]
    counts = np.bincount(answers.probabilities.argmax(axis=1), minlength=num_classes)
    return tuple(map(int, counts))
