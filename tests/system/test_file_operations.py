"""Every file operation of one whole session fails once by a crash and once by a full disk.

`pytest -m fault -s tests/system/test_file_operations.py` takes them all, the default run every
twentieth.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.storage import folders
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.home import Home
from mnist_tui.storage.metrics.metric_log import read_metrics
from mnist_tui.storage.records import SessionRecord
from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.training.data.safe_load import load_plain
from mnist_tui.training.executors.executor import Exit, ExitStatus
from mnist_tui.training.executors.fork_server import Spawner
from mnist_tui.training.executors.local_executor import WORKER_ENTRY
from mnist_tui.training.executors.local_process import LocalProcess
from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.protocol.assignment import WorkerAssignment
from mnist_tui.training.protocol.client import Client, Refused, Unreachable, as_record
from mnist_tui.training.protocol.requests import ChangeState, Create
from mnist_tui.training.protocol.worker_messages import Paused, Report, WorkerCommand
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.supervisor.guard import EXIT_REFUSED
from mnist_tui.training.worker import worker_process
from tests.deadlines import patient
from tests.sizes import even_sizes
from tests.system.faulty.sitecustomize import CRASH, FULL, Plan, arm
from tests.system.kills import difference, flat
from tests.training.worlds import comparable

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

EVERY = 20
FAULTY = Path(__file__).parent / "faulty"


@pytest.fixture(scope="module")
def filled_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder with the digits in it."""
    from mnist_tui.training.data.dataset_download import download_dataset

    folder = tmp_path_factory.mktemp("digits")
    download_dataset("digits", folder, lambda _text: None, mirror=None)
    return folder


def plans(root: Path, counter: Path, how: str, step: int) -> Iterator[Plan]:
    """Yield a plan for every `step`-th operation, until a run has passed untouched."""
    at = 1
    while True:
        plan = Plan(os.fspath(root), os.fspath(counter), at, how)
        plan.make_counter()
        yield plan
        if plan.num_operations() < at:
            return
        at += step


# The supervisor's operations


class Story:
    """What a client asks of a supervisor without any training, and what it was promised."""

    def __init__(self, home: Home, data_dir: Path) -> None:
        self.promised: dict[int, SessionRecord] = {}
        self.removed: set[int] = set()
        self.unsure: set[int] = set()
        self.refusals: list[str] = []
        self._home = home
        self._data_dir = data_dir

    def tell(self) -> None:
        with suppress(Unreachable), Client.connect(self._home) as client:
            first = self._create(client, "first")
            second = self._create(client, "second")
            third = self._create(client, "third")
            self._change(client, first, Trigger.STOP)
            self._change(client, second, Trigger.KILL)
            self._change(client, first, Trigger.REMOVE)
            self._change(client, third, Trigger.HOLD)  # refused: it is held
            self._create(client, "fourth")
            self._change(client, third, Trigger.REMOVE)

    def _create(self, client: Client, name: str) -> int | None:
        data_dir = str(self._data_dir)
        try:
            payload = client.request(
                Create, parameters={}, data_dir=data_dir, name=name, is_held=True
            )
        except Refused as refusal:
            self.refusals.append(str(refusal))
            return None
        record = as_record(payload)
        self.promised[record.id] = record
        return record.id

    def _change(self, client: Client, session: int | None, request: Trigger) -> None:
        if session is None:
            return
        self.unsure.add(session)
        try:
            payload = client.request(ChangeState, session_id=session, action=request)
        except Refused as refusal:
            self.refusals.append(str(refusal))
        else:
            if payload is None:
                del self.promised[session]
                self.removed.add(session)
            else:
                self.promised[session] = as_record(payload)
        self.unsure.discard(session)

    def check(self) -> None:
        """Hold what is on disk against what was promised."""
        self._home.prepare()
        registry = Registry.open(self._home)
        found = {record.id: record for record in registry.all()}
        new_id = registry.new_id()
        registry.close()
        for session, record in self.promised.items():
            if session in self.unsure:
                continue  # asked for and never answered: done or not
            kept = found[session]
            assert (kept.state, kept.is_held) == (record.state, record.is_held), kept
            assert self._home.session(session).is_dir()
        for session in self.removed:
            assert session not in found
            assert not self._home.session(session).exists()
            assert (self._home.trash / str(session)).is_dir()
        for session in found:
            assert (self._home.session(session)).is_dir()
        assert new_id > max([0, *self.promised, *self.removed])
        assert not [text for text in self.refusals if "Internal error" in text], self.refusals


