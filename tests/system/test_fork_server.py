"""The fork server dies: its children train on, are still followed, and new ones come from another.

multiprocessing says of such a child that it has exited with 255, whether it lives or not.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import psutil

from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.protocol.messages import Status, Warm
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.conftest import wait_until
from tests.system.processes import fork_servers_of

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord
    from tests.system.conftest import Box


def kill_fork_server(box: Box) -> None:
    (server,) = fork_servers_of(box)
    server.kill()
    wait_until(lambda: not box.client.request(Status)["is_warm"], "the supervisor knows")


def test_sessions_outlive_their_fork_server_and_the_next_ones_have_a_new_one(box: Box) -> None:
    box.options = ("--slots", "3")
    first, second = (box.create(parameters=endless_cheap()) for _ in range(2))
    pids = [box.reach_step(session, 5).worker_pid for session in (first, second)]
    assert box.client.request(Status)["is_warm"]

    kill_fork_server(box)
    for session, pid in zip((first, second), pids, strict=True):
        step = box.record(session).progress.position.step
        record = box.reach_step(session, step + 20)
        assert (record.state, record.worker_pid) == (S.RUNNING, pid)

    third = box.create(parameters=endless_cheap())
    box.reach(third, S.RUNNING)
    assert box.record(third).worker_pid not in pids
    assert len(fork_servers_of(box)) == 1
    assert box.client.request(Status)["is_warm"]

    followed_to_the_end(box, first)
    followed_when_killed(box, second)
    box.ask(Trigger.RESUME, second)
    assert box.reach(second, S.RUNNING).generation == 2


def endless_cheap() -> dict[str, object]:
    return {"epochs": 100_000, "batch_size": 8, "log_every": 5, "model": "lenet", "threads": 1}


def followed_to_the_end(box: Box, session: int) -> None:
    """Pause and stop a session whose fork server is dead."""
    box.ask(Trigger.PAUSE, session)
    pid = box.reach(session, S.PAUSED).worker_pid
    assert pid is not None
    assert psutil.pid_exists(pid)
    box.ask(Trigger.STOP, session)
    assert box.reach(session, S.STOPPED).cause is None


def followed_when_killed(box: Box, session: int) -> SessionRecord:
    """Kill a worker whose fork server is dead: its exit code is unknown, and nothing is made up."""
    pid = box.record(session).worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    failed = box.reach(session, S.FAILED)
    assert failed.cause is not None
    assert "ended without a word" in failed.cause
    assert "255" not in failed.cause.partition(" at step ")[0]
    return failed


def test_a_fork_server_that_died_is_forgotten_and_its_successor_dropped_when_idle(box: Box) -> None:
    box.options = ("--cool-after-s", "1")
    box.client.request(Warm)
    wait_until(lambda: box.client.request(Status)["is_warm"], "there is a fork server")
    kill_fork_server(box)

    # An idle supervisor now drops what it believes to be its fork server.
    box.client.request(Warm)
    wait_until(lambda: fork_servers_of(box), "another is started")
    wait_until(lambda: not fork_servers_of(box), "and dropped when nothing runs")
    assert box.client.request(Status)["pid"] == box.supervisor_pid()
