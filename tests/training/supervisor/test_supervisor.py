"""The supervisor's logic with workers that are no processes: only the executor differs."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from msgspec.structs import replace

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.history import read_history
from mnist_tui.storage.home import Home
from mnist_tui.storage.records import SessionRecord, StudyPlace
from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.storage.registry.registry_reader import read_records
from mnist_tui.training.executors.executor import Exit, ExitStatus
from mnist_tui.training.parameters.hyperparameters import ParameterError
from mnist_tui.training.protocol.messages import Event, SessionChanged
from mnist_tui.training.protocol.requests import Create, KeepStudy, Profile
from mnist_tui.training.protocol.worker_messages import NotDone, Paused
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.recovery import MAX_RECOVERIES
from mnist_tui.training.sessions.rules import RequestRefusedError
from mnist_tui.training.supervisor import session_states, startup_recovery
from mnist_tui.training.supervisor.supervisor import Supervisor
from mnist_tui.training.supervisor.tasks import Tasks
from tests.dataset_files import write_small_dataset
from tests.deadlines import patient
from tests.training.supervisor.in_process_executor import InProcessExecutor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

SMALL = {"model": "lenet", "dataset": "digits", "validation": 50}


class Stage:
    """A home, one supervisor after another that serves it, and their executors."""

    def __init__(self, path: Path) -> None:
        self.home = Home(path)
        self.home.prepare()
        self.published: list[Event] = []
        self.executor = InProcessExecutor()
        self.supervisor = self.serve(self.executor)

    def serve(self, executor: InProcessExecutor, slots: int = 1) -> Supervisor:
        """Start a supervisor, as the only one of the home."""
        self.executor = executor
        registry = Registry.open(self.home)
        self.supervisor = Supervisor(
            self.home,
            registry,
            executor,
            Tasks(self.home, executor),
            slots=slots,
            mirror=None,
            publish=self.published.append,
        )
        return self.supervisor

    def die(self) -> None:
        """End the supervisor without its knowledge; its workers train on."""
        for task in self.supervisor._states.background:
            task.cancel()
        self.supervisor._ledger.close()

    async def create(self, **fields: Any) -> int:
        request = Create(id=1, parameters=SMALL, data_dir=str(self.home.path / "data"), **fields)
        record = await self.supervisor.create(request, "test", lambda _text: None)
        assert isinstance(record, SessionRecord)
        return record.id

    async def running(self) -> int:
        """Return a session that trains."""
        session_id = await self.create()
        await self.reach(session_id, S.RUNNING)
        return session_id

    def ask(self, request: Trigger, session_id: int) -> SessionRecord | None:
        return self.supervisor.change(session_id, request, "test")

    def record(self, session_id: int) -> SessionRecord:
        return self.supervisor.record(session_id)

    async def reach(self, session_id: int, state: S) -> SessionRecord:
        await until(lambda: self.record(session_id).state is state, f"#{session_id} is {state}")
        return self.record(session_id)

    def history(self, session_id: int, command: str) -> Any:
        """Return the newest request of one kind in a session's history."""
        rows = read_history(self.home.session(session_id) / "history.jsonl")
        return [row for row in rows if row.command == command][-1]


async def until(condition: Callable[[], object], what: str) -> None:
    deadline = asyncio.get_running_loop().time() + patient(10)
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"not within {patient(10):g} s: {what}"
        await asyncio.sleep(0.001)


async def soon(work: Awaitable[Any]) -> Any:
    """Return a result that must not take long."""
    return await asyncio.wait_for(work, patient(10))


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="mt-") as folder:
        made = Stage(Path(folder))
        yield made
        for worker in made.executor.workers.values():
            worker.kill()
        await soon(made.supervisor.close(is_stop=True))


