"""Many start a supervisor at once, over every kind of leftover: one serves them all."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest

from mnist_tui.storage.lock import holder
from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.protocol.client import Client, Unreachable
from mnist_tui.training.protocol.requests import Status
from mnist_tui.training.protocol.start_supervisor import connect_or_start
from tests.deadlines import patient, wait_until
from tests.system.command import mnist_tui
from tests.system.processes import answering_pid, supervisors_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.harness import Workspace

NUM_STARTERS = 16

START = """
import sys
from pathlib import Path
from mnist_tui.storage.home import Home
from mnist_tui.training.protocol.requests import Status
from mnist_tui.training.protocol.start_supervisor import connect_or_start
print("ready", flush=True)
sys.stdin.readline()
client = connect_or_start(Home(Path(sys.argv[1])))
print(client.request(Status)["pid"], flush=True)
sys.stdin.readline()
"""
"""A client that waits for the word, starts or finds a supervisor, tells its pid, and stays."""

START_BY_PID_FILE = """
import os, sys
from pathlib import Path
path = Path(sys.argv[1]) / "pid"
print("ready", flush=True)
sys.stdin.readline()
def is_taken():
    try:
        os.kill(int(path.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True
if not is_taken():
    path.write_text(str(os.getpid()))
    print(os.getpid(), flush=True)
else:
    print(path.read_text(), flush=True)
sys.stdin.readline()
"""
"""The same with a pid file in place of a lock: looking and taking are two steps."""


def race(script: str, folder: Path) -> list[str]:
    """Return what each of 16 starters, let loose at once, says it was served by."""
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", script, os.fspath(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(NUM_STARTERS)
    ]
    told = []
    for begin in (True, False):
        if begin:
            for starter in starters:
                assert starter.stdout is not None
                assert starter.stdout.readline() == "ready\n"
        for starter in starters:
            assert starter.stdin is not None
            starter.stdin.write("\n")
            starter.stdin.flush()
        if begin:
            told = [starter.stdout.readline().strip() for starter in starters if starter.stdout]
    for starter in starters:
        starter.communicate(timeout=patient(20))
    return told


def run_round(workspace: Workspace) -> None:
    pids = race(START, workspace.home.path)
    assert len(pids) == NUM_STARTERS
    assert set(pids) == {str(answering_pid(workspace))}
    (only,) = supervisors_of(workspace)
    assert [str(only.pid)] == list(set(pids))
    others = [one for one in workspace.processes() if one not in (only, only.parent())]
    assert not others, "nobody else is left"


def leave_nothing(_workspace: Workspace) -> None:
    """Begin with an empty home."""


def leave_stale_socket(workspace: Workspace) -> None:
    _ = workspace.client
    workspace.kill()
    assert workspace.home.socket.is_socket()


def leave_socket_of_a_stranger(workspace: Workspace) -> None:
    workspace.home.prepare()
    workspace.home.socket.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(os.fspath(workspace.home.socket))


def leave_garbage_in_locks(workspace: Workspace) -> None:
    workspace.home.prepare()
    for lock in (workspace.home.supervisor_lock, workspace.home.start_lock):
        lock.write_bytes(b"\xff\x00garbage\x1b[2J" * 50)


def leave_locks_of_a_living_stranger(workspace: Workspace) -> None:
    workspace.home.prepare()
    for lock in (workspace.home.supervisor_lock, workspace.home.start_lock):
        lock.write_text(f"pid {os.getpid()}")


LEFTOVERS = [
    leave_stale_socket,
    leave_socket_of_a_stranger,
    leave_garbage_in_locks,
    leave_locks_of_a_living_stranger,
]


@pytest.mark.parametrize("leave", [leave_nothing, leave_stale_socket])
def test_of_sixteen_simultaneous_starts_one_supervisor_serves_all(
    workspace: Workspace, leave: Callable[[Workspace], None]
) -> None:
    leave(workspace)
    run_round(workspace)


@pytest.mark.fault
def test_twenty_rounds_of_sixteen_starts_make_one_supervisor_each(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds = [leave_nothing, *LEFTOVERS] * 4
    for leave in rounds:
        leave(workspace)
        run_round(workspace)
        workspace.kill()
    with capsys.disabled():
        print(f"\n{len(rounds)} rounds of {NUM_STARTERS} starts: one supervisor each")  # noqa: T201


def test_a_pid_file_in_place_of_the_lock_would_be_seen_to_fail(tmp_path: Path) -> None:
    rounds = 0
    while rounds < 20 and len(set(race(START_BY_PID_FILE, tmp_path))) == 1:
        (tmp_path / "pid").unlink()
        rounds += 1
    assert rounds < 20, "two starters must have taken the pid file"


@pytest.mark.parametrize("leave", LEFTOVERS)
def test_what_an_earlier_supervisor_left_harms_nobody(
    workspace: Workspace, leave: Callable[[Workspace], None]
) -> None:
    leave(workspace)
    assert workspace.client.request(Status)["pid"] == supervisors_of(workspace)[0].pid
    assert holder(workspace.home.supervisor_lock) == f"pid {workspace.supervisor_pid()}"


def test_a_starter_that_died_while_it_held_the_lock_stops_nobody(workspace: Workspace) -> None:
    workspace.home.prepare()
    script = (
        "import sys; from pathlib import Path; from mnist_tui.storage.lock import FileLock;"
        "lock = FileLock.acquire(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script, os.fspath(workspace.home.start_lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"held\n"
    starter.kill()
    starter.communicate()

    assert workspace.client.request(Status)["pid"]


def test_a_guard_and_a_client_that_start_one_at_once_agree(workspace: Workspace) -> None:
    before = workspace.supervisor_pid()
    workspace.disconnect()
    os.kill(before, signal.SIGKILL)

    # Without waiting for the guard: whoever comes second is served by the first.
    client = wait_until(lambda: _connected(workspace), "a client is served", timeout_s=5)
    assert client is not None
    pid = client.request(Status)["pid"]
    client.close()

    assert pid != before
    wait_until(
        lambda: [one.pid for one in supervisors_of(workspace)] == [pid], "the second has left", 5
    )


def _connected(workspace: Workspace) -> Client | None:
    with suppress(Unreachable):
        return connect_or_start(workspace.home)
    return None


def test_a_socket_that_is_removed_is_bound_again_and_nobody_loses_the_connection(
    workspace: Workspace,
) -> None:
    session = workspace.create(is_held=True)
    pid = workspace.supervisor_pid()

    workspace.home.socket.unlink()

    assert wait_until(lambda: answering_pid(workspace), "it listens again", timeout_s=3) == pid
    assert workspace.record(session).is_held
    workspace.home.socket.unlink()
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(os.fspath(workspace.home.socket))
    assert wait_until(lambda: answering_pid(workspace), "it listens again", timeout_s=3) == pid
    workspace.shut_down()
    assert not workspace.home.socket.exists()


def test_a_restart_on_request_keeps_everything_going(workspace: Workspace) -> None:
    running, held = workspace.create(), workspace.create(is_held=True)
    workspace.reach_step(running, 5)
    before = psutil.Process(workspace.supervisor_pid())
    workspace.disconnect()

    restarted = mnist_tui(workspace.home, "--slots", 2, "supervisor", "restart")

    assert restarted.returncode == 0, restarted.stderr
    assert not before.is_running()
    assert workspace.reach(running, S.RUNNING).generation == 2
    assert workspace.record(held).is_held
    steps = [row.step for row in workspace.rows(running) if row.split == "train"]
    assert steps == list(range(1, len(steps) + 1))
