"""Comparison of the answers to out-of-distribution images, repeated and of several seeds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mnist_tui.training.analysis.agreement import agreements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.training.analysis.agreement import Agreement
    from mnist_tui.tui.reports.outlier_report import OutlierResult


@dataclass(frozen=True, eq=False)
class OutlierComparison:
    """The answers of a model to one outlier test, beside those of other seeds."""

    own: OutlierResult
    seeds: tuple[OutlierResult, ...]
    """Tests of the same images in sessions that differ only in their seed."""
    tests_back: int
    """Number of newer tests of this session."""
    num_tests: int
    trouble: str = ""
    """A sentence on what could not be read of other seeds, empty for nothing."""

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes."""
        count = self.own.answers.probabilities.shape[1]
        return tuple(map(self.own.class_name, range(count)))

    @property
    def over_passes(self) -> list[Agreement] | None:
        """The answers to each image with dropout active; None without dropout."""
        return self.own.over_passes

    @cached_property
    def over_seeds(self) -> list[Agreement] | None:
        """The answers of each seed to each image, this one's first; None without another seed."""
        if not self.seeds:
            return None
        return agreements([result.predicted for result in (self.own, *self.seeds)])

    def is_same(self, place: int) -> bool | None:
        """Return True if all answers to an image are the same, None if there is only one."""
        kinds = [kind for kind in (self.over_passes, self.over_seeds) if kind is not None]
        return all(kind[place].is_same for kind in kinds) if kinds else None

    @cached_property
    def num_same(self) -> int | None:
        """Number of images whose answers are all the same; None if each has only one."""
        if self.over_passes is None and self.over_seeds is None:
            return None
        return sum(self.is_same(place) is True for place in self.all_places)

    @property
    def all_places(self) -> range:
        """The place of every image."""
        return range(len(self.own.test.names))

    def places(self, *, only_different: bool) -> Sequence[int]:
        """Return the places of all images, or of those with different answers."""
        if not only_different:
            return self.all_places
        return [place for place in self.all_places if self.is_same(place) is False]


def differs_in_seed_alone(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Return True if the stored parameters of two sessions differ only in the seed."""
    return (
        one.keys() == other.keys()
        and one.get("seed") != other.get("seed")
        and all(other[name] == value for name, value in one.items() if name != "seed")
    )
