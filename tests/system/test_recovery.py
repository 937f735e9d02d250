"""Sessions after their supervisor died or the machine restarted."""

from __future__ import annotations

import os
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from msgspec.structs import replace

from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.training.protocol.client import Refused
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.recovery import SUPERVISOR_RESTARTED
from tests.deadlines import wait_until
from tests.system.command import json_of, mnist_tui, output_of
from tests.system.processes import kill_supervisor

if TYPE_CHECKING:
    from tests.harness import Workspace


def test_a_worker_that_does_not_leave_is_named_and_nobody_takes_its_session(
    workspace: Workspace,
) -> None:
    running, paused = workspace.create(), workspace.create()
    pid = workspace.reach_step(running, 5).worker_pid
    workspace.reach_step(paused, 5)
    workspace.request(Trigger.PAUSE, paused)
    held_pid = workspace.reach(paused, S.PAUSED).worker_pid
    assert pid is not None
    assert held_pid is not None
    for stuck in (pid, held_pid):
        os.kill(stuck, signal.SIGSTOP)
    kill_supervisor(workspace)

    for session, stuck, state in ((running, pid, S.INTERRUPTED), (paused, held_pid, S.STOPPED)):
        wait_until(partial(names, workspace, session, stuck), "the cause names the worker")
        assert workspace.record(session).state is state
        for request in (Trigger.RESUME, Trigger.REMOVE):
            with pytest.raises(Refused, match=f"pid {stuck}.*has not left"):
                workspace.request(request, session)
    # Another death of the supervisor changes nothing.
    kill_supervisor(workspace)
    wait_until(lambda: names(workspace, running, pid), "it is named again")

    for stuck in (pid, held_pid):
        os.kill(stuck, signal.SIGCONT)
    assert workspace.reach(running, S.RUNNING).generation == 2
    wait_until(
        lambda: workspace.record(paused).cause == SUPERVISOR_RESTARTED, "the cause is as it was"
    )
    workspace.request(Trigger.RESUME, paused)
    workspace.reach(paused, S.RUNNING)
    for session in (running, paused):
        steps = [row.step for row in workspace.rows(session) if row.split == "train"]
        assert steps == list(range(1, len(steps) + 1))


def names(workspace: Workspace, session: int, pid: int) -> bool:
    return f"pid {pid}" in (workspace.record(session).cause or "")


def change_records(workspace: Workspace, **changes: Any) -> None:
    """Change all records while no supervisor has the registry open."""
    registry = Registry.open(workspace.home)
    for record in registry.all():
        registry.put(replace(record, **changes))
    registry.close()


def test_a_stored_lenet_of_before_goes_on_and_is_cloned_with_relu(workspace: Workspace) -> None:
    session = workspace.create(parameters={"model": "lenet"}, is_held=True)
    parameters = dict(workspace.record(session).parameters)
    assert parameters.pop("activation") == "tanh"
    workspace.kill()
    change_records(workspace, parameters=parameters)

    _ = workspace.client
    assert workspace.record(session).parameters["activation"] == "relu"
    clone = int(output_of(workspace.home, "clone", str(session), "--hold"))
    assert workspace.record(clone).parameters["activation"] == "relu"


def test_after_a_restart_of_the_machine_nothing_starts_until_it_is_resumed(
    workspace: Workspace,
) -> None:
    workspace.options = ("--slots", "2")
    running, paused = workspace.create(), workspace.create()
    queued, held = workspace.create(), workspace.create(is_held=True)
    workspace.reach_step(running, 5)
    workspace.reach_step(paused, 5)
    workspace.request(Trigger.PAUSE, paused)
    workspace.reach(paused, S.PAUSED)
    workspace.kill()
    change_records(workspace, boot_id="an earlier boot")

    _ = workspace.client
    rows = {row["id"]: (row["state"], row["cause"]) for row in json_of(workspace.home, "ls")}
    assert rows[running] == rows[paused] == ("interrupted", "machine restarted")
    for session in (running, paused):
        record = workspace.record(session)
        assert (record.state, record.cause) == (S.INTERRUPTED, "machine restarted")
    assert workspace.record(queued).is_held
    assert psutil.Process(workspace.supervisor_pid()).children() == [], "nothing was started"

    workspace.request(Trigger.RESUME, paused)
    workspace.reach(paused, S.RUNNING)
    assert workspace.record(running).state is S.INTERRUPTED

    resumed = mnist_tui(workspace.home, "resume", "--interrupted")
    assert resumed.returncode == 0, resumed.stderr
    workspace.reach(running, S.RUNNING)
    record = workspace.record(queued)
    assert (record.state, record.is_held, record.cause) == (
        S.QUEUED,
        False,
        "waits for a free slot",
    )
    assert workspace.record(held).is_held
    again = mnist_tui(workspace.home, "resume", "--interrupted")
    assert (again.returncode, "No interrupted session" in again.stderr) == (0, True)
    assert mnist_tui(workspace.home, "resume", "--interrupted", running).returncode == 2
