"""Requests that leave a session's state as it is: named snapshots and profiles.

A worker carries them out between two batches; of a session at rest, the newest checkpoint gets the
snapshot's name. The training is held up by no more than the time that a checkpoint takes.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mnist_tui.storage import folders
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.checkpoints.named_checkpoints import name_newest
from mnist_tui.storage.errors import StorageError
from mnist_tui.training.parameters.labels import check_label
from mnist_tui.training.protocol.worker_messages import WorkerCommand
from mnist_tui.training.sessions.lifecycle import SupervisorAction, Trigger, advance
from mnist_tui.training.sessions.rules import why_not

if TYPE_CHECKING:
    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import CheckpointInfo
    from mnist_tui.training.protocol.requests import Profile
    from mnist_tui.training.sessions.rules import RequestRefusedError
    from mnist_tui.training.supervisor.pending_requests import PendingRequest
    from mnist_tui.training.supervisor.session_states import SessionStates

IS_BEING_NAMED = "a snapshot of it is being saved; try again in a moment"
IS_BEING_PROFILED = "it is being profiled already; try again in a moment"


class WorkerRequests:
    """Snapshots and profiles of the sessions of one home."""

    def __init__(self, home: Home, states: SessionStates) -> None:
        self._home = home
        self._states = states
        self._pending = states.pending

    async def profile(self, request: Profile, by: str) -> dict[str, int]:
        """Profile a running session and return its step once the profile is in its folder.

        Raises:
            RequestRefusedError: It cannot be profiled; the text gives the reason.
        """
        session_id, num_batches = request.session_id, request.num_batches
        record = self._states.record(session_id)
        number = self._pending.begin(session_id, Trigger.PROFILE, by, f"{num_batches} batches")
        if refusal := why_not(record, Trigger.PROFILE):
            raise self._pending.refused(session_id, Trigger.PROFILE, number, refusal.reason())
        if self._pending.of(session_id, Trigger.PROFILE):
            raise self._pending.refused(session_id, Trigger.PROFILE, number, IS_BEING_PROFILED)
        pending = self._pending.add_pending(session_id, Trigger.PROFILE, number, waits=True)
        assert pending.answer is not None
        command = WorkerCommand(
            number=number,
            action=Trigger.PROFILE,
            num_batches=num_batches,
            is_traced=request.is_traced,
        )
        self._states.workers.send(session_id, command)
        return {"step": await pending.answer}

    async def take_snapshot(self, session_id: int, name: str, by: str) -> dict[str, Any]:
        """Save or name a checkpoint and return its step and file once it is durable.

        Raises:
            RequestRefusedError: It cannot be saved; the text gives the reason.
            StorageError: It cannot be stored.
        """
        self._states.record(session_id)
        try:
            label = check_label(name)
        except ValueError as error:
            number = self._pending.begin(session_id, Trigger.SNAPSHOT, by)
            raise self._refused(session_id, number, str(error)) from None
        number = self._pending.begin(session_id, Trigger.SNAPSHOT, by, label)
        if any(other.name == label for other in self._pending.of(session_id, Trigger.SNAPSHOT)):
            reason = f"one called {label} is being saved already"
            raise self._refused(session_id, number, reason)
        pending = self._pending.add_pending(
            session_id, Trigger.SNAPSHOT, number, name=label, waits=True
        )
        # A client that hangs up meanwhile must not leave half of it undone.
        info = await asyncio.shield(self._states.in_background(self._carry_out(pending)))
        return {"step": info.position.step, "file": info.file}

    async def _carry_out(self, pending: PendingRequest) -> CheckpointInfo:
        session_id, number = pending.session_id, pending.number
        assert pending.answer is not None
        try:
            names = await asyncio.to_thread(self._names, session_id)
            record = self._states.record(session_id)
            if not pending.answer.done():
                if pending.name in names:
                    reason = f"it has a snapshot called {pending.name} already; choose another name"
                    raise self._refused(session_id, number, reason)
                if refusal := why_not(record, Trigger.SNAPSHOT):
                    raise self._refused(session_id, number, refusal.reason())
                transition = advance(record.state, Trigger.SNAPSHOT)
                if transition.action is SupervisorAction.NAME_CHECKPOINT:
                    return await self._name_newest(pending)
                command = WorkerCommand(number=number, action=Trigger.SNAPSHOT, name=pending.name)
                self._states.workers.send(session_id, command)
            info: CheckpointInfo = await pending.answer
            return info
        except StorageError as error:
            self._states.ledger.append_history(
                session_id, "refused", number=number, text=str(error)
            )
            raise
        finally:
            self._pending.pop_pending(number)

    async def _name_newest(self, pending: PendingRequest) -> CheckpointInfo:
        session_id, number = pending.session_id, pending.number
        if session_id in self._states.workers.reserved:
            raise self._refused(session_id, number, IS_BEING_NAMED)
        self._states.workers.reserved.add(session_id)
        try:
            info = await asyncio.to_thread(self._name_reserved, session_id, pending.name)
        finally:
            self._states.workers.reserved.discard(session_id)
            self._states.schedule()
        if info is None:
            reason = "it has no checkpoint yet"
            raise self._refused(session_id, number, reason)
        step = info.position.step
        self._states.ledger.append_history(session_id, "done", number=number, step=step)
        return info

    def _name_reserved(self, session_id: int, name: str) -> CheckpointInfo | None:
        with self._states.executor.reserve(session_id):
            return name_newest(self._checkpoints(session_id), name)

    def _names(self, session_id: int) -> set[str]:
        return {info.name for info in self._checkpoints(session_id).manifests()}

    def _checkpoints(self, session_id: int) -> CheckpointFolder:
        return CheckpointFolder(self._home.session(session_id) / folders.CHECKPOINTS)

    def _refused(self, session_id: int, number: int, reason: str) -> RequestRefusedError:
        return self._pending.refused(session_id, Trigger.SNAPSHOT, number, reason)
