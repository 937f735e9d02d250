"""The supervisor: owns registry, queue, states and every child; carries decisions out.

One thread, one event loop. What is decided lies elsewhere: `lifecycle` (what a trigger leads to),
`scheduler` (who starts next), `creation` (what may become a session), `recovery` (after a crash).
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mnist_tui.storage import folders
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.records import SessionState, utc_now
from mnist_tui.storage.worker_status import read_worker_status
from mnist_tui.training.executors.local_process import Exit, RunningChild
from mnist_tui.training.parameters.hyperparameters import to_plain, upgraded
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
)
from mnist_tui.training.sessions import hardware, recovery
from mnist_tui.training.sessions.lifecycle import (
    ACTIVE,
    ENDED,
    SupervisorAction,
    Trigger,
    advance,
)
from mnist_tui.training.sessions.rules import (
    REQUESTS,
    RequestRefusedError,
    effects,
    refusal_sentence,
    why_not,
)
from mnist_tui.training.sessions.scheduler import next_to_start
from mnist_tui.training.supervisor import admission
from mnist_tui.training.supervisor.exit_reason import place, why_ended
from mnist_tui.training.supervisor.ledger import Ledger
from mnist_tui.training.supervisor.profile_requests import Profiles
from mnist_tui.training.supervisor.record_changes import RecordChanges
from mnist_tui.training.supervisor.snapshot_requests import IS_BEING_NAMED, Snapshots
from mnist_tui.training.supervisor.startup_recovery import StartupRecovery

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.registry.registry import Registry
    from mnist_tui.training.protocol.messages import Create, Event, Warm
    from mnist_tui.training.supervisor.tasks import Tasks
    from mnist_tui.training.supervisor.workers import Workforce

log = logging.getLogger("supervisor")

STOP_GRACE_S = 60.0
"""How long a stopping worker may save before it is killed."""


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
        self._ledger = Ledger(home, registry, publish)
        self._tasks = tasks
        self._workforce = workforce
        self._mirror = mirror
        self._boot_id = hardware.boot_id()
        self._is_closing = False
        self._background: set[asyncio.Task[Any]] = set()
        self.record_changes = RecordChanges(self._ledger, self.record)
        self.profiles = Profiles(self._ledger, workforce, record=self.record)
        self.snapshots = Snapshots(
            home,
            self._ledger,
            workforce,
            record=self.record,
            start=self._in_background,
            on_named=self._schedule,
        )

    # What clients ask

    def record(self, session_id: int) -> SessionRecord:
        """Return a record with the newest figures of its worker.

        Raises:
            RequestRefusedError: There is no such session.
        """
        record = self._ledger.get(session_id)
        if record is None:
            raise RequestRefusedError(
                f"There is no session #{session_id} in {self._home.path};"
                " `mnist-tui ls` lists those there are."
            )
        return self._workforce.with_live_progress(record)

    def records(self) -> list[SessionRecord]:
        """Return all records by id, with the newest figures."""
        return [self._workforce.with_live_progress(record) for record in self._ledger.all()]

    async def create(
        self, request: Create, by: str, tell: Callable[[str], None]
    ) -> SessionRecord | dict[str, Any]:
        """Make a session, or only say what its parameters would be.

        Raises:
            creation.REFUSALS: With what is wrong.
        """
        order = await admission.examine(
            request,
            tasks=self._tasks,
            default_threads=hardware.default_threads(self.slots),
            mirror=self._mirror,
            tell=tell,
        )
        if request.is_dry_run:
            return to_plain(order.parameters)
        record = admission.new_record(order, request, self._ledger.new_id(), self._boot_id)
        self._ledger.add(record)
        self._ledger.note(record.id, "changed", by=by, command="new", text=record.state.value)
        self._schedule()
        return self.record(record.id)

    def get_ready(self, request: Warm) -> None:
        """Have torch loaded and a dataset made ready, for a session that somebody thinks of."""
        self._tasks.warm()
        if request.dataset:
            data_dir = Path(request.data_dir)
            self._in_background(admission.get_data_ready(data_dir, request.dataset, self._tasks))

    def change(self, session_id: int, request: Trigger, by: str) -> SessionRecord | None:
        """Carry out or begin what a person asked of a session; None once it is in the trash.

        Raises:
            RequestRefusedError: There is no such session, or it cannot be done in its state.
        """
        record = self.record(session_id)
        number = self._workforce.new_number()
        self._ledger.note(session_id, "requested", number=number, command=request.value, by=by)
        refusal = why_not(record, request)
        if request not in REQUESTS:
            reason: str | None = "that request has a message of its own"
        else:
            reason = refusal.reason() if refusal else self._why_taken(record, request)
        if reason:
            self._ledger.note(session_id, "refused", number=number, text=reason)
            raise RequestRefusedError(refusal_sentence(session_id, request, reason))
        self._workforce.await_end(session_id, request, number)
        try:
            self._advance(session_id, request, number=number, **effects(record, request))
        except StorageError as error:
            self._workforce.end_of(session_id, request)
            self._ledger.note(session_id, "refused", number=number, text=str(error))
            raise
        if request is Trigger.REMOVE:
            return None
        if request is not Trigger.RESUME and record.state not in ACTIVE:
            self._finish_request(session_id, request)
        self._schedule()
        return self.record(session_id)

    def _why_taken(self, record: SessionRecord, request: Trigger) -> str | None:
        if request not in (Trigger.RESUME, Trigger.REMOVE):
            return None
        if self.snapshots.is_naming(record.id):
            return IS_BEING_NAMED
        if record.state not in ENDED:
            return None
        who = self._workforce.lock_holder(self._home, record.id)
        return recovery.why_taken(who) if who else None

    # What workers report

    def _on_report(self, session_id: int, report: Report) -> None:
        match report:
            case Progressed(progress=progress):
                self._workforce.keep_progress(session_id, progress)
                self._ledger.publish(self.record(session_id))
            case Ready():
                self._on_ready(session_id, report)
            case Seen(number=number, step=step, time=time):
                self._ledger.note(session_id, "seen", number=number, step=step, time=time)
            case Done(number=number, action=action, step=step, time=time):
                self._workforce.end_of(session_id, action)
                self._ledger.note(session_id, "done", number=number, step=step, time=time)
                self.snapshots.on_done(number)
                self.profiles.on_done(number, step)
                if action is Trigger.PAUSE:
                    self._advance(session_id, Trigger.PAUSE_DONE)
            case NotDone(number=number, action=action, step=step, reason=reason, time=time):
                makers = self.profiles if action is Trigger.PROFILE else self.snapshots
                makers.on_not_done(session_id, number, reason, step=step, time=time)
            case Paused(reason=reason):
                self._advance(session_id, Trigger.SELF_PAUSED, cause=reason)
            case CheckpointSaved(info=info):
                self.snapshots.on_saved(session_id, info)
                self._store_now_and_then(session_id)
            case Evaluated(ece=ece):
                self.record_changes.keep_ece(session_id, ece)

    def _on_ready(self, session_id: int, report: Ready) -> None:
        self._workforce.keep_progress(session_id, report.progress)
        self._finish_request(session_id, Trigger.RESUME)
        if report.notice:
            self._ledger.note(session_id, "changed", text=report.notice)
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
        where = read_worker_status(self._home.session(session_id) / folders.WHEREABOUTS)
        trigger, cause = why_ended(ending, where, oom_kills)
        if ending.ended is None and not ending.start_error:
            self._ledger.note(session_id, "changed", text=f"worker gone{place(where)}")
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
        self.snapshots.on_exit(session_id)
        self.profiles.on_exit(session_id)
        self._workforce.forget(session_id)
        self._schedule()

    def _finish_request(self, session_id: int, request: Trigger) -> None:
        number = self._workforce.end_of(session_id, request)
        if number is not None:
            step = self.record(session_id).progress.position.step
            self._ledger.note(session_id, "done", number=number, step=step)

    # Carrying decisions out

    def _advance(
        self, session_id: int, trigger: Trigger, *, number: int = 0, **updates: Any
    ) -> None:
        record = self.record(session_id)
        state, action = advance(record.state, trigger)
        if action is SupervisorAction.MOVE_TO_TRASH:
            self._remove(record)
            return
        if state is SessionState.QUEUED:
            updates["boot_id"] = self._boot_id
        changed = replace(record, state=state, **updates)
        if number and record.state not in ACTIVE:
            self._ledger.promise(changed)
        else:
            self._ledger.store(changed)  # a running one is stopped or killed, come what may
        if state is not record.state or changed.is_held is not record.is_held:
            self._ledger.note_state(changed)
        match action:
            case SupervisorAction.START_WORKER:
                self._start_worker(changed)
            case (
                SupervisorAction.SEND_PAUSE
                | SupervisorAction.SEND_RESUME
                | SupervisorAction.SEND_STOP
            ):
                self._workforce.send(session_id, number, trigger)
            case SupervisorAction.KILL_WORKER:
                self._workforce.kill(session_id)
        if state is SessionState.STOPPING and record.state is not SessionState.STOPPING:
            generation = record.generation
            loop = asyncio.get_running_loop()
            loop.call_later(STOP_GRACE_S, self._end_patience, session_id, generation)

    def _end_patience(self, session_id: int, generation: int) -> None:
        record = self._ledger.get(session_id)
        is_same = record is not None and record.generation == generation
        if record is not None and is_same and record.state is SessionState.STOPPING:
            cause = f"did not stop within {STOP_GRACE_S:g} s"
            self._advance(session_id, Trigger.GRACE_EXPIRED, cause=cause)

    def _schedule(self) -> None:
        while not self._is_closing:
            record = next_to_start(self._ledger.all(), self.slots)
            if record is None or self.snapshots.is_naming(record.id):
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

    def _in_background(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    def _remove(self, record: SessionRecord) -> None:
        self._ledger.remove(record)
        number = self._workforce.end_of(record.id, Trigger.REMOVE) or 0
        self._ledger.note(record.id, "done", number=number)

    def _store_now_and_then(self, session_id: int) -> None:
        if self._workforce.is_store_due(session_id):
            self._ledger.store(self.record(session_id))

    # Beginning and end

    def recover(self) -> None:
        """Put right what a dead or an earlier supervisor left, and start what may start."""
        for record in self.records():
            if (parameters := upgraded(record.parameters)) != record.parameters:
                self._ledger.store(replace(record, parameters=parameters))
        aftermath = StartupRecovery(
            self._home, self._ledger, self._workforce, self._boot_id, self._advance, self._schedule
        )
        for work in aftermath.settle():
            self._in_background(work)
        self._schedule()

    def save_unsaved(self) -> None:
        """Write what a full disk refused earlier."""
        self._ledger.save_unsaved()

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing waits to run."""
        return self._workforce.is_empty and self._tasks.is_idle and not self._background

    async def close(self, *, is_stop: bool) -> None:
        """Let every worker save and leave: stopped for good, or interrupted until a restart."""
        self._is_closing = True
        for record in self.records():
            is_stoppable = record.state in ACTIVE and why_not(record, Trigger.STOP) is None
            if is_stop and is_stoppable:
                self.change(record.id, Trigger.STOP, "supervisor")
        if not is_stop:
            self._workforce.hang_up()
        await self._workforce.until_empty(STOP_GRACE_S)
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._tasks.close()
        self._ledger.close()
