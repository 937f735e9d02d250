"""Runs of studies in a home: names, stored definitions and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mnist_tui.storage.results.study_definitions import read_run
from mnist_tui.training.studies.study_definition import Study, StudyRow, from_plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord

LOST = "Its definition is lost; rows and seeds are those of its sessions"
DEFAULT_COLUMNS = ("test_accuracy", "val_accuracy", "train_accuracy", "trained_s")


def runs(records: Sequence[SessionRecord]) -> list[str]:
    """Return the names of all runs that have sessions."""
    return sorted({record.study.run for record in records if record.study is not None})


def sessions_of(run: str, records: Sequence[SessionRecord]) -> list[SessionRecord]:
    """Return the sessions of a run, in order of creation."""
    return [record for record in records if record.study is not None and record.study.run == run]


def kept_definition(home: Home, run: str) -> tuple[Study, dict[str, str]] | None:
    """Return the definition of a run and the reasons for rows without sessions, by label.

    None if the definition is lost or damaged.

    Raises:
        StorageError: It cannot be read or a newer version wrote it.
    """
    kept = read_run(home, run)
    try:
        return None if kept is None else (from_plain(kept.definition), kept.left_out)
    except msgspec.ValidationError:
        return None


def definition_of(
    home: Home, run: str, records: Sequence[SessionRecord]
) -> tuple[Study, dict[str, str]]:
    """Return the same, reconstructed from the sessions if the definition is lost.

    Raises:
        StorageError: It cannot be read or a newer version wrote it.
    """
    return kept_definition(home, run) or (study_of(run, sessions_of(run, records)), {})


def study_of(run: str, records: Sequence[SessionRecord]) -> Study:
    """Return the rows and seeds of a run, reconstructed from its sessions."""
    labels = {record.study.row: None for record in records if record.study is not None}
    seeds = {int(record.parameters.get("seed", 0)) for record in records}
    return Study(
        name=run,
        title=LOST,
        rows=tuple(StudyRow(label=label) for label in labels),
        columns=DEFAULT_COLUMNS,
        seeds=tuple(sorted(seeds)),
    )
