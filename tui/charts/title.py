"""The lines over a chart: its name, and a legend with the newest values or those at a cursor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui import formatting
from tui.charts.marks import ABOVE, BEST
from tui.charts.series import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.charts.data import Chart, Curve
    from tui.charts.grid import ChartLine

Run = tuple[str, str]
"""Text and role."""

MAX_LEGEND_LINES = 3
ROWS_FOR_LEGEND = 8
"""From this height on the curves of several sessions have lines of their own in the title."""
LEAST_ENTRY = 22
"""Columns of a legend entry below which rather some entries are left out."""
GAP = "  "


@dataclass(frozen=True)
class Reading:
    """What a chart says at one position of its x axis."""

    position: float
    epoch: float
    step: int
    learning_rate: float | None
    values: tuple[float | None, ...]
    """The value of each curve nearest to the position; None where it ends before."""
    event: str = ""


def read_at(chart: Chart, position: float, reach: float) -> Reading | None:
    """Return the reading at a position, None where there is no curve.

    Args:
        chart: What is read.
        position: On the x axis.
        reach: How far a curve's end, or an event, may lie from there.
    """
    found = [(curve, nearest(curve.source.x, position)) for curve in chart.curves]
    known = [(curve, index) for curve, index in found if index is not None]
    if not known:
        return None
    leader, index = min(known, key=lambda pair: abs(pair[0].source.x[pair[1]] - position))
    train = next((pair for pair in known if pair[0].role == "train"), (leader, index))
    if not chart.is_overlay:
        leader, index = train
    values = tuple(
        float(curve.source.y[at]) if position <= _end(curve, reach) else None for curve, at in known
    )
    near = [event.text for place, event in chart.events if abs(place - position) <= reach]
    return Reading(
        position,
        float(leader.source.epoch[index]),
        int(leader.source.step[index]),
        None if chart.is_overlay else float(leader.source.learning_rate[index]),
        values,
        ", ".join(dict.fromkeys(near)),
    )


def _end(curve: Curve, reach: float) -> float:
    """Return up to where a curve is read: a validation holds until the next one is due."""
    x = curve.source.x
    if curve.role == "test":
        return math.inf
    return float(x[-1] + max(reach, (x[-1] - x[0]) / max(1, len(x) - 1)))


def num_title_lines(chart: Chart, width: int, height: int) -> int:
    """Return how many lines the title takes of `height`."""
    if not chart.is_overlay or height < ROWS_FOR_LEGEND:
        return 1
    most = min(MAX_LEGEND_LINES, height // 4)
    per_line = max(1, (width - 1) // _entry_width(chart, width, most))
    return 1 + min(most, max(1, -(-len(chart.curves) // per_line)))


def title_lines(
    chart: Chart, width: int, count: int, reading: Reading | None = None
) -> list[ChartLine]:
    """Return `count` lines of at most `width` characters: the name, and a legend with values.

    Args:
        chart: What is drawn below.
        width: Characters per line.
        count: From `num_title_lines`.
        reading: The values to be shown; the newest where None.
    """
    heading: list[Run] = [(f" {chart.name}", "title")]
    width -= 1  # another chart may stand beside this one
    if chart.is_overlay and count > 1:
        heading += _place(chart, reading) if reading else _remarks(chart)
        return [_fitted(heading, width), *_legend(chart, width + 1, count - 1, reading)]
    place = _place(chart, reading)
    for is_short in (False, True):
        entries = _entries(chart, reading, is_short=is_short)
        rest = _rest(reading) if reading else _remarks(chart, is_short=is_short)
        runs = [*heading, *place, *entries, *rest]
        if sum(len(text) for text, _ in runs) <= width:
            return [tuple(runs)]
    return [_fitted([(_narrow(text), role) for text, role in runs], width)]


def _entries(chart: Chart, reading: Reading | None, *, is_short: bool) -> list[Run]:
    """Return the legend as it stands behind the name; short, a session is its number alone."""
    return [
        (f"{GAP}{curve.marker} {curve.label.split()[0] if is_short else curve.label} {value}",
         curve.role)
        for curve, value in zip(chart.curves, _values(chart, reading), strict=True)
    ]  # fmt: skip


def _legend(chart: Chart, width: int, count: int, reading: Reading | None) -> list[ChartLine]:
    """Return the curves in columns, the same ones whatever their values are."""
    entry = _entry_width(chart, width, count)
    per_line = max(1, (width - 1) // entry)
    values = _values(chart, reading)
    runs = []
    for curve, value in zip(chart.curves, values, strict=True):
        room = entry - len(GAP) - 2 - len(value) - 1
        label = curve.label if len(curve.label) <= room else curve.label[: room - 1] + "…"
        runs.append((f" {curve.marker} {label} {value}".ljust(entry), curve.role))
    if len(runs) > per_line * count:
        hidden = len(runs) - per_line * count + 1
        runs = [*runs[: per_line * count - 1], (f" and {hidden} more", "axis")]
    lines = [tuple(runs[start : start + per_line]) for start in range(0, len(runs), per_line)]
    return [*lines, *[()] * (count - len(lines))]


def _entry_width(chart: Chart, width: int, num_lines: int) -> int:
    """Return the columns of one curve in a legend of so many lines: all of its name, if it fits."""
    longest = max((len(curve.label) for curve in chart.curves), default=0)
    wanted = longest + len(" ● ") + len(" 0.0000") + len(GAP)
    per_line = max(1, -(-len(chart.curves) // num_lines))
    return min(wanted, max(LEAST_ENTRY, (width - 1) // per_line), max(1, width - 1))


def _values(chart: Chart, reading: Reading | None) -> list[str]:
    values: Sequence[float | None]
    values = reading.values if reading else [float(curve.source.y[-1]) for curve in chart.curves]
    return [formatting.ABSENT if value is None else chart.show(value) for value in values]


def _remarks(chart: Chart, *, is_short: bool = False) -> list[Run]:
    runs: list[Run] = []
    if chart.best is not None:
        _, value, epoch = chart.best
        said = chart.show(value) if is_short else f"best {chart.show(value)} at {epoch:.3g}"
        runs.append((f"{GAP}{BEST} {said}", "best"))
    if chart.greatest_above is not None:
        runs.append((f"{GAP}{ABOVE} up to {chart.show(chart.greatest_above)}", "event"))
    runs += [(f"{GAP}{note}", "axis") for note in chart.notes]
    return runs


def _place(chart: Chart, reading: Reading | None) -> list[Run]:
    if reading is None:
        return []
    parts = [f"epoch {reading.epoch:.2f}"]
    if chart.x_axis.unit == "time":
        parts.insert(0, f"{formatting.duration(reading.position)} in")
    if not chart.is_overlay or chart.x_axis.unit == "batch":
        parts.append(f"batch {reading.step:,}")
    return [(f"{GAP}{part}", "cursor") for part in parts]


def _rest(reading: Reading) -> list[Run]:
    runs: list[Run] = []
    if reading.learning_rate is not None:
        runs.append((f"{GAP}lr {reading.learning_rate:.3g}", "axis"))
    if reading.event:
        runs.append((f"{GAP}{reading.event}", "event"))
    return runs


def _narrow(text: str) -> str:
    """Return a run of the title with the least gap before it."""
    return text.removeprefix(" ") if text.startswith(GAP) else text


def _fitted(runs: list[Run], width: int) -> ChartLine:
    """Return the runs that fit; the last one is cut where not even two would."""
    kept: list[Run] = []
    free = width
    for text, role in runs:
        if len(text) > free:
            if len(kept) < 2:
                kept.append((text[: max(0, free - 1)] + "…" * (free > 0), role))
            break
        kept.append((text, role))
        free -= len(text)
    return tuple(kept)
