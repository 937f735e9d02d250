"""Carries out what `recovery` decides when a supervisor starts: losses, holds, and going on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from mnist_tui.storage.records import utc_now
from mnist_tui.training.sessions import recovery
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.rules import effects

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.supervisor.ledger import Ledger
    from mnist_tui.training.supervisor.workers import Workforce

EARLIER_WORKER_GRACE_S = 3.0
"""How long a worker of a dead supervisor may save before its session's row tells of it."""


class Advance(Protocol):
    """The supervisor's one way to change a state."""

    def __call__(self, session_id: int, trigger: Trigger, **updates: Any) -> None:
        """Apply a trigger, with further changes of the record."""


class StartupRecovery:
    """What an earlier supervisor left in one home, being put right."""

    def __init__(
        self,
        home: Home,
        ledger: Ledger,
        workforce: Workforce,
        boot_id: str,
        advance: Advance,
        schedule: Callable[[], None],
    ) -> None:
        self._home = home
        self._ledger = ledger
        self._workforce = workforce
        self._boot_id = boot_id
        self._advance = advance
        self._schedule = schedule

    def settle(self) -> list[Coroutine[Any, Any, None]]:
        """Set every state right at once; return what must wait for earlier workers to leave."""
        for record, trigger, cause in recovery.losses(self._ledger.all(), self._boot_id):
            self._advance(record.id, trigger, cause=cause, worker_pid=None, ended_at=utc_now())
        for record in recovery.left_waiting(self._ledger.all(), self._boot_id):
            cause = recovery.MACHINE_RESTARTED
            self._advance(record.id, Trigger.HOLD, is_held=True, cause=cause)
        self._ledger.complete_copies()
        return [
            self._go_on_when_free(record.id)
            for record in self._ledger.all()
            if self._workforce.lock_holder(self._home, record.id) is not None
            or recovery.goes_on_by_itself(record, self._boot_id)
        ]

    async def _go_on_when_free(self, session_id: int) -> None:
        """Let an earlier worker save and leave, then queue its session if it was interrupted."""
        await self._until_earlier_worker_left(session_id)
        record = self._ledger.get(session_id)
        if record is None or not recovery.goes_on_by_itself(record, self._boot_id):
            return
        recoveries = recovery.recent(record.recoveries)
        if record.cause != recovery.RESTARTED_ON_REQUEST:
            if not recovery.may_go_on(record):
                self._change_cause(record, recovery.TOO_OFTEN)
                return
            recoveries = (*recoveries, utc_now())
        changes = effects(record, Trigger.RESUME)
        self._advance(session_id, Trigger.RESUME, recoveries=recoveries, **changes)
        self._schedule()

    async def _until_earlier_worker_left(self, session_id: int) -> None:
        """Wait for the session's lock; its cause names a holder that takes long."""
        try:
            async with asyncio.timeout(EARLIER_WORKER_GRACE_S):
                await self._workforce.until_lock_is_free(self._home, session_id)
        except TimeoutError:
            record = self._ledger.get(session_id)
            who = self._workforce.lock_holder(self._home, session_id)
            if record is not None and who is not None:
                self._change_cause(record, recovery.with_worker(record.cause, who))
            await self._workforce.until_lock_is_free(self._home, session_id)
        record = self._ledger.get(session_id)
        if record is not None and (kept := recovery.without_worker(record.cause)) != record.cause:
            self._change_cause(record, kept)

    def _change_cause(self, record: SessionRecord, cause: str | None) -> None:
        changed = replace(record, cause=cause)
        self._ledger.store(changed)
        self._ledger.note_state(changed)
