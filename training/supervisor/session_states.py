"""The states of all sessions: triggers are applied, workers started, reports turned into triggers.

One thread, one event loop. The decisions themselves lie elsewhere: `lifecycle` (the result of a
trigger) and `queue` (the next session to start). Workers run wherever the executor puts them.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mnist_tui.storage.records import SessionState, utc_now
from mnist_tui.training.executors.executor import Exit, ExitStatus
from mnist_tui.training.protocol.worker_messages import (
    CheckpointSaved,
    Done,
    Evaluated,
    NotDone,
    Paused,
    Progressed,
    Ready,
    Report,
    Seen,
    WorkerCommand,
)
from mnist_tui.training.sessions import recovery
from mnist_tui.training.sessions.lifecycle import ACTIVE, SupervisorAction, Trigger, advance
from mnist_tui.training.sessions.queue import next_to_start
from mnist_tui.training.sessions.rules import RequestRefusedError
from mnist_tui.training.supervisor.pending_requests import PendingRequests
from mnist_tui.training.supervisor.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.executors.executor import Executor, Handle
    from mnist_tui.training.supervisor.ledger import Ledger

log = logging.getLogger("supervisor")

STOP_GRACE_S = 60.0
"""Time after which a stopping worker is killed."""

_EXIT_TRIGGERS = {
    ExitStatus.FINISHED: Trigger.EXIT_FINISHED,
    ExitStatus.STOPPED: Trigger.EXIT_STOPPED,
    ExitStatus.ORPHANED: Trigger.EXIT_ORPHANED,
}
"""Triggers of the expected exits; every other exit is an error."""


class SessionStates:
    """All sessions of one home, their workers, and the requests that are under way."""

    def __init__(self, home: Home, ledger: Ledger, executor: Executor, slots: int) -> None:
        self.ledger = ledger
        self.executor = executor
        self.slots = slots
        self.workers = Workers(executor)
        self.pending = PendingRequests(ledger)
        self.background: set[asyncio.Task[Any]] = set()
        self.is_closing = False
        """True while the supervisor closes and starts no more workers."""
        self._home = home

    def record(self, session_id: int) -> SessionRecord:
        """Return a record with the newest figures of its worker.

        Raises:
            RequestRefusedError: There is no such session.
        """
        record = self.ledger.get(session_id)
        if record is None:
            raise RequestRefusedError(
                f"There is no session #{session_id} in {self._home.path};"
                " `mnist-tui ls` lists those there are."
            )
        return self.workers.with_live_progress(record)

    def records(self) -> list[SessionRecord]:
        """Return all records by ID, with the newest figures."""
        return [self.workers.with_live_progress(record) for record in self.ledger.all()]

    def advance(
        self, session_id: int, trigger: Trigger, *, number: int = 0, **updates: Any
    ) -> None:
        """Apply a trigger, store the new state with further updates, and act on it.

        Raises:
            StorageError: A client's request, `number`, could not be stored; nothing has changed.
        """
        record = self.record(session_id)
        state, action = advance(record.state, trigger)
        if action is SupervisorAction.MOVE_TO_TRASH:
            self._remove(record, number)
            return
        if state is SessionState.QUEUED:
            updates["boot_id"] = self.executor.boot_id
        changed = replace(record, state=state, **updates)
        if number and record.state not in ACTIVE:
            self.ledger.commit(changed)
        else:  # a worker is stopped or killed even if the disk is full
            self.ledger.save_eventually(changed)
        if state is not record.state or changed.is_held is not record.is_held:
            self.ledger.append_state(changed)
        match action:
            case SupervisorAction.START_WORKER:
                self._start_worker(changed)
            case (
                SupervisorAction.SEND_PAUSE
                | SupervisorAction.SEND_RESUME
                | SupervisorAction.SEND_STOP
            ):
                self.workers.send(session_id, WorkerCommand(number=number, action=trigger))
            case SupervisorAction.KILL_WORKER:
                self.workers.kill(session_id)
        if state is SessionState.STOPPING and record.state is not SessionState.STOPPING:
            asyncio.get_running_loop().call_later(
                STOP_GRACE_S, self._kill_if_still_stopping, session_id, record.generation
            )

    def _kill_if_still_stopping(self, session_id: int, generation: int) -> None:
        record = self.ledger.get(session_id)
        is_same = record is not None and record.generation == generation
        if record is not None and is_same and record.state is SessionState.STOPPING:
            cause = f"did not stop within {STOP_GRACE_S:g} s"
            self.advance(session_id, Trigger.GRACE_EXPIRED, cause=cause)

    def schedule(self) -> None:
        """Start queued sessions while slots are free."""
        while not self.is_closing:
            record = next_to_start(self.ledger.all(), self.slots)
            if record is None or record.id in self.workers.reserved:
                return
            self.advance(
                record.id,
                Trigger.SLOT_FREE,
                generation=record.generation + 1,
                boot_id=self.executor.boot_id,
                started_at=record.started_at or utc_now(),
                ended_at=None,
                cause=None,
            )

    def _start_worker(self, record: SessionRecord) -> None:
        handle = self.workers.start(record, lambda report: self._on_report(record.id, report))
        self.in_background(self._follow_worker(record.id, handle))

    async def _follow_worker(self, session_id: int, handle: Handle) -> None:
        try:
            end = await handle.wait()
        except Exception as error:
            log.exception("the worker of #%d cannot be followed any more", session_id)
            handle.kill()
            end = Exit(ExitStatus.NOT_STARTED, f"internal error: {error}")
        self._on_exit(session_id, end)

    def in_background(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine that the supervisor waits for or cancels when it closes."""
        task = asyncio.create_task(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)
        return task

    def _remove(self, record: SessionRecord, number: int) -> None:
        self.ledger.remove(record)
        self.pending.pop_pending(number)
        self.ledger.append_history(record.id, "done", number=number)

    # Reports of workers

    def _on_report(self, session_id: int, report: Report) -> None:
        match report:
            case Progressed(progress=progress):
                self.workers.keep_progress(session_id, progress)
                self.ledger.publish(self.record(session_id))
            case Ready():
                self._on_ready(session_id, report)
            case Seen(number=number, step=step, time=time):
                self.ledger.append_history(session_id, "seen", number=number, step=step, time=time)
            case Done(number=number, action=action, step=step, time=time):
                self.pending.on_done(session_id, number, step, time=time)
                if action is Trigger.PAUSE:
                    self.advance(session_id, Trigger.PAUSE_DONE)
            case NotDone(number=number, action=action, step=step, reason=reason, time=time):
                self.pending.on_not_done(session_id, action, number, reason, step=step, time=time)
            case Paused(reason=reason):
                self.advance(session_id, Trigger.SELF_PAUSED, cause=reason)
            case CheckpointSaved(info=info):
                self.pending.on_saved(session_id, info)
                if self.workers.is_store_due(session_id):
                    self.ledger.save_eventually(self.record(session_id))
            case Evaluated(ece=ece):
                self.ledger.save_eventually(replace(self.record(session_id), ece=ece))

    def _on_ready(self, session_id: int, report: Ready) -> None:
        self.workers.keep_progress(session_id, report.progress)
        self.finish(session_id, Trigger.RESUME)
        if report.notice:
            self.ledger.append_history(session_id, "changed", text=report.notice)
        self.advance(
            session_id,
            Trigger.READY,
            device=report.device,
            num_parameters=report.num_parameters,
            fingerprint=report.fingerprint,
            worker_pid=self.workers.pid(session_id),
            cause=report.notice,
        )

    def _on_exit(self, session_id: int, end: Exit) -> None:
        record = self.record(session_id)
        if end.is_sudden:
            self.ledger.append_history(session_id, "changed", text=f"worker gone{end.place}")
        self.pending.on_exit(session_id, record.progress.position.step)
        self.advance(
            session_id,
            _EXIT_TRIGGERS.get(end.status, Trigger.EXIT_ERROR),
            cause=self._cause(record, end),
            worker_pid=None,
            ended_at=utc_now(),
        )
        self.workers.forget(session_id)
        self.schedule()

    def _cause(self, record: SessionRecord, end: Exit) -> str | None:
        is_training = record.state in (SessionState.STARTING, SessionState.RUNNING)
        match end.status:
            case ExitStatus.ORPHANED if self.is_closing and is_training:
                return recovery.RESTARTED_ON_REQUEST
            case ExitStatus.ORPHANED:
                return recovery.SUPERVISOR_RESTARTED
            case ExitStatus.STOPPED if self.is_closing:
                return "supervisor stopped"
            case _ if record.state is SessionState.KILLING:
                return None
            case _:
                return end.sentence

    def finish(self, session_id: int, request: Trigger) -> None:
        """Record that the pending requests of one kind are done."""
        self.pending.finish(session_id, request, self.record(session_id).progress.position.step)
