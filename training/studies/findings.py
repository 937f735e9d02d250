"""Published findings: predicates over the rows of a study's table, kept as data.

A finding is true or false by the means of its rows over the seeds, and unknown while one of them is
missing. Times and sizes are those of this machine and this program.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mnist_tui.training.studies.study_table import TableRow

MAX_LIKENESS = 0.01
"""Accuracies that differ by less than a point count as alike."""
MOST = 0.5

_CONFUSION = re.compile(r"(\d) as (\d)")


class Finding(Struct, frozen=True, forbid_unknown_fields=True):
    """One published finding; it holds if all of its predicates do.

    A figure is "row", "row | column" or "row | 7 as 9", the images of class 7 predicted as 9.
    """

    sentence: str
    falling: list[list[str]] = []
    """Lists of figures, each above the next."""
    highest: list[list[str]] = []
    """Lists of figures of which none is above the first."""
    alike: tuple[str, str] | None = None
    """Two accuracies less than a point apart."""
    closest: list[str] = []
    """A figure, the one closest to it, and the others."""
    at_least: float = 0.0
    """Lower bound for each figure of `rows`."""
    rows: list[str] = []
    most_outliers: list[int] = []
    """Classes that together are predicted for more than half of the out-of-distribution images."""


@cache
def findings() -> dict[str, Finding]:
    """Return all findings by name, in the order of their studies."""
    file = resources.files("mnist_tui.training.studies") / "definitions" / "findings.toml"
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), dict[str, Finding])


def judge(finding: Finding, rows: Mapping[str, TableRow]) -> bool | None:
    """Return True if the rows, by label, support a finding; None while one is missing."""

    def mean(figure: str) -> float:
        value = _mean(rows, figure)
        if value is None:
            raise _NotMeasuredError
        return value

    try:
        falling = [[mean(figure) for figure in chain] for chain in finding.falling]
        highest = [[mean(figure) for figure in figures] for figures in finding.highest]
        alike = [mean(figure) for figure in finding.alike or ()]
        target, *nearest = [mean(figure) for figure in finding.closest] or [0.0]
        least = [mean(figure) for figure in finding.rows]
        share = _outlier_share(rows, finding.most_outliers) if finding.most_outliers else 1.0
    except _NotMeasuredError:
        return None
    distances = [abs(value - target) for value in nearest]
    return (
        all(above > below for chain in falling for above, below in itertools.pairwise(chain))
        and all(first >= max(others) for first, *others in highest)
        and max(alike, default=0.0) - min(alike, default=0.0) < MAX_LIKENESS
        and all(distances[0] <= distance for distance in distances)
        and all(value >= finding.at_least for value in least)
        and share > MOST
    )


class _NotMeasuredError(Exception):
    """A figure that no row has yet."""


def _mean(rows: Mapping[str, TableRow], figure: str) -> float | None:
    """Return the mean of a figure over the seeds; None if it is not measured."""
    label, _, column = figure.partition(" | ")
    row = rows.get(label)
    if row is None:
        return None
    if confusion := _CONFUSION.fullmatch(column):
        return row.mean_confusion(int(confusion[1]), int(confusion[2]))
    return row.figures[column or "test_accuracy"].mean


def _outlier_share(rows: Mapping[str, TableRow], classes: list[int]) -> float:
    """Return the share of out-of-distribution images predicted as one of `classes`, 0..1."""
    counts = [each for row in rows.values() for each in row.outlier_counts]
    total = sum(map(sum, counts))
    if not total:
        raise _NotMeasuredError
    return sum(each[index] for each in counts for index in classes) / total