def run_supervisor(home: Home, plan: Plan, data_dir: Path) -> tuple[Story, int]:
    """Serve a home with one operation failing, and return what came of it and the exit code."""
    ready_end, supervisor_end = os.pipe()
    python_path = os.pathsep.join([str(FAULTY), os.environ.get("PYTHONPATH", "")]).rstrip(":")
    with subprocess.Popen(
        [
            *(
                sys.executable,
                "-P",
                "-m",
                "mnist_tui.training",
                "supervisor",
                "--home",
                str(home.path),
            ),
            *("--ready-fd", str(supervisor_end)),
        ],
        env={**os.environ, "PYTHONPATH": python_path, **plan.in_environment()},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=(supervisor_end,),
    ) as process:
        os.close(supervisor_end)
        answer = os.read(ready_end, 4096).decode()
        os.close(ready_end)
        story = Story(home, data_dir)
        if answer == "ready":
            story.tell()
            process.terminate()
        elif answer:
            story.refusals.append(answer)
        said = process.communicate(timeout=patient(30))[1].decode()
    assert "Traceback" not in said, said
    return story, process.returncode


def fail_supervisor(home: Path, data_dir: Path, how: str, step: int) -> int:
    """Fail every `step`-th operation of a supervisor and return how many failed."""
    num_failed = 0
    for plan in plans(home, home.with_suffix(".count"), how, step):
        one = Home(home / str(plan.at))
        story, code = run_supervisor(one, plan, data_dir)
        is_hit = plan.num_operations() >= plan.at
        num_failed += is_hit
        if not is_hit:
            assert len(story.refusals) == 1
        elif how == CRASH:
            assert code == -9
        else:
            assert code in (0, EXIT_REFUSED)
        story.check()
    return num_failed


@pytest.mark.parametrize("how", [CRASH, FULL])
def test_a_supervisor_keeps_its_promises_whichever_operation_fails(
    tmp_path: Path, filled_dir: Path, how: str
) -> None:
    assert fail_supervisor(tmp_path / "h", filled_dir, how, EVERY) >= 3


