"""Study definitions: a set of sessions, given by rows and seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from mnist_tui.training.parameters.hyperparameters import FIELDS, ParameterError
from mnist_tui.training.parameters.overlay import overlay
from mnist_tui.training.parameters.resolution import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_SEEDS = 100


class StudyRow(Struct, frozen=True, kw_only=True):
    """One row: its own parameters and its published figures."""

    label: str
    parameters: dict[str, Any] = {}
    published: dict[str, float] = {}
    """By column; fractions of 1, seconds, bytes."""


class Study(Struct, frozen=True, kw_only=True):
    """A set of sessions that run together."""

    name: str
    title: str
    rows: tuple[StudyRow, ...]
    source: str = ""
    """Source of the published figures."""
    parameters: dict[str, Any] = {}
    """Shared by all rows."""
    columns: tuple[str, ...] = ("test_accuracy",)
    seeds: tuple[int, ...] = (0,)
    findings: tuple[str, ...] = ()
    """Names in `training.studies.findings`."""
    remarks: tuple[str, ...] = ()
    """Remarks for readers of the table, a sentence each."""
    changes: dict[str, str] = {}
    """Parameters set for all rows when it was run."""

    def parameters_of(self, row: StudyRow) -> dict[str, Any]:
        """Return the parameters of a session of `row`, the seed aside."""
        given = overlay(self.parameters, row.parameters, keeps_validation=True)
        return overlay(given, self.changes, keeps_validation=True)


class StudyError(ValueError):
    """A definition that cannot be used; carries a sentence for every problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


def problems_of(study: Study) -> Iterator[str]:
    """Yield the problems with the parameters of each row, without a full stop."""
    for row in study.rows:
        try:
            given = study.parameters_of(row) | {"seed": study.seeds[0]}
            resolve(given, sizes={}, default_threads=1)
        except ParameterError as error:
            yield from (f"row {row.label!r}, {problem}" for problem in error.problems)


def check_seeds(seeds: Sequence[object]) -> tuple[int, ...]:
    """Return seeds as numbers.

    Raises:
        ValueError: One is no seed or a duplicate, or there are none or too many.
    """
    if not 1 <= len(seeds) <= MAX_SEEDS:
        raise ValueError(f"{len(seeds):,} seeds; 1 to {MAX_SEEDS} at once")
    numbers = tuple(FIELDS["seed"].read(seed) for seed in seeds)
    if len(set(numbers)) < len(numbers):
        raise ValueError("one stands there twice; give each seed once")
    return numbers


def to_plain(study: Study) -> dict[str, Any]:
    """Return a study as JSON types."""
    plain: dict[str, Any] = msgspec.to_builtins(study)
    return plain


def from_plain(plain: Mapping[str, Any]) -> Study:
    """Return a study that was stored with a run.

    Raises:
        msgspec.ValidationError: The stored form is not ours.
    """
    return msgspec.convert(dict(plain), Study)
