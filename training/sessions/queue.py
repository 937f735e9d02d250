"""Queue order of the waiting sessions, and moves within it.

The sort key of a session is a string of digits, read as the decimal places of a number: there is
always another one between two of them, so that a move changes a single record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mnist_tui.storage.records import SessionRecord

_TIME_DIGITS = 17
"""Year to millisecond."""
_ID_DIGITS = 12
_PUNCTUATION = str.maketrans("", "", "-:.TZ")


def waiting(records: Iterable[SessionRecord]) -> list[SessionRecord]:
    """Return the sessions that wait for a free slot, the next one first."""
    return sorted(filter(_waits, records), key=_order)


def next_to_start(records: Sequence[SessionRecord], slots: int) -> SessionRecord | None:
    """Return the first waiting session, or None while every slot is taken."""
    if sum(record.state in ACTIVE for record in records) >= slots:
        return None
    return min(filter(_waits, records), key=_order, default=None)


def queue_places(records: Iterable[SessionRecord]) -> dict[int, int]:
    """Return the place of each waiting session by its ID; 1 starts next."""
    return {record.id: place for place, record in enumerate(waiting(records), start=1)}


def order_key(record: SessionRecord) -> str:
    """Return the sort key of a session: where it was moved, or when it was queued."""
    if record.queue_key:
        return record.queue_key
    digits = (record.queued_at or "").translate(_PUNCTUATION)[:_TIME_DIGITS]
    moment = digits if digits.isascii() and digits.isdigit() else ""
    return f"{moment:0<{_TIME_DIGITS}}{record.id:0{_ID_DIGITS}}"


def moved_key(records: Sequence[SessionRecord], session_id: int, places: int) -> str | None:
    """Return the key that moves a waiting session by `places`, or None if it is there already.

    Args:
        records: All sessions.
        session_id: One that waits.
        places: Negative is earlier; beyond the ends is the first or last place.
    """
    queue = waiting(records)
    before = next(index for index, record in enumerate(queue) if record.id == session_id)
    others = queue[:before] + queue[before + 1 :]
    after = min(max(before + places, 0), len(others))
    if after == before:
        return None
    low = order_key(others[after - 1]) if after > 0 else ""
    return _between(low, order_key(others[after])) if after < len(others) else f"{low}5"


def ordinal(number: int) -> str:
    """Return a positive number as a place: 1st, 2nd, 3rd, 4th, 11th."""
    is_teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if is_teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _waits(record: SessionRecord) -> bool:
    return record.state is SessionState.QUEUED and not record.is_held


def _order(record: SessionRecord) -> tuple[str, int]:
    return order_key(record), record.id


def _between(low: str, high: str) -> str:
    """Return digits that sort after `low` and before `high`."""
    num_digits = max(len(low), len(high)) + 1
    middle = (int(f"{low:0<{num_digits}}") + int(f"{high:0<{num_digits}}")) // 2
    return f"{middle:0{num_digits}}".rstrip("0")
