"""What is written beside the y axis: numbers that say exactly where they stand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_DIGITS = 5
"""After the point; no label has room for more."""
PLAIN_BELOW = 10_000
"""From here on a number is written with a power of ten."""


def exact_labels(values: Sequence[float], room: int) -> list[str] | None:
    """Return the shortest labels alike in form that say what `values` are.

    Args:
        values: All ticks of an axis.
        room: Characters of each label.

    Returns:
        None where that takes more room: rounded, two ticks could read the same.
    """
    greatest = max(map(abs, values))
    for labels in _writings(values, greatest):
        said = [float(label) for label in labels]
        is_exact = all(
            math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9 * greatest)
            for one, other in zip(said, values, strict=True)
        )
        if is_exact and max(map(len, labels)) <= room:
            return labels
    return None


def single_label(value: float, room: int) -> str:
    """Return a label as exact as it can be in so many characters."""
    if value and not 1e-3 <= abs(value) < PLAIN_BELOW:
        return _with_power(value, 0)
    text = f"{value:.6g}"
    return text if len(text) <= room else text.removeprefix("0")[:room]


def _writings(values: Sequence[float], greatest: float) -> Iterator[list[str]]:
    if greatest < PLAIN_BELOW:
        for digits in range(MAX_DIGITS + 1):
            yield [f"{value:.{digits}f}" for value in values]
    for digits in range(MAX_DIGITS + 1):
        yield [_with_power(value, digits) for value in values]


def _with_power(value: float, digits: int) -> str:
    mantissa, power = f"{value:.{digits}e}".split("e")
    return f"{mantissa}e{int(power)}" if value else "0"
