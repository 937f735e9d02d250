"""Agreement of several predictions on the same image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Key = TypeVar("Key")


@dataclass(frozen=True)
class Agreement:
    """Predictions on one image, time after time."""

    answers: tuple[int, ...]
    """The predicted class each time."""

    @property
    def is_same(self) -> bool:
        """True if all predictions are the same."""
        return len(set(self.answers)) <= 1


def agreements(rounds: Sequence[Sequence[int]]) -> list[Agreement]:
    """Return the agreement on each image.

    Args:
        rounds: For each time, the predicted class of every image, in one order.
    """
    return [Agreement(tuple(answers)) for answers in zip(*rounds, strict=True)]


def alike(parameters: Mapping[Key, Mapping[str, object]]) -> list[list[Key]]:
    """Return groups of keys whose parameters differ in the seed alone, in the given order.

    Args:
        parameters: By session, in their stored form.
    """
    groups: dict[tuple[tuple[str, object], ...], list[Key]] = {}
    for key, values in parameters.items():
        rest = tuple(
            (name, tuple(value) if isinstance(value, list) else value)
            for name, value in sorted(values.items())
            if name != "seed"
        )
        groups.setdefault(rest, []).append(key)
    return list(groups.values())
