"""Client-side model of all sessions: records, listed order, cursor and marks.

The cursor belongs to the user: it stays on its session ID, whatever comes, moves or goes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState
from mnist_tui.training.protocol.messages import SessionChanged, SessionRemoved
from mnist_tui.training.sessions.lifecycle import ENDED
from mnist_tui.tui.state.session_values import HELD
from mnist_tui.tui.state.sort_order import Sort, ordered, sort_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.protocol.messages import Event
    from mnist_tui.tui.state.session_values import Value


@dataclass(frozen=True)
class BoardDiff:
    """Differences that an event made."""

    ids: frozenset[int] = frozenset()
    """Sessions whose record changed."""
    is_order_new: bool = False
    """True if sessions were added, removed or moved."""
    is_state_new: bool = False
    """True if a session's state changed, rather than figures alone."""

    def __or__(self, other: BoardDiff) -> BoardDiff:
        return BoardDiff(
            self.ids | other.ids,
            self.is_order_new or other.is_order_new,
            self.is_state_new or other.is_state_new,
        )

    def __bool__(self) -> bool:
        return bool(self.ids) or self.is_order_new


NOTHING = BoardDiff()


class StateCounts:
    """Sessions per group, kept up to date: costs the same with ten sessions and ten thousand."""

    def __init__(self, records: Iterable[SessionRecord] = ()) -> None:
        self._counts: Counter[str] = Counter()
        self.going_on: dict[int, SessionRecord] = {}
        """The sessions that have not ended, by ID."""
        for record in records:
            self.change(None, record)

    @property
    def counts(self) -> Counter[str]:
        """Number of sessions that run, wait, are held, are paused, have finished and so on."""
        return +self._counts

    def change(self, before: SessionRecord | None, after: SessionRecord | None) -> None:
        """Replace a session's record, None for a session that is new or removed."""
        if before is not None:
            self._counts[_group(before)] -= 1
            self.going_on.pop(before.id, None)
        if after is not None:
            self._counts[_group(after)] += 1
            if after.state not in ENDED:
                self.going_on[after.id] = after


