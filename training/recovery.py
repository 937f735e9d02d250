"""What becomes of the sessions that were active when the supervisor went away.

Pure decisions, taken once when a supervisor starts; the supervisor carries them out.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage.records import SessionState
from training.lifecycle import ACTIVE, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.records import SessionRecord

MAX_RECOVERIES = 3
WINDOW = timedelta(minutes=10)

SUPERVISOR_RESTARTED = "supervisor restarted"
TOO_OFTEN = f"interrupted {MAX_RECOVERIES} times in 10 minutes; resume it to go on"


def losses(records: Iterable[SessionRecord], boot: str) -> list[tuple[SessionRecord, Trigger, str]]:
    """Return (record, trigger, cause) for every session that was left active."""
    found = []
    for record in records:
        if record.state not in ACTIVE:
            continue
        if record.boot_id == boot:
            found.append((record, Trigger.SUPERVISOR_LOST, SUPERVISOR_RESTARTED))
        else:
            found.append((record, Trigger.MACHINE_RESTARTED, "machine restarted"))
    return found


def recent(recoveries: Sequence[str], now: datetime | None = None) -> tuple[str, ...]:
    """Return those of `recoveries` (RFC 3339) that lie within the last ten minutes."""
    now = now or datetime.now(UTC)
    return tuple(moment for moment in recoveries if now - datetime.fromisoformat(moment) < WINDOW)


def goes_on_by_itself(record: SessionRecord, boot: str) -> bool:
    """Return whether a session was interrupted by a supervisor's end in this very boot."""
    is_interrupted = record.state is SessionState.INTERRUPTED
    return is_interrupted and record.cause == SUPERVISOR_RESTARTED and record.boot_id == boot


def may_go_on(record: SessionRecord, now: datetime | None = None) -> bool:
    """Return whether an interrupted session may be queued again by itself."""
    return len(recent(record.recoveries, now)) < MAX_RECOVERIES
