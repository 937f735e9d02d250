"""Active time of a session: the time spent in `running`, without pauses and waits.

It is derived from the history, in which the supervisor records every change of state.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.storage.records import SessionState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mnist_tui.storage.history import HistoryEntry

_STATES = frozenset(state.value for state in SessionState)
_STATE_COMMANDS = ("", "new")
"""Commands beside a state in the history: none, or `new` for the first one."""


class StateChange(NamedTuple):
    """A change of a session's state."""

    time: float
    """Unix seconds."""
    state: SessionState


@dataclass(frozen=True)
class ActiveTime:
    """The spans in which a session trained, in order."""

    starts: tuple[float, ...] = ()
    """Unix seconds at which each span begins."""
    ends: tuple[float, ...] = ()
    """Unix seconds at which each ends; infinity for an open span."""
    seconds_before: tuple[float, ...] = ()
    """Seconds trained before each span."""

    @classmethod
    def from_entries(
        cls, entries: Iterable[HistoryEntry], row_times: Sequence[float] = ()
    ) -> ActiveTime:
        """Return the spans recorded in a history.

        Args:
            entries: The history, oldest first.
            row_times: Unix seconds of the session's metric rows, rising. An interruption is
                recorded only by the next supervisor, so such a span is taken to end with its last
                row.
        """
        starts: list[float] = []
        ends: list[float] = []
        seconds_before: list[float] = []
        trained_s = 0.0
        for start, end, next_state in _spans(state_changes(entries)):
            is_recorded_late = next_state is SessionState.INTERRUPTED
            actual_end = _last_row(row_times, start, end) if is_recorded_late else end
            starts.append(start)
            ends.append(actual_end)
            seconds_before.append(trained_s)
            trained_s += actual_end - start
        return cls(tuple(starts), tuple(ends), tuple(seconds_before))

    def seconds_at(self, unix_time: float) -> float:
        """Return the seconds trained before a moment; 0 before the first batch."""
        index = bisect_right(self.starts, unix_time) - 1
        if index < 0:
            return 0.0
        reached = min(unix_time, self.ends[index])
        return self.seconds_before[index] + reached - self.starts[index]


def state_changes(entries: Iterable[HistoryEntry]) -> Iterator[StateChange]:
    """Yield the changes of state in a history, in order; a clock that was set back stands still."""
    latest = -math.inf
    for entry in entries:
        word = entry.text.partition(":")[0]
        is_state = entry.event == "changed" and entry.command in _STATE_COMMANDS
        if not is_state or word not in _STATES or (moment := _unix(entry.time)) is None:
            continue
        latest = max(latest, moment)
        yield StateChange(latest, SessionState(word))


def _spans(changes: Iterable[StateChange]) -> Iterator[tuple[float, float, SessionState | None]]:
    """Yield (start, end, the state after it) of each time in `running`."""
    start: float | None = None
    for change in changes:
        if change.state is SessionState.RUNNING:
            start = change.time if start is None else start
        elif start is not None:
            yield start, change.time, change.state
            start = None
    if start is not None:
        yield start, math.inf, None


def _last_row(row_times: Sequence[float], start: float, end: float) -> float:
    """Return when the last row in a span was written; its end if there are no rows."""
    index = bisect_right(row_times, end) - 1
    return max(start, row_times[index]) if index >= 0 else end


def _unix(time: str) -> float | None:
    try:
        return datetime.fromisoformat(time).timestamp()
    except (ValueError, OverflowError):
        return None
