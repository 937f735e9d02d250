"""Markers that distinguish the curves of a chart, and the layout of the words of its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mnist_tui.tui.charts.chart_events import ChartEvent

CURVE_MARKERS = {"train": "─", "val": "•", "test": "◆"}
"""Marker of each split in the chart of one session."""
SLOT_MARKERS = ("●", "○", "■", "□", "▲", "△", "◆", "◇", "▼", "▽")
"""Marker of each slot in an overlay of several sessions."""
BEST = "★"
ABOVE = "↑"
"""Marks values above the axis, in the top row."""
NEAR = 2
"""Events closer than this many columns share one mark."""


def slots_of(session_ids: Iterable[int]) -> dict[int, int]:
    """Return the slot 0..9, which sets colour and marker, of each of at most ten sessions.

    A session has the slot of its ID whichever others are drawn, or the next free slot if one of
    them has it already.
    """
    slots: dict[int, int] = {}
    num_slots = len(SLOT_MARKERS)
    for session_id in session_ids:
        wanted = ((session_id - 1 + places) % num_slots for places in range(num_slots))
        slots[session_id] = next(slot for slot in wanted if slot not in slots.values())
    return slots


class Mark(NamedTuple):
    """Words over the plot."""

    start: int
    """The column of its first character."""
    text: str


class MarkLayout(NamedTuple):
    """Places of the marks of events."""

    columns: tuple[int, ...]
    """The columns of vertical marks."""
    marks: tuple[Mark, ...]
    """The words above them, from left to right."""


def lay_out(events: Sequence[tuple[int, ChartEvent]], width: int) -> MarkLayout:
    """Return the places of the words of events on one line; words that would collide are merged.

    Args:
        events: Columns (rising) and events; quiet ones are left out.
        width: Columns of the line.
    """
    groups = _grouped([(column, event) for column, event in events if not event.is_quiet])
    marks: list[Mark] = []
    free_from = 0
    for index, (column, group) in enumerate(groups):
        is_last = index + 1 == len(groups)
        free_until = width if is_last else groups[index + 1][0] - 1
        mark = _placed(column, group, free_from, free_until)
        marks.append(mark)
        free_from = mark.start + len(mark.text) + 1
    return MarkLayout(tuple(column for column, _ in groups), tuple(marks))


def _grouped(events: list[tuple[int, ChartEvent]]) -> list[tuple[int, list[ChartEvent]]]:
    groups: list[tuple[int, list[ChartEvent]]] = []
    for column, event in events:
        if groups and column - groups[-1][0] < NEAR:
            groups[-1][1].append(event)
        else:
            groups.append((column, [event]))
    return groups


def _placed(column: int, events: list[ChartEvent], free_from: int, free_until: int) -> Mark:
    """Return the longest wording that fits to the right of its column, or else to the left."""
    for forward, backward in _wordings(events):
        if column + len(forward) <= free_until:
            return Mark(column, forward)
        start = column + 1 - len(backward)
        if start >= free_from and column < free_until:
            return Mark(start, backward)
    return Mark(column, _short(events))


def _wordings(events: list[ChartEvent]) -> list[tuple[str, str]]:
    """Return wordings, the longest first, each written to the right and to the left."""
    if len(events) == 1:
        event = events[0]
        return [(event.text, f"{event.word} {event.glyph}"), (event.glyph, event.glyph)]
    by_time = sorted(events, key=lambda event: event.time)  # a resumption may lie to the left
    text = ", ".join(event.text for event in by_time)
    count = f"{len(events)} events"
    return [(text, text), (count, count)]


def _short(events: list[ChartEvent]) -> str:
    if len(events) == 1:
        return events[0].glyph
    return str(len(events)) if len(events) < 10 else "…"
