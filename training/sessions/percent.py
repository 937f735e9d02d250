"""Accuracies in per cent: one rounding for screens, commands, reports and logs."""

from __future__ import annotations

import math

ABSENT = "–"


def percent(fraction: float | None) -> str:
    """Return a fraction in 0..1 as per cent without the sign, in at most five characters.

    Rounded down, since rounding up would call a model perfect that is not: 9,409 of 10,000 are
    94.09, and 99.996 % are 99.99.
    """
    if fraction is None or math.isnan(fraction):
        return ABSENT
    return "100.0" if fraction >= 1 else f"{min(floor_of(fraction, 10_000), 9_999) / 100:.2f}"


def floor_of(fraction: float, scale: int) -> int:
    """Return `fraction` times `scale`, rounded down.

    The product is rounded first: 0.9409 is stored as 0.94089999…, and its product with 10,000 as
    9408.999…. Nine places remove that error and keep counts out of up to 10⁸ apart.
    """
    return math.floor(round(fraction * scale, 9))
