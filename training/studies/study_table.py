"""A study's table: our figures, mean and deviation over the seeds, beside the published ones.

Pure functions from what is known of each session; neither torch nor numpy.
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
    """What is known of one session of a study."""

    record: SessionRecord
    values: Mapping[str, float | None]
    """By column: fractions of 1, seconds, bytes."""
    confusion: Confusion | None = None
    """Of its newest evaluation."""
    outlier_counts: tuple[int, ...] | None = None
    """How many images of no digit its newest outlier test gave to each class."""

    @property
    def is_finished(self) -> bool:
        """Whether its figures are final: those of others are left out of every mean."""
        return self.record.state is SessionState.FINISHED

    @property
    def seed(self) -> int:
        """The seed of its training."""
        return int(self.record.parameters.get("seed", 0))


@dataclass(frozen=True)
class Figure:
    """One cell: ours and the published one; None for what is not known."""

    mean: float | None = None
    sd: float | None = None
    """Sample deviation over the seeds, divided by n − 1; None of fewer than two."""
    count: int = 0
    """Finished sessions that it is the mean of."""
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
    """Why it has no sessions; empty where it has, or nothing is known of it."""

    @property
    def label(self) -> str:
        """What the row is called."""
        return self.row.label

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """The cells by column: of all columns, those included that the study does not show."""
        finished = [outcome for outcome in self.outcomes if outcome.is_finished]
        return {
            name: _figure(
                [outcome.values.get(name) for outcome in finished], self.row.published.get(name)
            )
            for name in COLUMNS
        }

    def mean_confusion(self, true: int, predicted: int) -> float | None:
        """Return how many images of a class were taken for another, on average over the seeds."""
        known = [
            outcome.confusion[true][predicted]
            for outcome in self.outcomes
            if outcome.is_finished
            and outcome.confusion is not None
            and max(true, predicted) < len(outcome.confusion)
        ]
        return statistics.fmean(known) if known else None

    @property
    def outlier_counts(self) -> list[tuple[int, ...]]:
        """How many images of no digit each session that was shown some gave to each class."""
        return [each.outlier_counts for each in self.outcomes if each.outlier_counts is not None]


@dataclass(frozen=True)
class Verdict:
    """One published finding and whether our rows bear it out."""

    name: str
    sentence: str
    holds: bool | None
    """None while rows are missing that it is about."""


@dataclass(frozen=True)
class StudyTable:
    """A run of a study as far as it has come."""

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
        """Sessions of rows that were not left out, which were never made or are gone."""
        planned = sum(not row.left_out for row in self.rows) * len(self.study.seeds)
        return max(0, planned - len(self.outcomes))

    @property
    def num_finished(self) -> int:
        """Sessions that trained to their end."""
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
        outcomes: Its sessions, in any order; those of rows that it has not are passed over.
        run: The name of the run.
        left_out: Why a row has no sessions, by its label.
    """
    by_row: dict[str, list[RowOutcome]] = {}
    for outcome in sorted(outcomes, key=lambda each: (each.seed, each.record.id)):
        if outcome.record.study is not None:
            by_row.setdefault(outcome.record.study.row, []).append(outcome)
    reasons = {} if left_out is None else left_out
    rows = tuple(
        TableRow(row, tuple(found), "" if found else reasons.get(row.label, ""))
        for row in study.rows
        for found in [by_row.get(row.label, [])]
    )
    by_label = {row.label: row for row in rows}
    verdicts = [
        Verdict(name, findings()[name].sentence, judge(findings()[name], by_label))
        for name in study.findings
        if name in findings()  # a newer version may know others
    ]
    return StudyTable(run, study, rows, tuple(verdicts))


def _figure(values: Sequence[float | None], published: float | None) -> Figure:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return Figure(
        mean=statistics.fmean(known) if known else None,
        sd=statistics.stdev(known) if len(known) > 1 else None,
        count=len(known),
        published=published,
    )
