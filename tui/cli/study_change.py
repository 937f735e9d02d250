"""Pausing, resuming, stopping and killing all sessions of a study at once.

What waits in the queue is dealt with first: a session that ends must not let the next one start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState
from mnist_tui.training.protocol.messages import SessionChanged, SessionRemoved, Subscribe
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.cli.session_changes import possible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.protocol.client import Client

Step = tuple[Trigger, list["SessionRecord"]]
"""A request and the sessions that it is asked of."""


def steps(request: Trigger, records: Sequence[SessionRecord]) -> list[Step]:
    """Return what is asked of which sessions, in order, so that `request` holds for all of them."""
    queued = [record for record in records if record.state is SessionState.QUEUED]
    started = [record for record in records if record.state is not SessionState.QUEUED]
    match request:
        case Trigger.PAUSE:
            asked = [(Trigger.HOLD, queued), (Trigger.PAUSE, started)]
        case Trigger.RESUME:
            asked = [(Trigger.RESUME, started), (Trigger.RELEASE, queued)]
        case _:
            asked = [(request, queued), (request, started)]
    told = [(each, possible(sessions, each)) for each, sessions in asked]
    return [step for step in told if step[1]]


def settled(client: Client, run: str) -> list[SessionRecord]:
    """Return the sessions of a run once none is starting: those cannot be paused.

    Args:
        client: A connection for this alone.
        run: The name of the run.
    """
    newest = {record.id: record for record in client.records(Subscribe)}

    def members() -> list[SessionRecord]:
        return [each for each in newest.values() if each.study and each.study.run == run]

    if all(each.state is not SessionState.STARTING for each in members()):
        return members()
    for event in client.events():
        match event:
            case SessionChanged(record=record):
                newest[record.id] = record
            case SessionRemoved(session_id=session_id):
                newest.pop(session_id, None)
        if all(each.state is not SessionState.STARTING for each in members()):
            break
    return members()
