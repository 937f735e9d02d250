"""What becomes of the sessions that were active when the supervisor went away.

Pure decisions, taken once when a supervisor starts; the supervisor carries them out.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import ACTIVE, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mnist_tui.storage.records import SessionRecord

MAX_RECOVERIES = 3
WINDOW = timedelta(minutes=10)

SUPERVISOR_RESTARTED = "supervisor restarted"
RESTARTED_ON_REQUEST = "supervisor restarted on request"
"""A session that a person's restart interrupted goes on however often that happens."""
MACHINE_RESTARTED = "machine restarted"
_STILL_THERE = "its earlier worker"
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
            found.append((record, Trigger.MACHINE_RESTARTED, MACHINE_RESTARTED))
    return found


def left_waiting(records: Iterable[SessionRecord], boot: str) -> list[SessionRecord]:
    """Return the sessions that waited for a slot when the machine went down."""
    return [
        record
        for record in records
        if record.state is SessionState.QUEUED and not record.is_held and record.boot_id != boot
        if record.boot_id
    ]


def waits_for_a_person(record: SessionRecord, boot: str) -> bool:
    """Return whether a session was interrupted for good, or is held since a machine's restart."""
    if record.is_held:
        return record.cause == MACHINE_RESTARTED
    is_interrupted = record.state is SessionState.INTERRUPTED
    return is_interrupted and not goes_on_by_itself(record, boot)


def with_worker(cause: str | None, who: str) -> str:
    """Return a cause that says, too, that process `who` still has the session."""
    kept = without_worker(cause)
    return f"{kept}; " * bool(kept) + f"{_STILL_THERE} ({who}) has not left yet"


def without_worker(cause: str | None) -> str | None:
    """Return a cause as it is once the earlier worker has left."""
    return (cause or "").partition(_STILL_THERE)[0].removesuffix("; ") or None


def why_taken(who: str) -> str:
    """Return half a sentence that refuses what needs the session's folder."""
    return f"{_STILL_THERE} ({who}) has not left yet; wait until it has, or end that process"


def recent(recoveries: Sequence[str], now: datetime | None = None) -> tuple[str, ...]:
    """Return those of `recoveries` (RFC 3339) that lie within the last ten minutes."""
    now = now or datetime.now(UTC)
    return tuple(moment for moment in recoveries if now - datetime.fromisoformat(moment) < WINDOW)


def goes_on_by_itself(record: SessionRecord, boot: str) -> bool:
    """Return whether a session was interrupted by a supervisor's end in this very boot."""
    is_interrupted = record.state is SessionState.INTERRUPTED
    is_ours = (record.cause or "").startswith(SUPERVISOR_RESTARTED)
    return is_interrupted and is_ours and record.boot_id == boot


def may_go_on(record: SessionRecord, now: datetime | None = None) -> bool:
    """Return whether an interrupted session may be queued again by itself."""
    return len(recent(record.recoveries, now)) < MAX_RECOVERIES
