"""One row of a benchmark's table, and how many values become one."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HEADER = "| what | result | bar |\n|---|---|---|"


@dataclass(frozen=True)
class Result:
    """What was measured, what came out, and what was promised."""

    what: str
    value: str
    bar: str
    is_met: bool

    def __str__(self) -> str:
        mark = "" if self.is_met else " **missed**"
        return f"| {self.what} | {self.value}{mark} | {self.bar} |"


def print_table(results: Iterable[Result]) -> int:
    """Print each result once it is there; return the exit code, 1 where a bar was missed."""
    print(HEADER, flush=True)
    is_all_met = True
    for result in results:
        print(result, flush=True)
        is_all_met &= result.is_met
    return 0 if is_all_met else 1


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` of all values do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, -int(-len(ranked) * share // 1) - 1)]


def spread(values: Sequence[float], unit: str, decimals: int = 0) -> str:
    """Return median, least and greatest value in words."""
    middle, least, most = statistics.median(values), min(values), max(values)
    return f"{middle:,.{decimals}f} {unit} ({least:,.{decimals}f}–{most:,.{decimals}f})"


def quartiles(values: Sequence[float], unit: str, decimals: int = 0) -> str:
    """Return median, lower and upper quartile in words."""
    lower, upper = percentile(values, 0.25), percentile(values, 0.75)
    middle = statistics.median(values)
    return f"{middle:,.{decimals}f} {unit} ({lower:,.{decimals}f}–{upper:,.{decimals}f})"
