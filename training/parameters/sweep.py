"""Sweeps: several values of a field mean several sessions; `0.1,0.01` is two, `seed=0-4` five.

Lists of numbers are written `32-64`, so a comma can only separate alternatives.
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.datasets.user_datasets import dataset_label
from mnist_tui.training.parameters.aliases import SHORTEST
from mnist_tui.training.parameters.hyperparameters import FIELDS, ParameterError, Problem
from mnist_tui.training.parameters.labels import MAX_LABEL_LENGTH
from mnist_tui.training.parameters.resolution import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.datasets.dataset_folder import DatasetSizes
    from mnist_tui.storage.records import StudyPlace
    from mnist_tui.training.parameters.field import Field
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

MAX_SESSIONS = 64
"""Sessions of one request; more are hardly intended."""

_RANGE = re.compile(r"(\d{1,10})-(\d{1,10})")
"""Seeds only: for other numbers a hyphen would far more often be a typo."""
_TAIL_OF_THOUSANDS = re.compile(r"0\d+")


@dataclass(frozen=True)
class SweepPlan:
    """One planned session."""

    name: str
    """Empty for a generated one."""
    parameters: dict[str, Any]
    differs: Mapping[str, str] = field(default_factory=dict)
    """Values that distinguish it from the others of its request, by field; empty for one alone."""
    study: StudyPlace | None = None
    """Its place in a study."""


def alternatives(name: str, value: object) -> list[Any]:
    """Return the alternatives in `value` of field `name`; itself if it is a single one.

    Raises:
        ValueError: One is empty, a duplicate, or looks like thousands.
    """
    if name not in FIELDS or not isinstance(value, str):
        return [value]
    pieces = [piece.strip() for piece in value.split(",")]
    if name == "seed":
        pieces = [seed for piece in pieces for seed in _seeds(piece)]
    if len(pieces) == 1:
        return [value]
    if "" in pieces:
        raise ValueError("a value is missing beside a comma; alternatives are written 0.1,0.01")
    if len(pieces) > MAX_SESSIONS:
        raise ValueError(f"{len(pieces):,} alternatives; {MAX_SESSIONS} at most at once")
    if FIELDS[name].kind is int and any(map(_TAIL_OF_THOUSANDS.fullmatch, pieces[1:])):
        raise ValueError(
            f"a comma separates alternatives; write {''.join(pieces)[:12]} for one number"
        )
    values: list[Any] = []
    for piece in pieces:
        meant = _meant(FIELDS[name], piece)
        if meant in values:
            raise ValueError(f"{piece[:20]} stands there twice; give each alternative once")
        values.append(meant)
    return pieces


def plan(given: Mapping[str, object], name: str = "") -> list[SweepPlan]:
    """Return the planned sessions: each combination of the alternatives in `given`, once.

    Args:
        given: Values by field name, as text or JSON; the last field changes fastest.
        name: A name for them; several have their differences appended.

    Raises:
        ParameterError: With every field whose alternatives cannot be read, or are too many.
    """
    choices: dict[str, list[Any]] = {}
    problems = []
    for field_name, value in given.items():
        try:
            choices[field_name] = alternatives(field_name, value)
        except ValueError as error:
            problems.append(Problem(field_name, str(error)))
    num_sessions = math.prod(map(len, choices.values()))
    if num_sessions > MAX_SESSIONS:
        longest = max(choices, key=lambda field_name: len(choices[field_name]))
        problems.append(
            Problem(longest, f"makes {num_sessions:,} sessions; {MAX_SESSIONS} at most at once")
        )
    if problems:
        raise ParameterError(problems)
    several = [field_name for field_name in choices if len(choices[field_name]) > 1]
    if not several:
        return [SweepPlan(name, dict(given))]
    combinations = [
        dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())
    ]
    return [
        _named(number, name, values, {each: values[each] for each in several})
        for number, values in enumerate(combinations, start=1)
    ]


def plan_and_resolve(
    given: Mapping[str, object],
    name: str = "",
    *,
    sizes: Mapping[str, DatasetSizes],
    default_threads: int,
) -> tuple[list[SweepPlan], list[Hyperparameters]]:
    """Return the planned sessions and the complete parameters of each.

    Raises:
        ParameterError: With every problem, those of the other fields included.
    """
    try:
        plans = plan(given, name)
    except ParameterError as error:
        faulty = {problem.field for problem in error.problems}
        rest = {
            field_name: value
            for field_name, value in given.items()
            if field_name not in faulty and len(alternatives(field_name, value)) == 1
        }
        others = problems_of(rest, sizes=sizes, default_threads=default_threads)
        raise ParameterError([*error.problems, *others]) from None
    return plans, resolve_each(plans, sizes=sizes, default_threads=default_threads)


def problems_of(
    given: Mapping[str, object], *, sizes: Mapping[str, DatasetSizes], default_threads: int
) -> list[Problem]:
    """Return the problems with the parameters of one session."""
    try:
        resolve(given, sizes=sizes, default_threads=default_threads)
    except ParameterError as error:
        return error.problems
    return []


def resolve_each(
    plans: Sequence[SweepPlan], *, sizes: Mapping[str, DatasetSizes], default_threads: int
) -> list[Hyperparameters]:
    """Return the complete parameters of each session, as `resolve` does for one.

    Raises:
        ParameterError: With every problem of any of them, each once.
    """
    resolved = []
    problems: dict[Problem, None] = {}
    for each in plans:
        try:
            resolved.append(resolve(each.parameters, sizes=sizes, default_threads=default_threads))
        except ParameterError as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise ParameterError(list(problems))
    return resolved


def _seeds(piece: str) -> list[str]:
    """Return the seeds of a range such as 0-4, or the piece itself."""
    ends = _RANGE.fullmatch(piece)
    if ends is None:
        return [piece]
    first, last = int(ends[1]), int(ends[2])
    if not first < last < first + MAX_SESSIONS:
        raise ValueError(
            f"{piece} must rise, by less than {MAX_SESSIONS}; seeds are written 0-4 or 0,7"
        )
    return [str(seed) for seed in range(first, last + 1)]


def _named(number: int, name: str, values: dict[str, Any], differs: dict[str, Any]) -> SweepPlan:
    base = name
    parts = {part: _label(part, value) for part, value in differs.items()}
    if not name:
        base = "-".join(
            _label(part, values.get(part) or FIELDS[part].default) for part in ("model", "dataset")
        )
        parts = {part: value for part, value in differs.items() if part not in ("model", "dataset")}
    full = " ".join([base, *(f"{SHORTEST[part]}={value}" for part, value in parts.items())])
    if len(full) > MAX_LABEL_LENGTH:
        number_text = f" {number}"
        full = base[: MAX_LABEL_LENGTH - len(number_text)] + number_text
    return SweepPlan(full, values, differs)


def _label(field_name: str, value: object) -> str:
    return dataset_label(str(value)) if field_name == "dataset" else str(value)


def _meant(field: Field, piece: str) -> Any:
    try:
        return field.read(piece)
    except ValueError:
        return piece  # reported with its field when the session is checked
