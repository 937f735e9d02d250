"""One supervisor per home, brought back when it dies, light, and gone when it should be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from mnist_tui.storage.datasets.dataset_folder import inspect
from mnist_tui.storage.errors import DatasetMissingError
from mnist_tui.storage.lock import is_locked
from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.protocol.client import Client, Refused, Unreachable
from mnist_tui.training.protocol.messages import ANY_VERSION
from mnist_tui.training.protocol.requests import Shutdown, Status, Warm
from mnist_tui.training.protocol.start_supervisor import connect_or_start
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.deadlines import patient, wait_until
from tests.system.processes import fork_servers_of

if TYPE_CHECKING:
    from tests.harness import Workspace

START = (
    "import sys; from pathlib import Path; from mnist_tui.storage.home import Home;"
    "from mnist_tui.training.protocol.start_supervisor import connect_or_start;"
    "from mnist_tui.training.protocol.requests import Status;"
    "print(connect_or_start(Home(Path(sys.argv[1]))).request(Status)['pid'])"
)


def test_sixteen_simultaneous_starts_make_one_supervisor(workspace: Workspace) -> None:
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", START, str(workspace.home.path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(16)
    ]
    pids = {starter.communicate(timeout=patient(60))[0].strip() for starter in starters}

    assert len(pids) == 1
    supervisors = [one for one in workspace.processes() if "supervisor" in one.cmdline()]
    assert [one.pid for one in supervisors] == [int(pids.pop())]


def test_another_executor_is_one_name_and_starts_no_process(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    module = "tests.training.supervisor.in_process_executor"
    workspace.options = ("--slots", "2", "--executor", f"{module}:InProcessExecutor")
    session = workspace.create(data_dir=tmp_path)  # it writes a dataset of its own
    running = workspace.reach(session, S.RUNNING)
    assert (running.device, running.worker_pid) == ("here", None)
    assert psutil.Process(workspace.supervisor_pid()).children() == []
    workspace.request(Trigger.PAUSE, session)
    workspace.reach(session, S.PAUSED)
    workspace.request(Trigger.STOP, session)
    workspace.reach(session, S.STOPPED)


def test_an_unknown_executor_is_refused_with_one_sentence(workspace: Workspace) -> None:
    workspace.options = ("--executor", "no_such_module:Executor")
    with pytest.raises(Unreachable, match="The executor no_such_module:Executor cannot be loaded"):
        _ = workspace.client


def test_a_client_of_another_version_can_make_it_leave(workspace: Workspace) -> None:
    workspace.create(is_held=True)
    with Client.connect(workspace.home, version=ANY_VERSION) as stranger:
        with pytest.raises(Refused, match="supervisor restart"):
            stranger.request(Status)
        stranger.request(Shutdown)
    wait_until(lambda: not is_locked(workspace.home.supervisor_lock), "it leaves")


def test_the_guard_brings_a_killed_supervisor_back_and_training_goes_on(
    workspace: Workspace,
) -> None:
    session = workspace.create(parameters={"epochs": 100_000, "log_every": 1})
    paused = workspace.create()
    workspace.reach_step(session, 10)
    workspace.reach_step(paused, 10)
    workspace.request(Trigger.PAUSE, paused)
    workspace.reach(paused, S.PAUSED)
    before = workspace.supervisor_pid()

    os.kill(before, signal.SIGKILL)
    workspace.disconnect()

    wait_until(lambda: _answers(workspace), "the guard brings it back", timeout_s=5)
    assert workspace.supervisor_pid() != before
    assert workspace.reach(paused, S.STOPPED).cause == "supervisor restarted"
    record = workspace.reach(session, S.RUNNING)
    assert record.generation == 2
    steps = [row.step for row in workspace.rows(session) if row.split == "train"]
    assert steps == list(range(1, len(steps) + 1))


def _answers(workspace: Workspace) -> bool:
    try:
        Client.connect(workspace.home).close()
    except Unreachable:
        return False
    return True


def test_without_its_guard_the_next_client_brings_the_supervisor_back(workspace: Workspace) -> None:
    session = workspace.create()
    workspace.reach_step(session, 5)
    supervisor = psutil.Process(workspace.supervisor_pid())
    guard = supervisor.parent()
    assert guard is not None
    assert "guard" in guard.cmdline()

    guard.kill()
    supervisor.kill()
    workspace.disconnect()

    workspace.reach(session, S.RUNNING)
    assert workspace.record(session).generation == 2


def test_a_restart_saves_everything_and_goes_on_by_itself(workspace: Workspace) -> None:
    session = workspace.create()
    workspace.reach_step(session, 5)

    workspace.client.request(Shutdown, is_restart=True)
    workspace.disconnect()
    wait_until(lambda: not workspace.processes(), "the old supervisor and its children are gone")

    record = workspace.reach(session, S.RUNNING)
    assert record.generation == 2
    steps = [row.step for row in workspace.rows(session) if row.split == "train"]
    assert steps == list(range(1, len(steps) + 1))


def test_a_stop_saves_and_stops_what_runs(workspace: Workspace) -> None:
    session = workspace.create()
    workspace.reach_step(session, 5)

    workspace.shut_down()

    record = workspace.record(session)
    assert (record.state, record.cause) == (S.STOPPED, "supervisor stopped")


def test_supervisor_and_guard_are_light_and_load_no_numerics(workspace: Workspace) -> None:
    session = workspace.create()
    workspace.reach_step(session, 5)
    supervisor = psutil.Process(workspace.supervisor_pid())
    guard = supervisor.parent()
    assert guard is not None

    for process in (supervisor, guard):
        maps = Path(f"/proc/{process.pid}/maps").read_text()
        for library in ("torch", "numpy", "sklearn"):
            assert library not in maps
    assert "torch" in Path(f"/proc/{workspace.record(session).worker_pid}/maps").read_text()


def test_the_fork_server_is_ready_before_the_first_session(workspace: Workspace) -> None:
    workspace.client.request(Warm)
    server = wait_until(lambda: fork_servers_of(workspace), "there is a fork server")[0]
    wait_until(lambda: workspace.client.request(Status)["is_warm"], "a child of it has answered")
    assert "libtorch" in _maps(server.pid)
    assert "openblas" in _maps(server.pid)
    assert server.num_threads() == 1
    assert not [line for line in _maps(server.pid).splitlines() if "/dev/nvidia" in line]


def test_a_dataset_is_made_ready_before_the_first_session_unless_it_needs_a_download(
    workspace: Workspace, tmp_path: Path
) -> None:
    for dataset in ("mnist", "no such", "digits"):
        workspace.client.request(Warm, dataset=dataset, data_dir=str(tmp_path))
    wait_until(lambda: is_here(tmp_path, "digits"), "it is made", 60)
    tasks = workspace.home.tasks
    # The log of a task that failed or still runs is there.
    wait_until(lambda: not list(tasks.glob("dataset-*")), "its task was the only one", 10)
    assert not (tmp_path / "MNIST").exists()


def is_here(data_dir: Path, dataset: str) -> bool:
    with suppress(DatasetMissingError):
        return inspect(data_dir, dataset).num_train > 0
    return False


def _maps(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


def test_a_home_that_is_not_ours_is_refused_and_nothing_is_started(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("needs root to make a folder of another user")
    from mnist_tui.storage.errors import StorageError
    from mnist_tui.storage.home import Home

    os.chown(tmp_path, 65534, 65534)

    with pytest.raises(StorageError, match="belongs to another user"):
        connect_or_start(Home(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_another_user_cannot_reach_the_socket(shared: Workspace) -> None:
    if os.getuid() != 0:
        pytest.skip("needs root to become another user")
    shared.client.request(Status)
    probe = (
        "import os, socket, sys; os.setgid(65534); os.setuid(65534);"
        "s = socket.socket(socket.AF_UNIX);\n"
        "try:\n s.connect(sys.argv[1]); print('connected')\n"
        "except PermissionError: print('refused')"
    )
    run = subprocess.run(
        [sys.executable, "-c", probe, str(shared.home.socket)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout.strip() == "refused"
    assert shared.home.path.stat().st_mode & 0o777 == 0o700


def test_many_clients_at_once_are_all_answered(shared: Workspace) -> None:
    shared.client.request(Status)

    def ask(_number: int) -> int:
        with Client.connect(shared.home) as client:
            return int(client.request(Status)["pid"])

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(ask, range(48)))) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"garbage\n",
        b'{"type":"hello","id":1,"version":99,"client":"x"}\n',
        b'{"type":"list","id":1}\n',
        b"[" * 10_000 + b"\n",
        b"x" * 200_000,
        b"\xff\xfe\n",
    ],
)
def test_a_client_that_talks_nonsense_is_told_and_harms_nobody(
    shared: Workspace, line: bytes
) -> None:
    import socket

    shared.client.request(Status)
    rude = socket.socket(socket.AF_UNIX)
    rude.settimeout(10)
    rude.connect(str(shared.home.socket))
    rude.sendall(line)
    answer = b""
    while chunk := rude.recv(4096):
        answer += chunk
    rude.close()

    assert b'"refusal"' in answer
    assert shared.client.request(Status)["pid"]


def test_an_idle_fork_server_is_dropped_and_an_idle_supervisor_leaves(workspace: Workspace) -> None:
    workspace.options = ("--cool-after-s", "1", "--exit-after-s", "4")
    workspace.client.request(Warm)
    wait_until(lambda: fork_servers_of(workspace), "there is a fork server")
    wait_until(lambda: not fork_servers_of(workspace), "it is dropped when nothing runs")

    session = workspace.create(parameters={"epochs": 1})
    workspace.reach(session, S.FINISHED)
    supervisor = psutil.Process(workspace.supervisor_pid())
    workspace.disconnect()

    wait_until(lambda: not workspace.processes(), "supervisor, guard and fork server are gone")
    assert not supervisor.is_running()
    assert not workspace.home.socket.exists()