async def test_a_missing_dataset_is_made_by_a_task_before_the_session_starts(stage: Stage) -> None:
    texts: list[str] = []
    request = Create(id=1, parameters=SMALL, data_dir=str(stage.home.path / "data"))
    record = await stage.supervisor.create(request, "test", texts.append)
    assert isinstance(record, SessionRecord)
    assert texts == ["Writing images"]
    running = await stage.reach(record.id, S.RUNNING)
    assert (running.device, running.num_parameters, running.generation) == ("here", 7, 1)
    assert running.worker_pid is None
    assert [type(one).__name__ for one in stage.executor.assignments].count("TaskAssignment") == 1


async def test_a_finished_session_gives_its_slot_to_the_next_in_the_queue(stage: Stage) -> None:
    first, second = await stage.running(), await stage.create()
    assert stage.record(second).cause == "waits for a free slot"
    stage.executor.workers[first].train(step=40)
    stage.executor.workers[first].end(ExitStatus.FINISHED)
    await stage.reach(second, S.RUNNING)
    finished = stage.record(first)
    assert (finished.state, finished.cause) == (S.FINISHED, None)
    assert finished.progress.position.step == 40
    assert finished.ended_at is not None


async def test_pause_resume_and_stop_are_done_when_the_worker_reports_them(stage: Stage) -> None:
    session = await stage.running()
    stage.executor.workers[session].train(step=7)
    assert stage.ask(Trigger.PAUSE, session).state is S.PAUSING  # type: ignore[union-attr]
    await stage.reach(session, S.PAUSED)
    row = stage.history(session, "pause")
    assert (row.step, row.is_refused, row.by) == (7, False, "test")
    assert row.seen_at is not None
    assert row.done_at is not None

    stage.ask(Trigger.RESUME, session)
    await until(lambda: stage.history(session, "resume").done_at, "the resume is done")
    assert stage.record(session).state is S.RUNNING
    stage.ask(Trigger.STOP, session)
    await stage.reach(session, S.STOPPED)
    assert stage.history(session, "stop").done_at is not None

    stage.ask(Trigger.RESUME, session)
    assert (await stage.reach(session, S.RUNNING)).generation == 2
    states = [event.record.state for event in stage.published if isinstance(event, SessionChanged)]
    assert states.index(S.PAUSING) < states.index(S.PAUSED) < states.index(S.STOPPING)


async def test_a_killed_session_has_no_cause_however_its_worker_ended(stage: Stage) -> None:
    session = await stage.running()
    stage.ask(Trigger.KILL, session)
    killed = await stage.reach(session, S.KILLED)
    assert killed.cause is None
    assert stage.history(session, "kill").done_at is not None


@pytest.mark.parametrize(
    ("status", "cause", "sentence"),
    [
        (ExitStatus.FAILED, "the loss became nan", "the loss became nan"),
        (
            ExitStatus.LOST,
            "ended without a word",
            "the worker ended without a word; resume goes on from the checkpoint",
        ),
        (
            ExitStatus.OUT_OF_MEMORY,
            "out of memory: killed by the kernel",
            "out of memory: killed by the kernel; resume goes on from the checkpoint",
        ),
        (
            ExitStatus.SIGNALLED,
            "killed by SIGSEGV",
            "killed by SIGSEGV; resume goes on from the checkpoint",
        ),
        (
            ExitStatus.NOT_STARTED,
            "Resource temporarily unavailable",
            "the worker could not be started or followed (Resource temporarily unavailable)",
        ),
    ],
)
async def test_every_unexpected_exit_fails_the_session_with_its_cause(
    stage: Stage, status: ExitStatus, cause: str, sentence: str
) -> None:
    session = await stage.running()
    stage.executor.workers[session].end(status, cause)
    assert (await stage.reach(session, S.FAILED)).cause == sentence
    audit = stage.home.audit.read_text()
    assert ("worker gone" in audit) is Exit(status).is_sudden
    stage.ask(Trigger.RESUME, session)
    await stage.reach(session, S.RUNNING)


