"""The supervisor: owns registry, queue, states and every child; carries decisions out.

One thread, one event loop. What is decided lies elsewhere: `lifecycle` (what a trigger leads to),
`scheduler` (who starts next), `creation` (what may become a session), `recovery` (after a crash).
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from storage import folders
from storage.audit import AuditLog
from storage.errors import StorageError
from storage.history import HistoryEntry, HistoryEvent, HistoryWriter
from storage.records import SessionRecord, SessionState, utc_now
from training import creation, hardware, recovery
from training.children import Exit, RunningChild
from training.lifecycle import (
    ACTIVE,
    ENDED,
    Action,
    Trigger,
    advance,
    allows,
)
from training.parameters import to_plain
from training.protocol import (
    CheckpointSaved,
    Done,
    Paused,
    Progressed,
    Ready,
    Report,
    Seen,
    SessionChanged,
    SessionRemoved,
)
from training.requests import WAITS_FOR_SLOT, effects, refusal_sentence, why_not
from training.scheduler import next_to_start
from training.workforce import Workforce, why_ended

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.home import Home
    from storage.registry import Registry
    from training.protocol import Create, Event
    from training.tasks import Tasks

log = logging.getLogger("supervisor")

EARLIER_WORKER_GRACE_S = 3.0
"""How long a worker of a dead supervisor may save before its session's row tells of it."""
STOP_GRACE_S = 60.0
"""How long a stopping worker may save before it is killed."""


class RequestRefusedError(Exception):
    """A request that cannot be carried out; the text is a sentence for the user."""