@pytest.mark.fault
@pytest.mark.parametrize("how", [CRASH, FULL])
def test_every_operation_of_a_supervisor_may_fail(
    tmp_path: Path, filled_dir: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    num_failed = fail_supervisor(tmp_path / "h", filled_dir, how, 1)
    with capsys.disabled():
        print(f"\nsupervisor: {num_failed} operations failed by {how}, nothing promised was lost")  # noqa: T201


# The worker's operations


SMALL = {
    "model": "bn-cnn",
    "filters": "2-3-4",
    "augmentation": "shift",
    "schedule": "cosine",
    "batch_size": 512,
    "validation": 300,
    "epochs": 2,
    "log_every": 1,
    "threads": 1,
    "device": "cpu",
    "checkpoint_every": 86_400,
}


def faulty_worker(
    connection: socket.socket, assignment: WorkerAssignment, folder: Path, plan: Plan
) -> None:
    """Be a worker one of whose file operations fails."""
    arm(plan)
    worker_process.main(connection, assignment, folder)


FAULTY_ENTRY = f"{__name__}:faulty_worker"


class Bench:
    """Stands in the supervisor's place: starts workers of one fork server and hears them."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._spawner = Spawner()
        self._loop = asyncio.new_event_loop()
        num_train = {"digits": 1438}
        self._parameters = to_plain(resolve(SMALL, sizes=even_sizes(num_train), default_threads=1))

    def close(self) -> None:
        self._spawner.close()
        self._loop.close()

    def train(self, home: Home, generation: int, plan: Plan | None = None) -> Exit:
        """Run one worker to its end; one that pauses for want of room is resumed."""
        record = SessionRecord(
            id=1,
            name="faulty",
            parameters=self._parameters,
            created_at="2026-01-01T00:00:00Z",
            generation=generation,
            state=S.RUNNING,
        )
        folders.write_session_copy(home, record)
        assignment = WorkerAssignment(
            session_id=1,
            generation=generation,
            data_dir=str(self._data_dir),
            parameters=self._parameters,
            environment={},
            device="cpu",
        )
        arguments = assignment, home.session(1)
        if plan is None:
            return self._loop.run_until_complete(self._run(WORKER_ENTRY, arguments))
        return self._loop.run_until_complete(self._run(FAULTY_ENTRY, (*arguments, plan)))

    async def _run(self, entry: str, arguments: tuple[Any, ...]) -> Exit:
        def hear(report: Report) -> None:
            if isinstance(report, Paused):
                assert "disk full" in report.reason
                worker.send(WorkerCommand(number=1, action=Trigger.RESUME))

        worker = LocalProcess(self._spawner, entry, arguments, hear)
        return await worker.wait()


@pytest.fixture(scope="module")
def bench(filled_dir: Path) -> Iterator[Bench]:
    made = Bench(filled_dir)
    yield made
    made.close()


def new_home(path: Path) -> Home:
    home = Home(path)
    home.prepare()
    folders.make_session_folder(home, 1)
    return home


def result_in(home: Home) -> dict[str, Any]:
    loaded = CheckpointFolder(home.session(1) / folders.CHECKPOINTS).newest_valid()
    assert loaded is not None
    rows = read_metrics(home.session(1) / folders.METRICS)
    return {"rows": comparable(rows), **flat(load_plain(loaded.content))}


def fail_worker(bench: Bench, root: Path, how: str, step: int) -> tuple[int, int]:
    """Fail every `step`-th operation of a worker; return how many failed and needed another."""
    untouched = new_home(root / "untouched")
    assert bench.train(untouched, 1).status is ExitStatus.FINISHED
    expected = result_in(untouched)
    num_failed = num_others = 0
    for plan in plans(root, root.with_suffix(".count"), how, step):
        home = new_home(root / str(plan.at))
        ending = bench.train(home, 1, plan)
        is_hit = plan.num_operations() >= plan.at
        num_failed += is_hit
        if how == CRASH and is_hit:
            assert ending.cause == "killed by SIGKILL"
        if ending.status is not ExitStatus.FINISHED:
            assert is_hit
            num_others += 1
            assert bench.train(home, 2).status is ExitStatus.FINISHED, plan
        assert difference(expected, result_in(home)) is None, plan
    return num_failed, num_others


@pytest.mark.parametrize("how", [CRASH, FULL])
def test_a_session_ends_the_same_whichever_operation_of_its_worker_fails(
    tmp_path: Path, bench: Bench, how: str
) -> None:
    num_failed, _ = fail_worker(bench, tmp_path / "w", how, EVERY)
    assert num_failed >= 2


@pytest.mark.fault
@pytest.mark.parametrize("how", [CRASH, FULL])
def test_every_operation_of_a_worker_may_fail(
    tmp_path: Path, bench: Bench, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    num_failed, num_others = fail_worker(bench, tmp_path / "w", how, 1)
    with capsys.disabled():
        print(  # noqa: T201 — the numbers that are published
            f"\nworker: {num_failed} operations failed by {how}, {num_others} sessions were"
            " resumed, all ended with the same bits"
        )