async def test_a_worker_that_does_not_stop_in_time_is_killed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_states, "STOP_GRACE_S", 0.02)
    session = await stage.running()
    stage.executor.workers[session].is_deaf = True
    stage.ask(Trigger.STOP, session)
    await stage.reach(session, S.KILLED)
    assert "killing: did not stop within 0.02 s" in stage.home.audit.read_text()


async def test_a_worker_that_pauses_by_itself_is_paused_with_its_reason(stage: Stage) -> None:
    session = await stage.running()
    stage.executor.workers[session].report(Paused(step=3, reason="disk full: make room"))
    assert (await stage.reach(session, S.PAUSED)).cause == "disk full: make room"


@pytest.mark.parametrize(
    ("trigger", "reason"),
    [
        (Trigger.RESUME, "running already"),
        (Trigger.REMOVE, "stop or kill it first"),
        (Trigger.HOLD, "only a queued session"),
        (Trigger.SNAPSHOT, "a message of its own"),
    ],
)
async def test_a_refused_request_is_in_the_history_and_changes_nothing(
    stage: Stage, trigger: Trigger, reason: str
) -> None:
    session = await stage.running()
    with pytest.raises(RequestRefusedError, match=reason):
        stage.ask(trigger, session)
    assert stage.history(session, trigger.value).is_refused
    assert stage.record(session).state is S.RUNNING
    with pytest.raises(RequestRefusedError, match="There is no session #99"):
        stage.ask(trigger, 99)


async def test_a_held_session_starts_once_it_is_released(stage: Stage) -> None:
    session = await stage.create(is_held=True)
    await asyncio.sleep(0)
    assert stage.record(session).state is S.QUEUED
    with pytest.raises(RequestRefusedError, match="held already"):
        stage.ask(Trigger.HOLD, session)
    stage.ask(Trigger.RELEASE, session)
    await stage.reach(session, S.RUNNING)


async def test_a_removed_session_is_in_the_trash_and_its_id_is_not_used_again(
    stage: Stage,
) -> None:
    session = await stage.running()
    stage.ask(Trigger.KILL, session)
    await stage.reach(session, S.KILLED)
    assert stage.ask(Trigger.REMOVE, session) is None
    assert not stage.home.session(session).exists()
    assert (stage.home.trash / str(session) / "history.jsonl").exists()
    with pytest.raises(RequestRefusedError, match=f"no session #{session} "):
        stage.record(session)
    assert await stage.create(is_held=True) == session + 1


async def test_a_dry_run_returns_the_parameters_and_creates_nothing(stage: Stage) -> None:
    request = Create(
        id=1, parameters={"filters": "8"}, data_dir=str(stage.home.path / "data"), is_dry_run=True
    )
    parameters = await stage.supervisor.create(request, "test", lambda _text: None)
    assert isinstance(parameters, dict)
    assert (parameters["filters"], parameters["threads"]) == ((8, 16), 1)
    assert stage.supervisor.records() == []


async def test_a_refused_creation_lists_every_problem_and_leaves_nothing_behind(
    stage: Stage, tmp_path: Path
) -> None:
    def create(data_dir: Path = tmp_path, **fields: Any) -> Any:
        request = Create(id=1, data_dir=str(data_dir), **fields)
        return stage.supervisor.create(request, "test", lambda _text: None)

    with pytest.raises(ParameterError) as caught:
        await create(parameters={"model": "vgg", "epochs": 0}, name="../x")
    assert {problem.field for problem in caught.value.problems} == {"model", "epochs", "name"}
    damaged = tmp_path / "MNIST" / "raw"
    damaged.mkdir(parents=True)
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (damaged / f"{name}-ubyte").write_bytes(b"\0\0\x08\x03")
    with pytest.raises(StorageError, match="damaged"):
        await create(parameters={"dataset": "mnist"})
    write_small_dataset(tmp_path / "changed", "mnist")
    with pytest.raises(StorageError, match="its checksum is not the published one"):
        await create(tmp_path / "changed", parameters={"dataset": "mnist", "validation": 5})
    assert stage.supervisor.records() == []
    assert not [path for path in stage.home.path.iterdir() if path.name.isdigit()]


