"""What the axes of a chart span, and what is written beside them.

Axes change rarely, so that a new point is a few changed cells and not a whole new picture.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_tui.tui.charts.y_labels import exact_labels, single_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.charts.chart_view import XUnit

LEAST_USE = 0.4
"""Limits are kept while the values take at least this share of them."""
LEAST_SPAN = 1e-9
X_TICK_WIDTH, Y_LABEL_WIDTH = 9, 6
_TIMES_S = (15, 30, 60, 120, 300, 600, 1_200, 2_400, 3_600, 7_200, 14_400, 28_800, 57_600, 86_400)
_TIME_STEPS_S = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
)  # fmt: skip
_NOUNS: dict[XUnit, tuple[str, str]] = {
    "epoch": ("epoch", "epochs"),
    "batch": ("batch", "batches"),
    "time": ("training", "training"),
}
"""What one and what several of a unit are called; time counts no pauses."""


@dataclass(frozen=True)
class XAxis:
    """The horizontal axis, which begins at 0."""

    unit: XUnit
    end: float
    """Epochs, batches or seconds at the right end."""

    def ticks(self, width: int) -> list[tuple[float, str]]:
        """Return positions and labels for an axis of `width` columns; the last names the unit."""
        max_count = max(1, width // X_TICK_WIDTH)
        if self.unit == "time":
            positions = _time_ticks(self.end, max_count)
            labels = [_short_time(position) for position in positions]
        else:
            positions = [float(tick) for tick in whole_ticks(self.end, max_count)]
            labels = [_short_count(position) for position in positions]
        labels[-1] += f" {_NOUNS[self.unit][positions[-1] != 1]}"
        if len(positions) > 2:
            room = (positions[-1] - positions[-2]) / self.end * width
            if room < len(labels[-1]) + len(labels[-2]) / 2 + 2:
                labels[-2] = ""  # the unit has its place
        return list(zip(positions, labels, strict=True))


@dataclass(frozen=True)
class YAxis:
    """The vertical axis."""

    lower: float
    upper: float
    unit: str = ""
    """Stands behind every label, such as %."""
    is_log: bool = False

    def place(self, value: float) -> float:
        """Return where a value lies, in the units of `ends`."""
        return math.log10(value) if self.is_log else value

    @property
    def ends(self) -> tuple[float, float]:
        """The places of both ends."""
        return self.place(self.lower), self.place(self.upper)

    def ticks(self, height: int) -> list[tuple[float, str]]:
        """Return places and labels, at most six characters each, for an axis of `height` rows."""
        room = Y_LABEL_WIDTH - len(self.unit)
        if self.is_log:
            values = self._log_ticks(height)
            labels = [single_label(value, room) for value in values]
        else:
            values, labels = self._even_ticks(height, room)
        return [
            (self.place(value), label + self.unit)
            for value, label in zip(values, labels, strict=True)
        ]

    def _even_ticks(self, height: int, room: int) -> tuple[list[float], list[str]]:
        span = self.upper - self.lower
        # A tick belongs where a row is: whole steps that divide the span evenly.
        for step in _nice_steps(span / max(1, height // 2)):
            count = span / step
            if step > span:
                break
            if abs(count - round(count)) < 1e-6:
                numbers = range(round(count) + 1)
                values = [round(self.lower + step * number, 12) for number in numbers]
                if labels := exact_labels(values, room):
                    return values, labels
        ends = [self.lower, self.upper]
        return ends, exact_labels(ends, room) or [single_label(end, room) for end in ends]

    def _log_ticks(self, height: int) -> list[float]:
        for factors in ((1, 2, 5), (1,)):
            ticks = [
                factor * 10.0**power
                for power in range(-12, 13)
                for factor in factors
                if self.lower * (1 - 1e-9) <= factor * 10.0**power <= self.upper * (1 + 1e-9)
            ]
            if len(ticks) <= max(2, height // 2):
                break
        every = max(1, -(-len(ticks) // max(2, height // 2)))
        return ticks[::every] if len(ticks) > 1 else [self.lower, self.upper]


def nice_limits(
    values: Sequence[float], floor: float | None = None, ceiling: float | None = None
) -> tuple[float, float]:
    """Return round axis limits around `values`.

    Args:
        values: What must fit; anything finite.
        floor: The limits never go below this.
        ceiling: Nor above this.
    """
    if not values:
        return (0.0 if floor is None else floor, 1.0 if ceiling is None else ceiling)
    least, greatest = min(values), max(values)
    span = greatest - least
    # Values that differ by rounding only are one value.
    size = span if span > 1e-6 * abs(greatest) else abs(greatest)
    step = _nice_step(size if size > LEAST_SPAN else 1.0)
    lower = math.floor(least / step + 1e-9) * step
    upper = math.ceil(greatest / step - 1e-9) * step
    if upper <= lower:
        upper = lower + step
    if floor is not None:
        lower = max(lower, floor)
    if ceiling is not None:
        upper = min(upper, ceiling)
    if upper <= lower:
        lower = upper - step
    return round(lower, 12), round(upper, 12)


def log_limits(values: Sequence[float]) -> tuple[float, float]:
    """Return limits at 1, 2 or 5 times a power of ten around the values above 0."""
    positive = [value for value in values if value > 0]
    if not positive:
        return 0.01, 1.0
    marks = [factor * 10.0**power for power in range(-12, 13) for factor in (1, 2, 5)]
    lower = max((mark for mark in marks if mark <= min(positive)), default=marks[0])
    upper = min((mark for mark in marks if mark >= max(positive)), default=marks[-1])
    return (lower, upper) if upper > lower else (lower, lower * 10)


def kept_limits(
    known: tuple[float, float] | None, wanted: tuple[float, float], *, is_log: bool = False
) -> tuple[float, float]:
    """Return the known limits while the wanted ones fit into them and use them well.

    Args:
        known: The limits of the picture before, None for the first.
        wanted: What `nice_limits` or `log_limits` say now.
        is_log: Whether the room is measured in powers of ten.
    """
    if known is None:
        return wanted
    (lower, upper), (least, greatest) = (
        [math.log10(limit) for limit in limits] if is_log else limits for limits in (known, wanted)
    )
    does_fit = lower <= least and greatest <= upper
    return known if does_fit and greatest - least >= LEAST_USE * (upper - lower) else wanted


def column_at(position: float, end: float, columns: int) -> int:
    """Return the column, of so many, where a curve passes a position on an axis from 0 to `end`."""
    return _cell(position / end if end else 0.0, columns, dots=2)


def row_at(place: float, ends: tuple[float, float], rows: int) -> int | None:
    """Return the row, of so many from the top, where a curve passes a place between both ends."""
    share = (place - ends[0]) / (ends[1] - ends[0])
    return rows - 1 - _cell(share, rows, dots=4) if 0 <= share <= 1 else None


def _cell(share: float, cells: int, *, dots: int) -> int:
    """Return the cell that the dot of a curve lies in, where a cell is so many dots long."""
    dot = int(0.5 + (dots * cells - 1) * min(1.0, max(0.0, share)))
    return min(cells - 1, dot // dots)


def time_capacity(seconds: float) -> float:
    """Return the end of a time axis that holds `seconds`: about doubled whenever it is full."""
    for capacity in _TIMES_S:
        if seconds <= capacity:
            return float(capacity)
    days = 86_400.0
    while days < seconds:
        days *= 2
    return days


def doubled_capacity(count: float, least: float) -> float:
    """Return the end of an axis that holds `count`: `least`, or that doubled until it does."""
    capacity = least
    while capacity < count:
        capacity *= 2
    return capacity


def whole_ticks(end: float, max_count: int) -> list[int]:
    """Return at most `max_count + 1` whole numbers from 0 up to `end`, evenly spaced."""
    for power in itertools.count():
        for factor in (1, 2, 5):
            step = factor * 10**power
            if end / step <= max_count:
                return list(range(0, int(end) + 1, step))
    raise AssertionError


def _time_ticks(end: float, max_count: int) -> list[float]:
    step = next((step for step in _TIME_STEPS_S if end / step <= max_count), 0)
    if not step:
        step = 86_400 * math.ceil(end / 86_400 / max_count)
    return [float(position) for position in range(0, int(end) + 1, step)]


def _short_time(seconds: float) -> str:
    whole = round(seconds)
    if whole == 0:
        return "0"
    if whole >= 86_400 and whole % 86_400 == 0:
        return f"{whole // 86_400}d"
    for size, letter in ((3_600, "h"), (60, "m")):
        if whole >= size:
            rest = whole % size // (size // 60)
            return f"{whole // size}{letter}" + (f"{rest:02d}" if rest else "")
    return f"{whole}s"


def _short_count(count: float) -> str:
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= 10 * size or (count >= size and count % size == 0):
            return f"{count / size:g}{letter}"
    return f"{count:g}"


def _nice_steps(least: float) -> list[float]:
    """Return the 1, 2 or 5 times a power of ten from `least` upwards."""
    power = math.floor(math.log10(least)) if least > 0 else 0
    steps = [factor * 10.0 ** (power + more) for more in range(4) for factor in (1, 2, 2.5, 5)]
    return [step for step in steps if step >= least * (1 - 1e-9)]


def _nice_step(span: float) -> float:
    """Return 1, 2 or 5 times a power of ten: a fifth to a half of `span`."""
    power = 10.0 ** math.floor(math.log10(span))
    for factor in (0.2, 0.5, 1.0):
        if span / (factor * power) <= 5:
            return factor * power
    return 2 * power