@dataclass
class Board:
    """All sessions; those that match the filter are listed."""

    records: dict[int, SessionRecord] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    """Session IDs as listed."""
    selected_id: int | None = None
    marks: set[int] = field(default_factory=set)
    """Sessions that the next action applies to; empty for the selected one."""
    follows_newest: bool = False
    """True if the cursor goes to each new session."""
    sort: Sort = field(default_factory=Sort)
    _matches: Callable[[SessionRecord], bool] | None = None
    _keys: dict[int, tuple[bool, Value]] = field(default_factory=dict)
    _rows: dict[int, int] = field(default_factory=dict)
    _hidden: set[int] = field(default_factory=set)
    """Sessions that do not match the filter."""
    _counts: StateCounts = field(default_factory=StateCounts)

    @property
    def selected(self) -> SessionRecord | None:
        """The record under the cursor."""
        return None if self.selected_id is None else self.records.get(self.selected_id)

    @property
    def cursor(self) -> int:
        """The row of the selected session; 0 if none is selected."""
        return 0 if self.selected_id is None else self.row_of(self.selected_id)

    @property
    def is_filtered(self) -> bool:
        """True if a filter is set."""
        return self._matches is not None

    def replace(self, records: Iterable[SessionRecord]) -> BoardDiff:
        """Replace all records, as after a reconnection."""
        self.records = {record.id: record for record in records}
        self._counts = StateCounts(self.records.values())
        self.marks &= self.records.keys()
        self._list_all_anew()
        return BoardDiff(frozenset(self.order), is_order_new=True, is_state_new=True)

    def apply(self, event: Event) -> BoardDiff:
        """Apply one event and return what it changed."""
        if isinstance(event, SessionChanged):
            return self.put(event.record)
        if isinstance(event, SessionRemoved):
            return self._remove(event.session_id)
        return NOTHING

    def put(self, record: SessionRecord) -> BoardDiff:
        """Add or replace one record."""
        return self.put_all([record])

    def put_all(self, records: Iterable[SessionRecord]) -> BoardDiff:
        """Add or replace several records, sorting at most once."""
        change = NOTHING
        new_ids = []
        for record in records:
            is_state_new = self.is_news(record)
            if record.id not in self.records:
                new_ids.append(record.id)
            self._counts.change(self.records.get(record.id), record)
            self.records[record.id] = record
            change |= BoardDiff(frozenset({record.id}), self._has_moved(record), is_state_new)
        if change.is_order_new:
            self._list_anew()
        if new_ids and self.follows_newest:
            self.select(max(new_ids))
        return change

    def is_news(self, record: SessionRecord) -> bool:
        """Return True if more than figures changed in a record."""
        before = self.records.get(record.id)
        return before is None or _standing(before) != _standing(record)

    def select(self, session_id: int) -> None:
        """Put the cursor on a session, if it is listed."""
        if session_id in self._rows:
            self.selected_id = session_id

    def select_row(self, row: int) -> None:
        """Put the cursor on a row, or the nearest one."""
        if self.order:
            self.selected_id = self.order[max(0, min(row, len(self.order) - 1))]

    def filter_by(self, matches: Callable[[SessionRecord], bool] | None) -> BoardDiff:
        """List only matching sessions; all of them for None."""
        self._matches = matches
        return self._list_matching()

    def sort_by(self, sort: Sort) -> BoardDiff:
        """List in another order."""
        self.sort = sort
        return self._list_all_anew()

    def toggle_mark(self, session_id: int) -> None:
        """Mark or unmark a session."""
        self.marks ^= {session_id}

    def targets(self) -> list[SessionRecord]:
        """Return the sessions of the next action: the marked ones in order, else the selected."""
        if self.marks:
            marked = sorted(self.marks, key=lambda each: (self.row_of(each), each))
            return [self.records[each] for each in marked]
        return [self.selected] if self.selected else []

    def counts(self) -> Counter[str]:
        """Return the number of sessions per group: running, queued, paused, finished and so on."""
        return self._counts.counts

    def going_on(self) -> Iterable[SessionRecord]:
        """Return the sessions that have not ended."""
        return self._counts.going_on.values()

    def row_of(self, session_id: int) -> int:
        """Return the row of a session; the number of rows if it is not listed."""
        return self._rows.get(session_id, len(self.order))

    def newest(self) -> int | None:
        """Return the greatest ID of the sessions listed."""
        return max(self.order, default=None)

    def _remove(self, session_id: int) -> BoardDiff:
        record = self.records.pop(session_id, None)
        if record is None:
            return NOTHING
        self._counts.change(record, None)
        self._keys.pop(session_id, None)
        self._hidden.discard(session_id)
        self.marks.discard(session_id)
        self._list_anew()
        return BoardDiff(frozenset({session_id}), is_order_new=True, is_state_new=True)

    def _has_moved(self, record: SessionRecord) -> bool:
        """Record the sort key of a session and return True if its place changes."""
        key = sort_key(record, self.sort)
        is_same_place = self._keys.get(record.id) == key
        self._keys[record.id] = key
        was_shown = record.id in self._rows
        is_shown = self._matches is None or self._matches(record)
        (self._hidden.discard if is_shown else self._hidden.add)(record.id)
        return was_shown is not is_shown or (is_shown and not is_same_place)

    def _list_all_anew(self) -> BoardDiff:
        self._keys = {each: sort_key(record, self.sort) for each, record in self.records.items()}
        return self._list_matching()

    def _list_matching(self) -> BoardDiff:
        matches = self._matches
        self._hidden = set()
        if matches is not None:
            self._hidden |= {each for each, record in self.records.items() if not matches(record)}
        self._list_anew()
        return BoardDiff(frozenset(self.order), is_order_new=True)

    def _list_anew(self) -> None:
        row = self.cursor
        shown = self.records.keys() - self._hidden if self._hidden else self.records
        self.order = ordered(self._keys, shown, self.sort)
        self._rows = {each: place for place, each in enumerate(self.order)}
        if self.selected_id not in self._rows:
            self.selected_id = None
            self.select_row(row)


def _standing(record: SessionRecord) -> tuple[object, ...]:
    """Return the values whose changes are shown at once; figures wait for the next refresh."""
    return (
        record.state, record.is_held, record.cause, record.name, record.tags, record.note,
        record.is_pinned,
    )  # fmt: skip


def _group(record: SessionRecord) -> str:
    if record.state is SessionState.QUEUED and record.is_held:
        return HELD
    if record.state in ENDED or record.state in (SessionState.PAUSED, SessionState.QUEUED):
        return record.state.value
    return "running"