async def test_a_run_of_a_study_has_its_name_for_itself_while_it_may_get_sessions(
    stage: Stage,
) -> None:
    begin = stage.supervisor.begin_study_run
    exact = KeepStudy(id=1, run="rates", definition={})
    numbered = replace(exact, is_numbered=True)
    assert begin(numbered, "first", {"first", "second"}) == "rates"
    with pytest.raises(StorageError, match="already"):
        begin(exact, "second", {"first", "second"})
    assert begin(numbered, "second", {"first", "second"}) == "rates-2"
    # The first client has gone without creating a session.
    assert begin(exact, "second", {"second"}) == "rates"
    await stage.create(is_held=True, study=StudyPlace(run="rates", row="small"))
    assert begin(numbered, "third", {"third"}) == "rates-2"


async def test_a_device_that_the_executor_does_not_have_is_refused(stage: Stage) -> None:
    request = Create(id=1, parameters={**SMALL, "device": "cuda"}, data_dir="/nowhere")
    with pytest.raises(ParameterError, match="there is no cuda in this test"):
        await stage.supervisor.create(request, "test", lambda _text: None)
    assert stage.supervisor.records() == []


async def test_snapshot_and_profile_answer_when_the_worker_is_done(stage: Stage) -> None:
    session = await stage.running()
    stage.executor.workers[session].train(step=5)
    requests = stage.supervisor.worker_requests
    assert await soon(requests.take_snapshot(session, "before lunch", "test")) == {
        "step": 5,
        "file": "5.pt",
    }
    profile = Profile(id=1, session_id=session, num_batches=3)
    assert await soon(requests.profile(profile, "test")) == {"step": 5}
    for command in ("snapshot", "profile"):
        assert stage.history(session, command).done_at is not None
    assert stage.record(session).state is S.RUNNING


async def test_requests_that_a_worker_leaves_open_are_refused_when_it_ends(stage: Stage) -> None:
    session = await stage.running()
    worker = stage.executor.workers[session]
    worker.is_deaf = True
    requests = stage.supervisor.worker_requests
    profile = Profile(id=1, session_id=session, num_batches=3)
    waiting = [
        asyncio.create_task(requests.profile(profile, "test")),
        asyncio.create_task(requests.take_snapshot(session, "kept", "test")),
    ]
    await until(lambda: len(stage.supervisor._states.pending._pending) == 2, "both are pending")
    for again, reason in [
        (requests.profile(profile, "test"), "it is being profiled already"),
        (requests.take_snapshot(session, "kept", "test"), "one called kept is being saved already"),
    ]:
        with pytest.raises(RequestRefusedError, match=reason):
            await again
    stage.ask(Trigger.KILL, session)
    results = await soon(asyncio.gather(*waiting, return_exceptions=True))
    assert ["its worker ended before" in str(error) for error in results] == [True, True]
    assert stage.supervisor._states.pending._pending == {}


async def test_a_request_that_a_worker_cannot_carry_out_is_refused(stage: Stage) -> None:
    session = await stage.running()
    worker = stage.executor.workers[session]
    worker.is_deaf = True
    waiting = asyncio.create_task(
        stage.supervisor.worker_requests.take_snapshot(session, "kept", "test")
    )
    pending = stage.supervisor._states.pending
    await until(lambda: pending.of(session, Trigger.SNAPSHOT), "it is pending")
    [order] = pending.of(session, Trigger.SNAPSHOT)
    worker.report(
        NotDone(number=order.number, action=order.request, step=1, reason="disk full", time="now")
    )
    with pytest.raises(RequestRefusedError, match="cannot be kept as a snapshot: disk full"):
        await soon(waiting)
    assert stage.record(session).state is S.RUNNING