class Supervisor:
    """Everything that happens to sessions happens here."""

    def __init__(
        self,
        home: Home,
        registry: Registry,
        tasks: Tasks,
        workforce: Workforce,
        *,
        slots: int,
        mirror: str | None,
        publish: Callable[[Event], None],
    ) -> None:
        self.slots = slots
        self._home = home
        self._registry = registry
        self._audit = AuditLog(home.audit)
        self._tasks = tasks
        self._workforce = workforce
        self._mirror = mirror
        self._publish = publish
        self._boot_id = hardware.boot_id()
        self._is_closing = False
        self._background: set[asyncio.Task[None]] = set()
        self._uncopied: set[int] = set()

    # What clients ask

    def record(self, session_id: int) -> SessionRecord:
        """Return a record with the newest figures of its worker.

        Raises:
            RequestRefusedError: There is no such session.
        """
        try:
            record = self._registry.get(session_id)
        except KeyError:
            raise RequestRefusedError(
                f"There is no session #{session_id} in {self._home.path};"
                " `mnist-tui ls` lists those there are."
            ) from None
        return self._workforce.with_live_progress(record)

    def records(self) -> list[SessionRecord]:
        """Return all records by id, with the newest figures."""
        return [self._workforce.with_live_progress(record) for record in self._registry.all()]

    async def create(
        self, request: Create, by: str, tell: Callable[[str], None]
    ) -> SessionRecord | dict[str, Any]:
        """Make a session, or only say what its parameters would be.

        Raises:
            creation.REFUSALS: With what is wrong.
        """
        order = await creation.examine(
            request,
            tasks=self._tasks,
            default_threads=hardware.default_threads(self.slots),
            mirror=self._mirror,
            tell=tell,
        )
        if request.is_dry_run:
            return to_plain(order.parameters)
        now = utc_now()
        record = SessionRecord(
            id=self._registry.new_id(),
            name=order.name,
            tags=order.tags,
            note=request.note,
            parameters=to_plain(order.parameters),
            environment={
                name: value
                for name, value in request.environment.items()
                if name in creation.FORWARDED_VARIABLES
            },
            data_dir=request.data_dir,
            created_at=now,
            queued_at=now,
            is_held=request.is_held,
            cause=None if request.is_held else WAITS_FOR_SLOT,
            boot_id=self._boot_id,
        )
        folders.make_session_folder(self._home, record.id)
        try:
            self._registry.put(record)
        except StorageError:
            folders.discard_empty_folder(self._home, record.id)
            raise
        self._tell(record)
        self._note(record.id, "changed", by=by, command="new", text=record.state.value)
        self._schedule()
        return self.record(record.id)

    def change(self, session_id: int, request: Trigger, by: str) -> SessionRecord | None:
        """Carry out or begin what a person asked of a session; None once it is in the trash.

        Raises:
            RequestRefusedError: There is no such session, or it cannot be done in its state.
        """
        record = self.record(session_id)
        number = self._workforce.new_number()
        self._note(session_id, "requested", number=number, command=request.value, by=by)
        reason = why_not(record, request) or self._why_taken(record, request)
        if reason:
            self._note(session_id, "refused", number=number, text=reason)
            raise RequestRefusedError(refusal_sentence(session_id, request, reason))
        self._workforce.await_end(session_id, request, number)
        try:
            self._advance(session_id, request, number=number, **effects(record, request))
        except StorageError as error:
            self._workforce.end_of(session_id, request)
            self._note(session_id, "refused", number=number, text=str(error))
            raise
        if request is Trigger.REMOVE:
            return None
        if request is not Trigger.RESUME and record.state not in ACTIVE:
            self._finish_request(session_id, request)
        self._schedule()
        return self.record(session_id)

    def _why_taken(self, record: SessionRecord, request: Trigger) -> str | None:
        if record.state not in ENDED or request not in (Trigger.RESUME, Trigger.REMOVE):
            return None
        who = self._workforce.lock_holder(self._home, record.id)
        return recovery.why_taken(who) if who else None

    # What workers report

    def _on_report(self, session_id: int, report: Report) -> None:
        match report:
            case Progressed(progress=progress):
                self._workforce.keep_progress(session_id, progress)
                self._publish(SessionChanged(record=self.record(session_id)))
            case Ready():
                self._on_ready(session_id, report)
            case Seen(number=number, step=step, time=time):
                self._note(session_id, "seen", number=number, step=step, time=time)
            case Done(number=number, action=action, step=step, time=time):
                self._workforce.end_of(session_id, action)
                self._note(session_id, "done", number=number, step=step, time=time)
                if action is Trigger.PAUSE:
                    self._advance(session_id, Trigger.PAUSE_DONE)
            case Paused(reason=reason):
                self._advance(session_id, Trigger.SELF_PAUSED, cause=reason)
            case CheckpointSaved():
                self._store_now_and_then(session_id)

    def _on_ready(self, session_id: int, report: Ready) -> None:
        self._workforce.keep_progress(session_id, report.progress)
        self._finish_request(session_id, Trigger.RESUME)
        if report.notice:
            self._note(session_id, "changed", text=report.notice)
        self._advance(
            session_id,
            Trigger.READY,
            device=report.device,
            num_parameters=report.num_parameters,
            fingerprint=report.fingerprint,
            worker_pid=self._workforce.pid(session_id),
            cause=report.notice,
        )

    def _on_exit(self, session_id: int, ending: Exit, oom_kills: int | None) -> None:
        record = self.record(session_id)
        trigger, cause = why_ended(record, ending, oom_kills)
        if record.state is SessionState.KILLING:
            cause = None
        if trigger is Trigger.EXIT_ORPHANED:
            cause = recovery.SUPERVISOR_RESTARTED
            if record.state in (SessionState.STARTING, SessionState.RUNNING) and self._is_closing:
                cause = recovery.RESTARTED_ON_REQUEST
        elif trigger is Trigger.EXIT_STOPPED and self._is_closing:
            cause = "supervisor stopped"
        for request in (Trigger.STOP, Trigger.KILL):
            self._finish_request(session_id, request)
        self._advance(session_id, trigger, cause=cause, worker_pid=None, ended_at=utc_now())
        self._workforce.forget(session_id)
        self._schedule()

    def _finish_request(self, session_id: int, request: Trigger) -> None:
        number = self._workforce.end_of(session_id, request)
        if number is not None:
            step = self.record(session_id).progress.position.step
            self._note(session_id, "done", number=number, step=step)

    # Carrying decisions out

    def _advance(
        self, session_id: int, trigger: Trigger, *, number: int = 0, **updates: Any
    ) -> None:
        record = self.record(session_id)
        state, action = advance(record.state, trigger)
        if action is Action.MOVE_TO_TRASH:
            self._remove(record)
            return
        if state is SessionState.QUEUED:
            updates["boot_id"] = self._boot_id
        changed = replace(record, state=state, **updates)
        if number and record.state not in ACTIVE:
            self._registry.put(changed)  # what was promised holds; a running one cannot be refused
            self._tell(changed)
        else:
            self._store(changed)
        if state is not record.state or changed.is_held is not record.is_held:
            self._note(session_id, "changed", text=_with_cause(changed))
        match action:
            case Action.START_WORKER:
                self._start_worker(changed)
            case Action.SEND_PAUSE | Action.SEND_RESUME | Action.SEND_STOP:
                self._workforce.send(session_id, number, trigger)
            case Action.KILL_WORKER:
                self._workforce.kill(session_id)
        if state is SessionState.STOPPING and record.state is not SessionState.STOPPING:
            generation = record.generation
            loop = asyncio.get_running_loop()
            loop.call_later(STOP_GRACE_S, self._end_patience, session_id, generation)

    def _end_patience(self, session_id: int, generation: int) -> None:
        with suppress(KeyError):  # it may be in the trash by now
            record = self._registry.get(session_id)
            if record.generation == generation and record.state is SessionState.STOPPING:
                cause = f"did not stop within {STOP_GRACE_S:g} s"
                self._advance(session_id, Trigger.GRACE_EXPIRED, cause=cause)

    def _schedule(self) -> None:
        while not self._is_closing:
            record = next_to_start(self._registry.all(), self.slots)
            if record is None:
                return
            self._advance(
                record.id,
                Trigger.SLOT_FREE,
                generation=record.generation + 1,
                boot_id=self._boot_id,
                started_at=record.started_at or utc_now(),
                ended_at=None,
                cause=None,
            )

    def _start_worker(self, record: SessionRecord) -> None:
        child = RunningChild(lambda report: self._on_report(record.id, report))
        self._workforce.add(record, child)
        self._in_background(self._run_worker(record, child))

    async def _run_worker(self, record: SessionRecord, child: RunningChild) -> None:
        oom_kills = hardware.num_oom_kills()
        try:
            ending = await self._workforce.run(self._home, record, child)
        except Exception as error:
            log.exception("the worker of #%d cannot be followed any more", record.id)
            child.kill()
            ending = Exit(ended=None, code=None, start_error=f"internal error: {error}")
        kills = hardware.num_oom_kills()
        grown = None if kills is None or oom_kills is None else kills - oom_kills
        self._on_exit(record.id, ending, grown)

    def _in_background(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _remove(self, record: SessionRecord) -> None:
        # In this order a crash in between brings the session back instead of losing it.
        self._registry.remove(record.id)
        try:
            folders.move_to_trash(self._home, record.id)
        except StorageError:
            self._registry.put_when_possible(record)
            raise
        self._uncopied.discard(record.id)
        number = self._workforce.end_of(record.id, Trigger.REMOVE) or 0
        self._note(record.id, "done", number=number)
        self._publish(SessionRemoved(session_id=record.id))

    def _store(self, record: SessionRecord) -> None:
        self._registry.put_when_possible(record)
        self._tell(record)

    def _tell(self, record: SessionRecord) -> None:
        self._copy(record)
        self._publish(SessionChanged(record=record))

    def _copy(self, record: SessionRecord) -> None:
        self._uncopied.discard(record.id)
        try:
            folders.write_session_copy(self._home, record)
        except StorageError as error:
            self._uncopied.add(record.id)
            log.warning("%s", error)

    def _store_now_and_then(self, session_id: int) -> None:
        if self._workforce.is_store_due(session_id):
            self._store(self.record(session_id))

    def _note(self, session_id: int, event: HistoryEvent, **fields: Any) -> None:
        entry = HistoryEntry(event=event, **{"time": utc_now(), **fields})
        try:
            self._audit.append(session_id, entry)
            folder = self._home.session(session_id)
            if folder.exists():
                HistoryWriter(folder / folders.HISTORY).append(entry)
        except StorageError as error:
            log.warning("%s", error)

    # Beginning and end

    def recover(self) -> None:
        """Put right what a dead supervisor left, and start what may start."""
        for record, trigger, cause in recovery.losses(self._registry.all(), self._boot_id):
            self._advance(record.id, trigger, cause=cause, worker_pid=None, ended_at=utc_now())
        for record in recovery.left_waiting(self._registry.all(), self._boot_id):
            cause = recovery.MACHINE_RESTARTED
            self._advance(record.id, Trigger.HOLD, is_held=True, cause=cause)
        for record in self._registry.all():
            if not folders.has_session_copy(self._home, record.id):
                self._copy(record)
            is_taken = self._workforce.lock_holder(self._home, record.id) is not None
            if is_taken or recovery.goes_on_by_itself(record, self._boot_id):
                self._in_background(self._go_on_when_free(record.id))
        self._schedule()

    async def _go_on_when_free(self, session_id: int) -> None:
        """Let an earlier worker save and leave, then queue its session if it was interrupted."""
        await self._until_earlier_worker_left(session_id)
        record = self._record_or_none(session_id)
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
            record = self._record_or_none(session_id)
            who = self._workforce.lock_holder(self._home, session_id)
            if record is not None and who is not None:
                self._change_cause(record, recovery.with_worker(record.cause, who))
            await self._workforce.until_lock_is_free(self._home, session_id)
        record = self._record_or_none(session_id)
        if record is not None and (kept := recovery.without_worker(record.cause)) != record.cause:
            self._change_cause(record, kept)

    def _change_cause(self, record: SessionRecord, cause: str | None) -> None:
        changed = replace(record, cause=cause)
        self._store(changed)
        self._note(record.id, "changed", text=_with_cause(changed))

    def _record_or_none(self, session_id: int) -> SessionRecord | None:
        with suppress(KeyError):
            return self._registry.get(session_id)
        return None

    def save_unsaved(self) -> None:
        """Write what a full disk refused earlier."""
        if self._registry.save_unsaved():
            for session_id in list(self._uncopied):
                with suppress(StorageError):  # told when it failed first
                    folders.write_session_copy(self._home, self._registry.get(session_id))
                    self._uncopied.discard(session_id)

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing waits to run."""
        return self._workforce.is_empty and self._tasks.is_idle and not self._background

    async def close(self, *, is_stop: bool) -> None:
        """Let every worker save and leave: stopped for good, or interrupted until a restart."""
        self._is_closing = True
        for record in self.records():
            is_stoppable = record.state in ACTIVE and allows(record.state, Trigger.STOP)
            if is_stop and is_stoppable:
                self.change(record.id, Trigger.STOP, "supervisor")
        if not is_stop:
            self._workforce.hang_up()
        await self._workforce.until_empty(STOP_GRACE_S)
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._tasks.close()
        self.save_unsaved()
        self._registry.close()
        self._audit.close()


def _with_cause(record: SessionRecord) -> str:
    return f"{record.state}: {record.cause}" if record.cause else record.state.value
