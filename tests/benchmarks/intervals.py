"""A median with its 95 % interval, by order statistics: nothing is assumed of how values spread."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARE_OUTSIDE = 0.05


class Interval(NamedTuple):
    """A median and where it lies with 95 % confidence; infinite where values are too few."""

    median: float
    low: float
    high: float

    def text(self, unit: str = "", decimals: int = 3) -> str:
        """Return it as 0.985 (0.981–0.990)."""
        if math.isinf(self.low):
            return f"{self.median:,.{decimals}f}{unit} (too few for an interval)"
        low, high = f"{self.low:,.{decimals}f}", f"{self.high:,.{decimals}f}"
        return f"{self.median:,.{decimals}f}{unit} ({low}–{high})"


def median_interval(values: Sequence[float]) -> Interval:
    """Return the median of `values` between the two order statistics that hold it at 95 %.

    As many values lie below the true median as tosses of a coin show heads, so the binomial
    distribution says how far in the two may be; six values are the fewest.
    """
    ranked = sorted(values)
    outside = 0
    while _tail(outside, len(ranked)) <= SHARE_OUTSIDE / 2:
        outside += 1
    middle = statistics.median(ranked)
    if not outside:
        return Interval(middle, -math.inf, math.inf)
    return Interval(middle, ranked[outside - 1], ranked[-outside])


def _tail(heads: int, tosses: int) -> float:
    """Return the probability of at most so many heads."""
    return float(sum(math.comb(tosses, count) for count in range(heads + 1)) / 2**tosses)