async def test_a_stop_of_the_supervisor_stops_its_sessions(stage: Stage) -> None:
    session = await stage.running()
    await soon(stage.supervisor.close(is_stop=True))
    [record] = read_records(stage.home)
    assert (record.id, record.state, record.cause) == (session, S.STOPPED, "supervisor stopped")
    stage.serve(InProcessExecutor())


async def test_a_restart_interrupts_what_trains_and_the_next_supervisor_resumes_it(
    stage: Stage,
) -> None:
    stage.supervisor.slots = stage.supervisor._states.slots = 2
    trains, paused = await stage.running(), await stage.running()
    stage.ask(Trigger.PAUSE, paused)
    await stage.reach(paused, S.PAUSED)
    await soon(stage.supervisor.close(is_stop=False))

    states = {record.id: (record.state, record.cause) for record in read_records(stage.home)}
    assert states[trains] == (S.INTERRUPTED, "supervisor restarted on request")
    assert states[paused] == (S.STOPPED, "supervisor restarted")
    stage.serve(InProcessExecutor()).recover()
    record = await stage.reach(trains, S.RUNNING)
    assert (record.generation, record.recoveries) == (2, ())


async def test_after_a_crash_a_session_goes_on_once_its_earlier_worker_has_left(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup_recovery, "EARLIER_WORKER_GRACE_S", 0.02)
    session = await stage.running()
    stage.die()

    executor = InProcessExecutor()
    executor.holders[session] = "pid 7"
    stage.serve(executor).recover()
    note = "its earlier worker (pid 7) has not left yet"
    await until(lambda: note in (stage.record(session).cause or ""), "the row names the worker")
    assert stage.record(session).state is S.INTERRUPTED
    with pytest.raises(RequestRefusedError, match=r"its earlier worker \(pid 7\)"):
        stage.ask(Trigger.RESUME, session)
    del executor.holders[session]
    record = await stage.reach(session, S.RUNNING)
    assert record.generation == 2
    assert len(record.recoveries) == 1


async def test_a_session_goes_on_by_itself_three_times_in_ten_minutes_and_then_waits(
    stage: Stage,
) -> None:
    session = await stage.running()
    for crash in range(MAX_RECOVERIES):
        stage.die()
        stage.serve(InProcessExecutor()).recover()
        assert len((await stage.reach(session, S.RUNNING)).recoveries) == crash + 1
    stage.die()
    stage.serve(InProcessExecutor()).recover()
    await until(lambda: "3 times" in (stage.record(session).cause or ""), "it waits for the user")
    assert stage.record(session).state is S.INTERRUPTED
    stage.ask(Trigger.RESUME, session)
    await stage.reach(session, S.RUNNING)


async def test_after_a_restart_of_the_machine_nothing_starts_by_itself(stage: Stage) -> None:
    session, queued = await stage.running(), await stage.create()
    stage.die()
    stage.serve(InProcessExecutor(boot_id="another boot")).recover()
    assert stage.record(session).state is S.INTERRUPTED
    assert {stage.record(one).cause for one in (session, queued)} == {"machine restarted"}
    assert stage.record(queued).is_held
    assert stage.executor.assignments == []


async def test_workers_that_outlast_the_grace_are_killed_when_the_supervisor_closes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await stage.running()
    worker = stage.executor.workers[session]
    monkeypatch.setattr(worker, "hang_up", lambda: None)
    monkeypatch.setattr("mnist_tui.training.supervisor.supervisor.STOP_GRACE_S", 0.02)
    await soon(stage.supervisor.close(is_stop=False))
    [record] = read_records(stage.home)
    assert record.state is S.FAILED
    assert record.cause == "killed by SIGKILL; resume goes on from the checkpoint"
    stage.serve(InProcessExecutor())
