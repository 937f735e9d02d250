"""Requests that are under way: sent to a worker, and ended by its report or its exit."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.rules import RequestRefusedError, refusal_sentence

if TYPE_CHECKING:
    from mnist_tui.storage.records import CheckpointInfo
    from mnist_tui.training.supervisor.ledger import Ledger

_WORKER_ENDED = {
    Trigger.SNAPSHOT: "its worker ended before it could save; ask again for its last checkpoint",
    Trigger.PROFILE: "its worker ended before that was done",
}


@dataclass
class PendingRequest:
    """One request that is under way."""

    number: int
    session_id: int
    request: Trigger
    name: str = ""
    """Name of a snapshot."""
    info: CheckpointInfo | None = None
    """Manifest of a snapshot that is saved and not yet reported as done."""
    answer: asyncio.Future[Any] | None = None
    """For a client that waits: the manifest of a snapshot, the step of a profile."""

    def resolve(self, result: Any) -> None:
        """Send the client its result, if one still waits."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(result)

    def reject(self, error: RequestRefusedError) -> None:
        """Send the client a refusal, if one still waits."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(error)


class PendingRequests:
    """All pending requests of a home; their beginning and end are in the sessions' histories."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._pending: dict[int, PendingRequest] = {}
        self._last_number = int(time.time() * 1000)

    def begin(self, session_id: int, request: Trigger, by: str, text: str = "") -> int:
        """Record a request in the history and return its number, which no other request has.

        It stays unique across supervisors, because it starts with the time.
        """
        self._last_number += 1
        number = self._last_number
        self._ledger.append_history(
            session_id, "requested", number=number, command=request.value, by=by, text=text
        )
        return number

    def refused(
        self, session_id: int, request: Trigger, number: int, reason: str, **fields: Any
    ) -> RequestRefusedError:
        """Record a refusal in the history and return it as an error to raise."""
        self._ledger.append_history(session_id, "refused", number=number, text=reason, **fields)
        return RequestRefusedError(refusal_sentence(session_id, request, reason))

    def add_pending(
        self, session_id: int, request: Trigger, number: int, *, name: str = "", waits: bool = False
    ) -> PendingRequest:
        """Keep a request until it ends; if a client `waits`, it gets an answer."""
        answer = asyncio.get_running_loop().create_future() if waits else None
        pending = PendingRequest(number, session_id, request, name, answer=answer)
        self._pending[number] = pending
        return pending

    def of(self, session_id: int, request: Trigger) -> list[PendingRequest]:
        """Return the pending requests of one kind for a session, oldest first."""
        return [
            pending
            for pending in self._pending.values()
            if (pending.session_id, pending.request) == (session_id, request)
        ]

    def pop_pending(self, number: int) -> PendingRequest | None:
        """Forget a request and return it; None if it is not pending."""
        return self._pending.pop(number, None)

    def finish(self, session_id: int, request: Trigger, step: int) -> None:
        """Record in the history that pending requests of one kind are done, now at `step`."""
        for pending in self.of(session_id, request):
            del self._pending[pending.number]
            self._ledger.append_history(session_id, "done", number=pending.number, step=step)

    # Reports of workers

    def on_saved(self, session_id: int, info: CheckpointInfo) -> None:
        """Keep the manifest of a saved snapshot; it counts once the worker reports it as done."""
        for pending in self.of(session_id, Trigger.SNAPSHOT):
            if pending.name == info.name:
                pending.info = info

    def on_done(self, session_id: int, number: int, step: int, **fields: Any) -> None:
        """Record that a worker carried out a request, and answer its client."""
        self._ledger.append_history(session_id, "done", number=number, step=step, **fields)
        pending = self.pop_pending(number)
        if pending is not None:
            pending.resolve(pending.info or step)

    def on_not_done(
        self, session_id: int, request: Trigger, number: int, reason: str, **fields: Any
    ) -> None:
        """Record that a worker could not carry out a request, and refuse it to its client."""
        error = self.refused(session_id, request, number, reason, **fields)
        pending = self.pop_pending(number)
        if pending is not None:
            pending.reject(error)

    def on_exit(self, session_id: int, step: int) -> None:
        """End everything that was pending for a worker that is gone."""
        for request in (Trigger.STOP, Trigger.KILL):
            self.finish(session_id, request, step)
        for pending in [one for one in self._pending.values() if one.session_id == session_id]:
            if pending.info is not None:
                self._ledger.append_history(
                    session_id, "done", number=pending.number, step=pending.info.position.step
                )
                pending.resolve(pending.info)
            elif (reason := _WORKER_ENDED.get(pending.request)) is not None:
                pending.reject(self.refused(session_id, pending.request, pending.number, reason))
            del self._pending[pending.number]
