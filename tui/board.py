"""What a client knows of all sessions: records by ID, their order and the one selected.

The cursor belongs to the user: it stays on its session ID, whatever comes, moves or goes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from operator import neg
from typing import TYPE_CHECKING

from storage.records import SessionState
from training.lifecycle import ENDED
from training.protocol import SessionChanged, SessionRemoved

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.records import SessionRecord
    from training.protocol import Event


@dataclass(frozen=True)
class Change:
    """What an event made different."""

    ids: frozenset[int] = frozenset()
    """Sessions whose record is different."""
    is_order_new: bool = False
    """Whether sessions came or went."""
    is_state_new: bool = False
    """Whether a session changed its state rather than its figures alone."""

    def __or__(self, other: Change) -> Change:
        return Change(
            self.ids | other.ids,
            self.is_order_new or other.is_order_new,
            self.is_state_new or other.is_state_new,
        )

    def __bool__(self) -> bool:
        return bool(self.ids) or self.is_order_new


NOTHING = Change()


@dataclass
class Board:
    """All sessions, newest first."""

    records: dict[int, SessionRecord] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    """Session IDs as listed."""
    selected_id: int | None = None

    @property
    def selected(self) -> SessionRecord | None:
        """The record under the cursor."""
        return None if self.selected_id is None else self.records.get(self.selected_id)

    @property
    def cursor(self) -> int:
        """The row of the selected session; 0 where none is selected."""
        return 0 if self.selected_id is None else self.row_of(self.selected_id)

    def replace(self, records: Iterable[SessionRecord]) -> Change:
        """Take all records anew, as after a reconnection."""
        row = self.cursor
        self.records = {record.id: record for record in records}
        self.order = sorted(self.records, reverse=True)
        self._select_near(row)
        return Change(frozenset(self.order), is_order_new=True, is_state_new=True)

    def apply(self, event: Event) -> Change:
        """Take one event and return what it changed."""
        if isinstance(event, SessionChanged):
            return self.put(event.record)
        if isinstance(event, SessionRemoved):
            return self._remove(event.session_id)
        return NOTHING

    def select(self, session_id: int) -> None:
        """Put the cursor on a session, if it is known."""
        if session_id in self.records:
            self.selected_id = session_id

    def select_row(self, row: int) -> None:
        """Put the cursor on a row, or the nearest there is."""
        if self.order:
            self.selected_id = self.order[max(0, min(row, len(self.order) - 1))]

    def counts(self) -> Counter[str]:
        """Return how many sessions run, wait, are paused, have finished and so on."""
        return Counter(_group(record) for record in self.records.values())

    def row_of(self, session_id: int) -> int:
        """Return the row of a session, or the one it would have."""
        return bisect_left(self.order, -session_id, key=neg)

    def put(self, record: SessionRecord) -> Change:
        """Take one record, new or different."""
        before = self.records.get(record.id)
        self.records[record.id] = record
        if before is None:
            self.order.insert(self.row_of(record.id), record.id)
            if self.selected_id is None:
                self.selected_id = record.id
        is_state_new = before is None or (before.state, before.is_held, before.cause) != (
            record.state,
            record.is_held,
            record.cause,
        )
        return Change(frozenset({record.id}), before is None, is_state_new)

    def _remove(self, session_id: int) -> Change:
        if session_id not in self.records:
            return NOTHING
        row = self.row_of(session_id)
        del self.records[session_id]
        del self.order[row]
        self._select_near(row)
        return Change(frozenset({session_id}), is_order_new=True, is_state_new=True)

    def _select_near(self, row: int) -> None:
        if self.selected_id not in self.records:
            self.selected_id = None
            self.select_row(row)


def _group(record: SessionRecord) -> str:
    if record.state in ENDED or record.state in (SessionState.PAUSED, SessionState.QUEUED):
        return record.state.value
    return "running"
