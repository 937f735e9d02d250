"""Recovery at a supervisor's start, as `recovery` decides about every earlier session."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mnist_tui.storage.records import utc_now
from mnist_tui.training.sessions import recovery
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.rules import effects

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.supervisor.session_states import SessionStates

EARLIER_WORKER_GRACE_S = 3.0
"""Seconds that a dead supervisor's worker may save before its session's row mentions it."""


class StartupRecovery:
    """Repair of what an earlier supervisor left in one home."""

    def __init__(self, states: SessionStates) -> None:
        self._states = states
        self._ledger = states.ledger
        self._executor = states.executor

    def run(self) -> list[Coroutine[Any, Any, None]]:
        """Correct every state at once; return the work that waits for earlier workers to leave."""
        boot_id = self._executor.boot_id
        for record, trigger, cause in recovery.losses(self._ledger.all(), boot_id):
            self._states.advance(
                record.id, trigger, cause=cause, worker_pid=None, ended_at=utc_now()
            )
        for record in recovery.left_waiting(self._ledger.all(), boot_id):
            cause = recovery.MACHINE_RESTARTED
            self._states.advance(record.id, Trigger.HOLD, is_held=True, cause=cause)
        self._ledger.complete_copies()
        return [
            self._resume_when_free(record.id)
            for record in self._ledger.all()
            if self._executor.holder(record.id) is not None
            or recovery.goes_on_by_itself(record, boot_id)
        ]

    async def _resume_when_free(self, session_id: int) -> None:
        """Let an earlier worker save and leave, then queue its session if it was interrupted."""
        await self._until_earlier_worker_left(session_id)
        record = self._ledger.get(session_id)
        if record is None or not recovery.goes_on_by_itself(record, self._executor.boot_id):
            return
        recoveries = recovery.recent(record.recoveries)
        if record.cause != recovery.RESTARTED_ON_REQUEST:
            if not recovery.may_go_on(record):
                self._change_cause(record, recovery.TOO_OFTEN)
                return
            recoveries = (*recoveries, utc_now())
        changes = effects(record, Trigger.RESUME)
        self._states.advance(session_id, Trigger.RESUME, recoveries=recoveries, **changes)
        self._states.schedule()

    async def _until_earlier_worker_left(self, session_id: int) -> None:
        """Wait until the session is free; its cause names a worker that takes long."""
        try:
            async with asyncio.timeout(EARLIER_WORKER_GRACE_S):
                await self._executor.until_free(session_id)
        except TimeoutError:
            record = self._ledger.get(session_id)
            holder = self._executor.holder(session_id)
            if record is not None and holder is not None:
                self._change_cause(record, recovery.with_worker(record.cause, holder))
            await self._executor.until_free(session_id)
        record = self._ledger.get(session_id)
        if record is None:
            return
        if (cause := recovery.without_worker(record.cause)) != record.cause:
            self._change_cause(record, cause)

    def _change_cause(self, record: SessionRecord, cause: str | None) -> None:
        changed = replace(record, cause=cause)
        self._ledger.save_eventually(changed)
        self._ledger.append_state(changed)
