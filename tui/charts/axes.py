"""Axes of a chart: their ticks and labels, and the cells in which positions on them are drawn."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mnist_tui.tui.charts.chart_model import XUnit

X_TICK_WIDTH, Y_LABEL_WIDTH = 9, 6
MAX_DIGITS = 5
"""Digits after the decimal point; longer labels never fit."""
PLAIN_BELOW = 10_000
"""Numbers from here on are written with a power of ten."""
_TIME_STEPS_S = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
)  # fmt: skip
_NOUNS: dict[XUnit, tuple[str, str]] = {
    "epoch": ("epoch", "epochs"),
    "batch": ("batch", "batches"),
    "time": ("training", "training"),
}
"""Singular and plural of each unit; time counts no pauses."""


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
                labels[-2] = ""  # the unit takes its place
        return list(zip(positions, labels, strict=True))


@dataclass(frozen=True)
class YAxis:
    """The vertical axis."""

    lower: float
    upper: float
    unit: str = ""
    """The end of every label, such as %."""
    is_log: bool = False

    def place(self, value: float) -> float:
        """Return the place of a value, in the units of `ends`."""
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
        # Ticks must lie on rows: only steps that divide the span evenly will do.
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


def column_at(position: float, end: float, columns: int) -> int:
    """Return the column, of `columns`, of a position on an x axis from 0 to `end`."""
    return _cell(position / end if end else 0.0, columns, dots=2)


def row_at(place: float, ends: tuple[float, float], rows: int) -> int | None:
    """Return the row, of `rows` from the top, of a place on a y axis; None if it lies outside."""
    share = (place - ends[0]) / (ends[1] - ends[0])
    return rows - 1 - _cell(share, rows, dots=4) if 0 <= share <= 1 else None


def whole_ticks(end: float, max_count: int) -> list[int]:
    """Return at most `max_count + 1` whole numbers from 0 up to `end`, evenly spaced."""
    for power in itertools.count():
        for factor in (1, 2, 5):
            step = factor * 10**power
            if end / step <= max_count:
                return list(range(0, int(end) + 1, step))
    raise AssertionError


def exact_labels(values: Sequence[float], room: int) -> list[str] | None:
    """Return the shortest labels of one notation that represent `values` exactly.

    Args:
        values: All ticks of an axis.
        room: Characters of each label.

    Returns:
        None if no exact labels fit: once rounded, two ticks could read the same.
    """
    greatest = max(map(abs, values))
    for labels in _notations(values, greatest):
        is_exact = all(
            math.isclose(float(label), value, rel_tol=1e-6, abs_tol=1e-9 * greatest)
            for label, value in zip(labels, values, strict=True)
        )
        if is_exact and max(map(len, labels)) <= room:
            return labels
    return None


def single_label(value: float, room: int) -> str:
    """Return a label as exact as `room` characters permit."""
    if value and not 1e-3 <= abs(value) < PLAIN_BELOW:
        return _with_power(value, 0)
    text = f"{value:.6g}"
    return text if len(text) <= room else text.removeprefix("0")[:room]


def _cell(share: float, cells: int, *, dots: int) -> int:
    """Return the cell that holds the dot of a curve, with `dots` dots per cell."""
    dot = int(0.5 + (dots * cells - 1) * min(1.0, max(0.0, share)))
    return min(cells - 1, dot // dots)


def _notations(values: Sequence[float], greatest: float) -> Iterator[list[str]]:
    if greatest < PLAIN_BELOW:
        for digits in range(MAX_DIGITS + 1):
            yield [f"{value:.{digits}f}" for value in values]
    for digits in range(MAX_DIGITS + 1):
        yield [_with_power(value, digits) for value in values]


def _with_power(value: float, digits: int) -> str:
    mantissa, power = f"{value:.{digits}e}".split("e")
    return f"{mantissa}e{int(power)}" if value else "0"


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
    """Return 1, 2, 2.5 and 5 times powers of ten, from `least` upwards."""
    power = math.floor(math.log10(least)) if least > 0 else 0
    steps = [factor * 10.0 ** (power + more) for more in range(4) for factor in (1, 2, 2.5, 5)]
    return [step for step in steps if step >= least * (1 - 1e-9)]
