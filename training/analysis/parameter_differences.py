"""Differences between the parameters of sessions, those of their data included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnist_tui.training.parameters.hyperparameters import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mnist_tui.storage.records import SessionRecord

DATA = ("dataset", "subset", "fraction", "split", "validation")
"""Parameters that select the images for training and scoring."""
SEED = "seed"
MIN_SESSIONS, MAX_SESSIONS = 2, 10
"""Sessions in one comparison."""


def value_of(record: SessionRecord, name: str) -> Any:
    """Return a parameter, or its default if a record of an older version lacks it."""
    default = FIELDS[name].default if name in FIELDS else None
    value = record.parameters.get(name, default)
    # JSON knows no tuples.
    return tuple(value) if isinstance(value, list) else value


def show(name: str, value: object) -> str:
    """Return a parameter's value as the user would type it; `none` if it does not apply."""
    if value is None:
        return "none"
    return FIELDS[name].show(value) if name in FIELDS else str(value)


def differing(records: Iterable[SessionRecord]) -> tuple[str, ...]:
    """Return the parameters with several values, in the order of the form."""
    kept = list(records)
    return tuple(
        name for name in _names(kept) if len({value_of(record, name) for record in kept}) > 1
    )


def same_but_for_seed(records: Sequence[SessionRecord]) -> list[list[SessionRecord]]:
    """Return the groups of two or more sessions whose parameters differ in the seed at most."""
    groups: dict[tuple[Any, ...], list[SessionRecord]] = {}
    names = [name for name in _names(records) if name != SEED]
    for record in records:
        key = tuple(value_of(record, name) for name in names)
        groups.setdefault(key, []).append(record)
    return [group for group in groups.values() if len(group) > 1]


def _names(records: Iterable[SessionRecord]) -> list[str]:
    foreign = {name for record in records for name in record.parameters if name not in FIELDS}
    return [*FIELDS, *sorted(foreign)]
