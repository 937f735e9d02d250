"""The fork server dies: its children train on, are still followed, and new ones come from another.

multiprocessing says of such a child that it has exited with 255, whether it lives or not.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import psutil

from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.protocol.requests import Status, Warm
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.deadlines import wait_until
from tests.system.processes import fork_servers_of

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord
    from tests.harness import Workspace


def kill_fork_server(workspace: Workspace) -> None:
    (server,) = fork_servers_of(workspace)
    server.kill()
    wait_until(lambda: not workspace.client.request(Status)["is_warm"], "the supervisor knows")


def test_sessions_outlive_their_fork_server_and_the_next_ones_have_a_new_one(
    workspace: Workspace,
) -> None:
    workspace.options = ("--slots", "3")
    first, second = (workspace.create(parameters=endless_cheap()) for _ in range(2))
    pids = [workspace.reach_step(session, 5).worker_pid for session in (first, second)]
    assert workspace.client.request(Status)["is_warm"]

    kill_fork_server(workspace)
    for session, pid in zip((first, second), pids, strict=True):
        step = workspace.record(session).progress.position.step
        record = workspace.reach_step(session, step + 20)
        assert (record.state, record.worker_pid) == (S.RUNNING, pid)

    third = workspace.create(parameters=endless_cheap())
    workspace.reach(third, S.RUNNING)
    assert workspace.record(third).worker_pid not in pids
    assert len(fork_servers_of(workspace)) == 1
    assert workspace.client.request(Status)["is_warm"]

    followed_to_the_end(workspace, first)
    followed_when_killed(workspace, second)
    workspace.request(Trigger.RESUME, second)
    assert workspace.reach(second, S.RUNNING).generation == 2


def endless_cheap() -> dict[str, object]:
    return {"epochs": 100_000, "batch_size": 8, "log_every": 5, "model": "lenet", "threads": 1}


def followed_to_the_end(workspace: Workspace, session: int) -> None:
    """Pause and stop a session whose fork server is dead."""
    workspace.request(Trigger.PAUSE, session)
    pid = workspace.reach(session, S.PAUSED).worker_pid
    assert pid is not None
    assert psutil.pid_exists(pid)
    workspace.request(Trigger.STOP, session)
    assert workspace.reach(session, S.STOPPED).cause is None


def followed_when_killed(workspace: Workspace, session: int) -> SessionRecord:
    """Kill a worker whose fork server is dead: its exit code is unknown, and nothing is made up."""
    pid = workspace.record(session).worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    failed = workspace.reach(session, S.FAILED)
    assert failed.cause is not None
    assert "ended without a word" in failed.cause
    assert "255" not in failed.cause.partition(" at step ")[0]
    return failed


def test_a_fork_server_that_died_is_forgotten_and_its_successor_dropped_when_idle(
    workspace: Workspace,
) -> None:
    workspace.options = ("--cool-after-s", "5")
    workspace.client.request(Warm)
    wait_until(lambda: workspace.client.request(Status)["is_warm"], "there is a fork server")
    kill_fork_server(workspace)

    # An idle supervisor now drops what it believes to be its fork server.
    workspace.client.request(Warm)
    wait_until(lambda: fork_servers_of(workspace), "another is started")
    wait_until(lambda: not fork_servers_of(workspace), "and dropped when nothing runs")
    assert workspace.client.request(Status)["pid"] == workspace.supervisor_pid()
