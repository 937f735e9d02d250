"""What a person's request means for a session: why it may be refused, and what it changes.

Pure decisions beside the lifecycle's table; the supervisor carries them out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnist_tui.storage.records import SessionState, utc_now
from mnist_tui.training.sessions.lifecycle import ENDED, REQUESTS, Trigger, allows, refusal

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord


class RequestRefusedError(Exception):
    """A request that cannot be carried out; the text is a sentence for the user."""


WAITS_FOR_SLOT = "waits for a free slot"

DONE_TO = {
    Trigger.PAUSE: "paused",
    Trigger.RESUME: "resumed",
    Trigger.STOP: "stopped",
    Trigger.KILL: "killed",
    Trigger.HOLD: "held",
    Trigger.RELEASE: "released",
    Trigger.REMOVE: "moved to the trash",
    Trigger.SNAPSHOT: "kept as a snapshot",
    Trigger.PROFILE: "profiled",
}
"""What has been done to a session once a request was carried out."""


def why_not(record: SessionRecord, request: Trigger) -> str | None:
    """Return why the request is impossible now, or None."""
    if request not in REQUESTS or not allows(record.state, request):
        return refusal(record.state, request)
    if request is Trigger.HOLD and record.is_held:
        return "it is held already"
    if request is Trigger.RELEASE and not record.is_held:
        return "it is not held"
    if request is Trigger.REMOVE and record.is_pinned:
        return f"it is pinned; `mnist-tui pin --off {record.id}` unpins it"
    return None


def refusal_sentence(session_id: int, request: Trigger, reason: str) -> str:
    """Return the refusal as a person reads it."""
    return f"Session #{session_id} cannot be {DONE_TO.get(request, request)}: {reason}."


def effects(record: SessionRecord, request: Trigger) -> dict[str, Any]:
    """Return what else the request changes in the record, beside its state."""
    is_at_rest = record.state in ENDED or record.state is SessionState.QUEUED
    match request:
        case Trigger.HOLD:
            return {"is_held": True, "cause": None}
        case Trigger.RELEASE:
            return {"is_held": False, **_queued_last()}
        case Trigger.RESUME if is_at_rest:
            return {**_queued_last(), "ended_at": None}
        case Trigger.STOP | Trigger.KILL if is_at_rest:
            return {"cause": None, "is_held": False, "ended_at": utc_now()}
        case _:
            return {"cause": None}


def _queued_last() -> dict[str, Any]:
    return {"cause": WAITS_FOR_SLOT, "queued_at": utc_now(), "queue_key": ""}
