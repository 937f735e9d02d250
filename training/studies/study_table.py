"""Table of a study: our figures, mean and deviation over the seeds, beside the published ones.

Pure functions of the sessions' results; neither torch nor numpy.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState
from mnist_tui.training.studies.findings import findings, judge
from mnist_tui.training.studies.study_columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.studies.study_definition import Study, StudyRow

Confusion = tuple[tuple[int, ...], ...]
"""C rows, the true classes, of C counts, the predicted ones."""


@dataclass(frozen=True)
class RowOutcome:
    """Results of one session of a study."""

    record: SessionRecord
    values: Mapping[str, float | None]
    """By column: fractions of 1, seconds, bytes."""
    confusion: Confusion | None = None
    """Of its newest evaluation."""
    outlier_counts: tuple[int, ...] | None = None
    """Number of out-of-distribution images that its newest test assigned to each class."""

    @property
    def is_finished(self) -> bool:
        """True if its figures are final; unfinished sessions are left out of every mean."""
        return self.record.state is SessionState.FINISHED

    @property
    def seed(self) -> int:
        """The seed of its training."""
        return int(self.record.parameters.get("seed", 0))


@dataclass(frozen=True)
class Figure:
    """One cell: our figure and the published one; None if absent."""

    mean: float | None = None
    sd: float | None = None
    """Sample standard deviation over the seeds (n − 1); None for fewer than two."""
    count: int = 0
    """Number of finished sessions in the mean."""
    published: float | None = None

    @property
    def difference(self) -> float | None:
        """Ours minus the published one."""
        if self.mean is None or self.published is None:
            return None
        return self.mean - self.published


@dataclass(frozen=True)
class TableRow:
    """One row of the study and its sessions, in the order of their seeds."""

    row: StudyRow
    outcomes: tuple[RowOutcome, ...] = ()
    left_out: str = ""
    """Reason why it has no sessions; empty if it has, or the reason is lost."""

    @property
    def label(self) -> str:
        """Label of the row."""
        return self.row.label

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """Cells by column, for all columns, shown in the study or not."""
        finished = [outcome for outcome in self.outcomes if outcome.is_finished]
        return {
            name: _figure(
                [outcome.values.get(name) for outcome in finished], self.row.published.get(name)
            )
            for name in COLUMNS
        }

    def mean_confusion(self, true: int, predicted: int) -> float | None:
        """Return the mean number of images of a class predicted as another, over the seeds."""
        counts = [
            outcome.confusion[true][predicted]
            for outcome in self.outcomes
            if outcome.is_finished
            and outcome.confusion is not None
            and max(true, predicted) < len(outcome.confusion)
        ]
        return statistics.fmean(counts) if counts else None

    @property
    def outlier_counts(self) -> list[tuple[int, ...]]:
        """Out-of-distribution images assigned to each class, for each session that was tested."""
        return [each.outlier_counts for each in self.outcomes if each.outlier_counts is not None]


@dataclass(frozen=True)
class Verdict:
    """One published finding and whether our rows support it."""

    name: str
    sentence: str
    holds: bool | None
    """None while one of its rows is missing."""


@dataclass(frozen=True)
class StudyTable:
    """A run of a study with the results so far."""

    run: str
    """Empty for a study that was not run."""
    study: Study
    rows: tuple[TableRow, ...]
    findings: tuple[Verdict, ...] = field(default=())

    @property
    def outcomes(self) -> list[RowOutcome]:
        """All sessions, row by row."""
        return [outcome for row in self.rows for outcome in row.outcomes]

    @property
    def num_missing(self) -> int:
        """Sessions of the planned rows that were never created, or were removed."""
        planned = sum(not row.left_out for row in self.rows) * len(self.study.seeds)
        return max(0, planned - len(self.outcomes))

    @property
    def num_finished(self) -> int:
        """Number of finished sessions."""
        return sum(outcome.is_finished for outcome in self.outcomes)


def study_table(
    study: Study,
    outcomes: Sequence[RowOutcome],
    run: str = "",
    left_out: Mapping[str, str] | None = None,
) -> StudyTable:
    """Return the table of a study.

    Args:
        study: Its definition.
        outcomes: Its sessions, in any order; those of unknown rows are ignored.
        run: The name of the run.
        left_out: The reason for each row without sessions, by its label.
    """
    by_row: dict[str, list[RowOutcome]] = {}
    for outcome in sorted(outcomes, key=lambda each: (each.seed, each.record.id)):
        if outcome.record.study is not None:
            by_row.setdefault(outcome.record.study.row, []).append(outcome)
    reasons = {} if left_out is None else left_out
    rows = tuple(
        TableRow(row, tuple(members), "" if members else reasons.get(row.label, ""))
        for row in study.rows
        for members in [by_row.get(row.label, [])]
    )
    by_label = {row.label: row for row in rows}
    verdicts = [
        Verdict(name, findings()[name].sentence, judge(findings()[name], by_label))
        for name in study.findings
        if name in findings()  # a newer version may have others
    ]
    return StudyTable(run, study, rows, tuple(verdicts))


def _figure(values: Sequence[float | None], published: float | None) -> Figure:
    finite = [value for value in values if value is not None and math.isfinite(value)]
    return Figure(
        mean=statistics.fmean(finite) if finite else None,
        sd=statistics.stdev(finite) if len(finite) > 1 else None,
        count=len(finite),
        published=published,
    )
