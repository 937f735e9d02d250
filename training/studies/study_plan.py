"""Planned sessions of a study, and the seeds that a text names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mnist_tui.storage.records import StudyPlace
from mnist_tui.training.parameters.labels import MAX_LABEL_LENGTH
from mnist_tui.training.parameters.sweep import SweepPlan, alternatives
from mnist_tui.training.studies.study_definition import check_seeds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.studies.study_definition import Study, StudyRow


def read_seeds(text: str) -> tuple[int, ...]:
    """Return the seeds that a text such as `0-4` or `0,2,5-7` names.

    Raises:
        ValueError: It names no seed, or something else.
    """
    return check_seeds(alternatives("seed", text))


def changed(study: Study, changes: Mapping[str, str], seeds: tuple[int, ...] | None) -> Study:
    """Return a study with other seeds, or with parameters set for all of its rows."""
    return replace(study, changes=dict(changes), seeds=seeds or study.seeds)


def plan_study(study: Study, run: str, left_out: Collection[str] = ()) -> list[SweepPlan]:
    """Return the sessions of a run: every row with the first seed, then with the next.

    In this order the table is complete as early as possible.
    """
    return [
        SweepPlan(
            _name(run, row.label, seed if len(study.seeds) > 1 else None),
            study.parameters_of(row) | {"seed": seed},
            study=StudyPlace(run=run, row=row.label),
        )
        for seed in study.seeds
        for row in study.rows
        if row.label not in left_out
    ]


def missing_of(study: Study, run: str, records: Iterable[SessionRecord]) -> list[SweepPlan]:
    """Return the sessions that a run lacks: never created, or removed."""
    present = {(record.study, record.parameters["seed"]) for record in records}
    return [
        each
        for each in plan_study(study, run)
        if (each.study, each.parameters["seed"]) not in present
    ]


def trial_of(study: Study, row: StudyRow) -> SweepPlan:
    """Return one session of a row for a dry run, which shows whether the row is possible here."""
    return SweepPlan(
        _name(study.name, row.label, None), study.parameters_of(row) | {"seed": study.seeds[0]}
    )


def _name(run: str, label: str, seed: int | None) -> str:
    end = "" if seed is None else f" seed={seed}"
    return f"{run} {label}"[: MAX_LABEL_LENGTH - len(end)].rstrip() + end
