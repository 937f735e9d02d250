"""Study tables made up of known numbers, for tests of what is told from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnist_tui.storage.records import SessionRecord, SessionState, StudyPlace
from mnist_tui.training.studies.study_definition import Study, StudyRow
from mnist_tui.training.studies.study_table import RowOutcome, StudyTable, study_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mnist_tui.training.studies.study_table import Confusion


def outcome(
    row: str,
    seed: int = 0,
    *,
    state: SessionState = SessionState.FINISHED,
    confusion: Confusion | None = None,
    outlier_counts: tuple[int, ...] | None = None,
    run: str = "rates",
    **values: float | None,
) -> RowOutcome:
    """Return a session of a row and what was measured of it."""
    record = SessionRecord(
        id=seed + 1,
        name=f"{run} {row}",
        parameters={"seed": seed, "epochs": 5},
        created_at="2026-01-01T00:00:00.000Z",
        state=state,
        study=StudyPlace(run=run, row=row),
    )
    return RowOutcome(record, values, confusion, outlier_counts)


def table_of(rows: Mapping[str, Mapping[str, Any]], *findings: str, **given: Any) -> StudyTable:
    """Return a table with one finished session per row."""
    study = Study(
        name="rates",
        title="Rates",
        rows=tuple(StudyRow(label=label) for label in rows),
        findings=findings,
        **given,
    )
    return study_table(study, [outcome(row, **values) for row, values in rows.items()], "rates")


def sevens_as_nines(count: int) -> Confusion:
    """Return a matrix of ten classes with so many sevens among the nines, and nothing else."""
    return tuple(
        tuple(count if (true, predicted) == (7, 9) else 0 for predicted in range(10))
        for true in range(10)
    )
