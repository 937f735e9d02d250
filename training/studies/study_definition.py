"""What a study is: the set of sessions that its rows and seeds stand for."""

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
    """One row: what is different in it, and what was published of it."""

    label: str
    parameters: dict[str, Any] = {}
    published: dict[str, float] = {}
    """By column; fractions of 1, seconds, bytes."""


class Study(Struct, frozen=True, kw_only=True):
    """A set of sessions that run as one thing."""

    name: str
    title: str
    rows: tuple[StudyRow, ...]
    source: str = ""
    """Where the published figures come from."""
    parameters: dict[str, Any] = {}
    """Shared by all rows."""
    columns: tuple[str, ...] = ("test_accuracy",)
    seeds: tuple[int, ...] = (0,)
    findings: tuple[str, ...] = ()
    """Names of `training.studies.findings`."""
    remarks: tuple[str, ...] = ()
    """What must be known to read the table, a sentence each."""
    changes: dict[str, str] = {}
    """What was set for all rows when it was run."""

    def parameters_of(self, row: StudyRow) -> dict[str, Any]:
        """Return what a session of `row` is given, but for its seed."""
        given = overlay(self.parameters, row.parameters, keeps_validation=True)
        return overlay(given, self.changes, keeps_validation=True)


class StudyError(ValueError):
    """A definition that cannot be used; carries a sentence for every problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


def problems_of(study: Study) -> Iterator[str]:
    """Yield what is wrong with the parameters of each row, without a full stop."""
    for row in study.rows:
        try:
            given = study.parameters_of(row) | {"seed": study.seeds[0]}
            resolve(given, sizes={}, default_threads=1)
        except ParameterError as error:
            yield from (f"row {row.label!r}, {problem}" for problem in error.problems)


def check_seeds(seeds: Sequence[object]) -> tuple[int, ...]:
    """Return seeds as numbers.

    Raises:
        ValueError: One is no seed or stands there twice, or there are none or too many.
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
    """Return a study that was kept with a run.

    Raises:
        msgspec.ValidationError: The kept form is not ours.
    """
    return msgspec.convert(dict(plain), Study)
