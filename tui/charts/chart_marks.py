"""Where the words of events stand over a chart, and the markers that tell its curves apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mnist_tui.tui.charts.chart_events import ChartEvent

CURVE_MARKERS = {"train": "─", "val": "•", "test": "◆"}
"""The marker of each split where one session is drawn."""
SLOT_MARKERS = ("●", "○", "■", "□", "▲", "△", "◆", "◇", "▼", "▽")
"""The marker of each slot where several sessions are drawn over each other."""
BEST = "★"
ABOVE = "↑"
"""Stands in the top row for values that the axis does not reach."""
NEAR = 2
"""Events closer than this many columns are told as one."""


def slots_of(session_ids: Iterable[int]) -> dict[int, int]:
    """Return the slot 0..9 of each of at most ten sessions; it decides colour and marker.

    A session has the slot of its ID in whatever company it is drawn, or the next free one where
    one drawn before it has that.
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
    """Where events are marked."""

    columns: tuple[int, ...]
    """The columns of vertical marks."""
    marks: tuple[Mark, ...]
    """What stands over them, from left to right."""


def lay_out(events: Sequence[tuple[int, ChartEvent]], width: int) -> MarkLayout:
    """Return where the words of events go on one line, merged where they would collide.

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
    """Return the longest wording that fits: to the right of its column, or else to the left."""
    for forward, backward in _wordings(events):
        if column + len(forward) <= free_until:
            return Mark(column, forward)
        start = column + 1 - len(backward)
        if start >= free_from and column < free_until:
            return Mark(start, backward)
    return Mark(column, _short(events))


def _wordings(events: list[ChartEvent]) -> list[tuple[str, str]]:
    """Return wordings, the longest first, each as it reads to the right and to the left."""
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
