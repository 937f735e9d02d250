"""Several values of a field mean several sessions: `0.1,0.01` makes two, `seed=0-4` five.

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
"""What one request may make; more was hardly meant."""

_RANGE = re.compile(r"(\d{1,10})-(\d{1,10})")
"""Seeds only: for other numbers the hyphen would far more often be a slip."""
_TAIL_OF_THOUSANDS = re.compile(r"0\d+")


@dataclass(frozen=True)
class SweepPlan:
    """One session to be made."""

    name: str
    """Empty for the one that the supervisor generates."""
    parameters: dict[str, Any]
    differs: Mapping[str, str] = field(default_factory=dict)
    """What tells it from the others of its request, by field; empty where it is alone."""
    study: StudyPlace | None = None
    """The study that it is a part of."""


def alternatives(name: str, value: object) -> list[Any]:
    """Return the values that `value` of field `name` stands for: itself, where it is one.

    Raises:
        ValueError: One is empty, stands there twice, or looks like thousands.
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
    known: list[Any] = []
    for piece in pieces:
        meant = _meant(FIELDS[name], piece)
        if meant in known:
            raise ValueError(f"{piece[:20]} stands there twice; give each alternative once")
        known.append(meant)
    return pieces


def plan(given: Mapping[str, object], name: str = "") -> list[SweepPlan]:
    """Return the sessions that `given` stands for: each combination of the alternatives, once.

    Args:
        given: Values by field name, as text or JSON; the last field changes fastest.
        name: A name for them; several get what differs after it.

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
    """Return the sessions that `given` stands for, and the parameters of each in full.

    Raises:
        ParameterError: With every problem, also of the other fields where alternatives are wrong.
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
        found = problems_of(rest, sizes=sizes, default_threads=default_threads)
        raise ParameterError([*error.problems, *found]) from None
    return plans, resolve_each(plans, sizes=sizes, default_threads=default_threads)


def problems_of(
    given: Mapping[str, object], *, sizes: Mapping[str, DatasetSizes], default_threads: int
) -> list[Problem]:
    """Return what is wrong with the parameters of one session; nothing where they can be used."""
    try:
        resolve(given, sizes=sizes, default_threads=default_threads)
    except ParameterError as error:
        return error.problems
    return []


def resolve_each(
    plans: Sequence[SweepPlan], *, sizes: Mapping[str, DatasetSizes], default_threads: int
) -> list[Hyperparameters]:
    """Return the parameters of each session in full, as `resolve` does for one.

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
    told = {part: _label(part, value) for part, value in differs.items()}
    if not name:
        base = "-".join(
            _label(part, values.get(part) or FIELDS[part].default) for part in ("model", "dataset")
        )
        told = {part: value for part, value in differs.items() if part not in ("model", "dataset")}
    full = " ".join([base, *(f"{SHORTEST[part]}={value}" for part, value in told.items())])
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
        return piece  # told with its field when the session is checked
