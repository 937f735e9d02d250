"""Title of a chart: its name, and a legend with the newest values or those at the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from mnist_tui.tui.charts.chart_marks import ABOVE, BEST
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.styled_lines import width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.charts.chart_model import Chart, Curve, XUnit
    from mnist_tui.tui.charts.chart_readout import Reading
    from mnist_tui.tui.text.styled_lines import Line, Run

MAX_LEGEND_LINES = 3
ROWS_FOR_LEGEND = 8
"""Height from which on the legend of an overlay has lines of its own."""
LEAST_ENTRY = 22
"""Width of a legend entry; rather than narrower ones, fewer entries are shown."""
GAP = "  "


def num_title_lines(chart: Chart, width: int, height: int) -> int:
    """Return the number of lines that the title takes of `height`."""
    if not chart.is_overlay or height < ROWS_FOR_LEGEND:
        return 1
    most = min(MAX_LEGEND_LINES, height // 4)
    per_line = max(1, (width - 1) // _entry_width(chart, width, most))
    return 1 + min(most, max(1, -(-len(chart.curves) // per_line)))


def title_lines(chart: Chart, width: int, count: int, reading: Reading | None = None) -> list[Line]:
    """Return `count` lines of at most `width` cells: the name, and a legend with values.

    Args:
        chart: The chart below.
        width: Cells per line.
        count: From `num_title_lines`.
        reading: The values to show; None for the newest.
    """
    heading: list[Run] = [(f" {chart.name}", "title")]
    width -= 1  # a gap to the chart beside
    if chart.is_overlay and count > 1:
        heading += _place(chart, reading) if reading else _remarks(chart)
        return [_fitted(heading, width), *_legend(chart, width + 1, count - 1, reading)]
    if reading:
        return [_read_line(chart, reading, width)]
    for is_short in (False, True):
        runs = [*heading, *_entries(chart, None, is_short=is_short)]
        runs += _remarks(chart, is_short=is_short)
        if width_of(tuple(runs)) <= width:
            return [tuple(runs)]
    names = _narrow([*heading, *_entries(chart, None, is_short=True)])
    if chart.is_overlay and width_of(tuple(names)) > width:
        runs = [*heading, *_bare_entries(chart, None)]  # values matter more than names
    return [_fitted(_narrow(runs), width)]


def _read_line(chart: Chart, reading: Reading, width: int) -> Line:
    """Return the values at the cursor and its place, with more about it if there is room."""
    heading, place = (f" {chart.name}", "title"), _place(chart, reading)
    full, short = (
        [heading, *_entries(chart, reading, is_short=is_short)] for is_short in (False, True)
    )
    bare = [heading, *_bare_entries(chart, reading)]
    rest = _rest(chart, reading)
    wordings = [
        *([*full, *place, *rest[:count]] for count in range(len(rest), -1, -1)),
        *(_narrow([*runs, *place]) for runs in (full, short, bare)),
        # The test has one value, wherever the cursor is.
        _narrow([*(run for run in bare if run[1] != "test"), *place]),
    ]
    fitting = (tuple(runs) for runs in wordings if width_of(tuple(runs)) <= width)
    return next(fitting, None) or _fitted(wordings[-1], width)


def _bare_entries(chart: Chart, reading: Reading | None) -> list[Run]:
    """Return the values with their markers only."""
    return [
        (f"{GAP}{curve.marker} {_text(chart, value)}", curve.role)
        for curve, value in _shown_values(chart, reading)
    ]


def _entries(chart: Chart, reading: Reading | None, *, is_short: bool) -> list[Run]:
    """Return the legend behind the name; in its short form a session is its number only."""
    return [
        (f"{GAP}{curve.marker} {curve.label.split()[0] if is_short else curve.label} "
         f"{_text(chart, value)}", curve.role)
        for curve, value in _shown_values(chart, reading)
    ]  # fmt: skip


def _legend(chart: Chart, width: int, count: int, reading: Reading | None) -> list[Line]:
    """Return the curves in columns whose places do not depend on the values."""
    entry = _entry_width(chart, width, count)
    per_line = max(1, (width - 1) // entry)
    runs = []
    for curve, number in zip(chart.curves, _values(chart, reading), strict=True):
        value = _text(chart, number)
        room = entry - len(GAP) - 2 - len(value) - 1
        label = fit(curve.label, min(room, cell_len(curve.label)))
        runs.append((fit(f" {curve.marker} {label} {value}", entry), curve.role))
    if len(runs) > per_line * count:
        hidden = len(runs) - per_line * count + 1
        runs = [*runs[: per_line * count - 1], (f" and {hidden} more", "axis")]
    lines = [tuple(runs[start : start + per_line]) for start in range(0, len(runs), per_line)]
    return [*lines, *[()] * (count - len(lines))]


def _entry_width(chart: Chart, width: int, num_lines: int) -> int:
    """Return the width of one entry in a legend of `num_lines`: the whole name if it fits."""
    longest = max((cell_len(curve.label) for curve in chart.curves), default=0)
    wanted = longest + len(" ● ") + len(" 0.0000") + len(GAP)
    per_line = max(1, -(-len(chart.curves) // num_lines))
    return min(wanted, max(LEAST_ENTRY, (width - 1) // per_line), max(1, width - 1))


def _values(chart: Chart, reading: Reading | None) -> Sequence[float | None]:
    """Return the value of each curve at the cursor, or the newest."""
    return reading.values if reading else [float(curve.source.y[-1]) for curve in chart.curves]


def _shown_values(chart: Chart, reading: Reading | None) -> list[tuple[Curve, float | None]]:
    """Return the curves with their values, without a test that has no value yet."""
    pairs = zip(chart.curves, _values(chart, reading), strict=True)
    return [(curve, value) for curve, value in pairs if value is not None or curve.role != "test"]


def _text(chart: Chart, value: float | None) -> str:
    return formatting.ABSENT if value is None else chart.show(value)


def _remarks(chart: Chart, *, is_short: bool = False) -> list[Run]:
    runs: list[Run] = []
    if chart.greatest_above is not None:
        runs.append((f"{GAP}{ABOVE} up to {chart.show(chart.greatest_above)}", "event"))
    if chart.best is not None:
        _, value, epoch = chart.best
        text = chart.show(value) if is_short else f"best {chart.show(value)} at {epoch:.3g}"
        runs.append((f"{GAP}{BEST} {text}", "best"))
    runs += [(f"{GAP}{note}", "axis") for note in chart.notes]
    return runs


def _place(chart: Chart, reading: Reading) -> list[Run]:
    """Return the place of the cursor in the unit of the x axis."""
    return [(f"{GAP}{_places(reading)[chart.x_axis.unit]}", "cursor")]


def _rest(chart: Chart, reading: Reading) -> list[Run]:
    """Return more about the place: of one session the learning rate first, then other units."""
    runs: list[Run] = []
    if not chart.is_overlay:
        if reading.learning_rate is not None:
            runs.append((f"{GAP}lr {reading.learning_rate:.3g}", "axis"))
        places = _places(reading)
        others: tuple[XUnit, ...] = ("epoch", "batch")
        runs += [(f"{GAP}{places[unit]}", "axis") for unit in others if unit != chart.x_axis.unit]
    if reading.event:
        runs.append((f"{GAP}{reading.event}", "event"))
    return runs


def _places(reading: Reading) -> dict[XUnit, str]:
    return {
        "epoch": f"epoch {reading.epoch:.2f}",
        "batch": f"batch {reading.step:,}",
        "time": f"{formatting.duration(reading.seconds)} in",
    }


def _narrow(runs: Sequence[Run]) -> list[Run]:
    """Return the runs of a title with gaps of one blank."""
    return [(text.removeprefix(" ") if text.startswith(GAP) else text, role) for text, role in runs]


def _fitted(runs: Sequence[Run], width: int) -> Line:
    """Return the runs that fit, and at least two: the last of them is cut if need be."""
    kept: list[Run] = []
    free = width
    for text, role in runs:
        length = cell_len(text)
        if length > free:
            if len(kept) < 2 and free > 0:
                kept.append((fit(text, free), role))
            break
        kept.append((text, role))
        free -= length
    return tuple(kept)
