"""The supervisor's interface for clients, and its start and end.

What may become a session is decided in `admission`, what a session may do in `rules`, what becomes
of sessions after a crash in `recovery`; `session_states` carries it out.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.results.study_definitions import keep_run
from mnist_tui.training.parameters.hyperparameters import to_plain, upgraded
from mnist_tui.training.sessions import recovery
from mnist_tui.training.sessions.lifecycle import ACTIVE, ENDED, Trigger
from mnist_tui.training.sessions.rules import REQUESTS, effects, why_not
from mnist_tui.training.supervisor.admission import Admission, new_record
from mnist_tui.training.supervisor.ledger import Ledger
from mnist_tui.training.supervisor.record_changes import RecordChanges
from mnist_tui.training.supervisor.session_states import STOP_GRACE_S, SessionStates
from mnist_tui.training.supervisor.startup_recovery import StartupRecovery
from mnist_tui.training.supervisor.worker_requests import IS_BEING_NAMED, WorkerRequests

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.registry.registry import Registry
    from mnist_tui.training.executors.executor import Executor
    from mnist_tui.training.protocol.messages import Event
    from mnist_tui.training.protocol.requests import Create, KeepStudy, Warm
    from mnist_tui.training.supervisor.tasks import Tasks


class Supervisor:
    """All sessions of one home, as clients see and change them."""

    def __init__(
        self,
        home: Home,
        registry: Registry,
        executor: Executor,
        tasks: Tasks,
        *,
        slots: int,
        mirror: str | None,
        publish: Callable[[Event], None],
    ) -> None:
        self.slots = slots
        self._home = home
        self._executor = executor
        self._tasks = tasks
        self._admission = Admission(executor, tasks, mirror, executor.default_threads(slots))
        self._ledger = Ledger(home, registry, publish)
        self._states = SessionStates(home, self._ledger, executor, slots)
        self.record = self._states.record
        self.records = self._states.records
        self.save_unsaved = self._ledger.save_unsaved
        self.record_changes = RecordChanges(self._ledger, self.record)
        self.worker_requests = WorkerRequests(home, self._states)
        self._study_runs: list[tuple[object, str]] = []
        """Clients that began a run of a study, and the run's name."""

    @property
    def num_workers(self) -> int:
        """Workers that exist now."""
        return len(self._states.workers)

    @property
    def is_idle(self) -> bool:
        """True if nothing runs and nothing waits to run."""
        return not self.num_workers and self._tasks.is_idle and not self._states.background

    async def create(
        self, request: Create, by: str, on_progress: Callable[[str], None]
    ) -> SessionRecord | dict[str, Any]:
        """Create a session, or in a dry run return the parameters that it would have.

        Raises:
            admission.REFUSALS: It cannot be created.
        """
        admitted = await self._admission.check(request, on_progress)
        if request.is_dry_run:
            return to_plain(admitted.parameters)
        record = new_record(admitted, request, self._ledger.new_id(), self._executor.boot_id)
        self._ledger.add(record)
        self._ledger.append_history(
            record.id, "changed", by=by, command="new", text=record.state.value
        )
        self._states.schedule()
        return self.record(record.id)

    def begin_study_run(
        self, request: KeepStudy, client: object, clients: Collection[object]
    ) -> str:
        """Store the definition of a study's run and return its name.

        A name is taken while sessions have it, and while the client that began it is among the
        connected `clients` and may yet create them; a run without sessions makes room for the next.

        Raises:
            StorageError: The name is invalid or taken, or it could not be written.
        """
        self._study_runs = [(owner, run) for owner, run in self._study_runs if owner in clients]
        taken = {record.study.run for record in self.records() if record.study}
        run = keep_run(
            self._home,
            request.run,
            request.definition,
            request.left_out,
            taken=taken | {run for _, run in self._study_runs},
            is_numbered=request.is_numbered,
        )
        self._study_runs.append((client, run))
        return run

    def prepare(self, request: Warm) -> None:
        """Load torch and make a dataset ready before a session is created."""
        self._tasks.warm()
        if request.dataset:
            data_dir = Path(request.data_dir)
            self._states.in_background(self._admission.prepare_dataset(data_dir, request.dataset))

    def change(self, session_id: int, request: Trigger, by: str) -> SessionRecord | None:
        """Carry out or begin a change of a session's state; return None once it is in the trash.

        Raises:
            RequestRefusedError: There is no such session, or its state does not allow the request.
            StorageError: It could not be written; nothing has changed.
        """
        record = self.record(session_id)
        number = self._states.pending.begin(session_id, request, by)
        if reason := self._reason_not_allowed(record, request):
            raise self._states.pending.refused(session_id, request, number, reason)
        self._states.pending.add_pending(session_id, request, number)
        try:
            self._states.advance(session_id, request, number=number, **effects(record, request))
        except StorageError as error:
            self._states.pending.pop_pending(number)
            self._states.pending.refused(session_id, request, number, str(error))
            raise
        if request is Trigger.REMOVE:
            return None
        if request is not Trigger.RESUME and record.state not in ACTIVE:
            self._states.finish(session_id, request)
        self._states.schedule()
        return self.record(session_id)

    def _reason_not_allowed(self, record: SessionRecord, request: Trigger) -> str | None:
        """Return why a request cannot be carried out now, or None."""
        if request not in REQUESTS:
            return "that request has a message of its own"
        if refusal := why_not(record, request):
            return refusal.reason()
        if request not in (Trigger.RESUME, Trigger.REMOVE):
            return None
        if record.id in self._states.workers.reserved:
            return IS_BEING_NAMED
        holder = self._executor.holder(record.id) if record.state in ENDED else None
        return recovery.why_taken(holder) if holder else None

    # Start and end

    def recover(self) -> None:
        """Repair what a dead or an earlier supervisor left, and start what may start."""
        for record in self.records():
            if (parameters := upgraded(record.parameters)) != record.parameters:
                self._ledger.save_eventually(replace(record, parameters=parameters))
        for work in StartupRecovery(self._states).run():
            self._states.in_background(work)
        self._states.schedule()

    async def close(self, *, is_stop: bool) -> None:
        """Let every worker save and leave: stopped for good, or interrupted until a restart."""
        self._states.is_closing = True
        for record in self.records():
            is_stoppable = record.state in ACTIVE and why_not(record, Trigger.STOP) is None
            if is_stop and is_stoppable:
                self.change(record.id, Trigger.STOP, "supervisor")
        if not is_stop:
            self._states.workers.hang_up()
        await self._states.workers.until_empty(STOP_GRACE_S)
        for task in self._states.background:
            task.cancel()
        await asyncio.gather(*self._states.background, return_exceptions=True)
        await self._tasks.close()
        self._ledger.close()
