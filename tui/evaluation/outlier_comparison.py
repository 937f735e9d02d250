"""An outlier test of one session as a page shows it: beside the answers that other seeds gave."""

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
    """What a model answered to images of no digit, and whether it is answered every time."""

    own: OutlierResult
    seeds: tuple[OutlierResult, ...]
    """The same images in sessions that differ from it in their seed alone."""
    tests_back: int
    """How many tests of this session are newer."""
    num_tests: int
    trouble: str = ""
    """One sentence of what could not be read of other seeds; empty for nothing."""

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """What the classes are called."""
        count = self.own.answers.probabilities.shape[1]
        return tuple(map(self.own.class_name, range(count)))

    @property
    def over_passes(self) -> list[Agreement] | None:
        """The answers to each image with dropout active; None for a network without dropout."""
        return self.own.over_passes

    @cached_property
    def over_seeds(self) -> list[Agreement] | None:
        """The answers of each seed to each image, this one's first; None without another seed."""
        if not self.seeds:
            return None
        return agreements([each.predicted for each in (self.own, *self.seeds)])

    def is_same(self, place: int) -> bool | None:
        """Return whether an image got the same answer every time; None where it was asked once."""
        found = [each[place] for each in (self.over_passes, self.over_seeds) if each is not None]
        return all(each.is_same for each in found) if found else None

    @cached_property
    def num_same(self) -> int | None:
        """How many images got the same answer every time; None where they were asked once."""
        if self.over_passes is None and self.over_seeds is None:
            return None
        return sum(self.is_same(place) is True for place in self.all_places)

    @property
    def all_places(self) -> range:
        """The place of every image."""
        return range(len(self.own.test.names))

    def places(self, *, only_different: bool) -> Sequence[int]:
        """Return the places of all images, or of those that got different answers."""
        if not only_different:
            return self.all_places
        return [place for place in self.all_places if self.is_same(place) is False]


def differs_in_seed_alone(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Return whether the parameters of two sessions, in their stored form, tell a seed apart."""
    return (
        one.keys() == other.keys()
        and one.get("seed") != other.get("seed")
        and all(other[name] == value for name, value in one.items() if name != "seed")
    )
