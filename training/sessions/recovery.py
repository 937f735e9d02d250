"""Recovery of the sessions that were active when a supervisor ended.

Pure decisions, made once when a supervisor starts, which then carries them out.
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
"""A session interrupted by a requested restart always continues, however often that happens."""
MACHINE_RESTARTED = "machine restarted"
_STILL_THERE = "its earlier worker"
TOO_OFTEN = f"interrupted {MAX_RECOVERIES} times in 10 minutes; resume it to go on"


def losses(records: Iterable[SessionRecord], boot: str) -> list[tuple[SessionRecord, Trigger, str]]:
    """Return (record, trigger, cause) for every session that was left active."""
    lost = []
    for record in records:
        if record.state not in ACTIVE:
            continue
        if record.boot_id == boot:
            lost.append((record, Trigger.SUPERVISOR_LOST, SUPERVISOR_RESTARTED))
        else:
            lost.append((record, Trigger.MACHINE_RESTARTED, MACHINE_RESTARTED))
    return lost


def left_waiting(records: Iterable[SessionRecord], boot: str) -> list[SessionRecord]:
    """Return the sessions that were waiting for a slot when the machine went down."""
    return [
        record
        for record in records
        if record.state is SessionState.QUEUED and not record.is_held and record.boot_id != boot
        if record.boot_id
    ]


def waits_for_a_person(record: SessionRecord, boot: str) -> bool:
    """Return True if a session was interrupted for good, or is held since the machine restarted."""
    if record.is_held:
        return record.cause == MACHINE_RESTARTED
    is_interrupted = record.state is SessionState.INTERRUPTED
    return is_interrupted and not goes_on_by_itself(record, boot)


def with_worker(cause: str | None, who: str) -> str:
    """Return a cause with the addition that process `who` still has the session."""
    kept = without_worker(cause)
    return f"{kept}; " * bool(kept) + f"{_STILL_THERE} ({who}) has not left yet"


def without_worker(cause: str | None) -> str | None:
    """Return a cause without the addition, once the earlier worker has exited."""
    return (cause or "").partition(_STILL_THERE)[0].removesuffix("; ") or None


def why_taken(who: str) -> str:
    """Return half a sentence that refuses a request which needs the session's folder."""
    return f"{_STILL_THERE} ({who}) has not left yet; wait until it has, or end that process"


def recent(recoveries: Sequence[str], now: datetime | None = None) -> tuple[str, ...]:
    """Return the `recoveries` (RFC 3339) of the last ten minutes."""
    now = now or datetime.now(UTC)
    return tuple(moment for moment in recoveries if now - datetime.fromisoformat(moment) < WINDOW)


def goes_on_by_itself(record: SessionRecord, boot: str) -> bool:
    """Return True if a session was interrupted by the end of a supervisor since the last boot."""
    is_interrupted = record.state is SessionState.INTERRUPTED
    is_ours = (record.cause or "").startswith(SUPERVISOR_RESTARTED)
    return is_interrupted and is_ours and record.boot_id == boot


def may_go_on(record: SessionRecord, now: datetime | None = None) -> bool:
    """Return True if an interrupted session may be queued again without a request."""
    return len(recent(record.recoveries, now)) < MAX_RECOVERIES
