"""What becomes of sessions after their supervisor died, or the machine restarted."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from msgspec.structs import replace

from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.training.protocol.client import Refused
from mnist_tui.training.protocol.messages import Shutdown
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.recovery import MAX_RECOVERIES, SUPERVISOR_RESTARTED
from tests.conftest import wait_until
from tests.system.command import json_of, mnist_tui, output_of
from tests.system.processes import kill_everything, kill_supervisor

if TYPE_CHECKING:
    from tests.system.conftest import Box


def test_a_session_goes_on_by_itself_three_times_in_ten_minutes_and_then_waits(box: Box) -> None:
    session = box.create()
    box.reach_step(session, 5)
    kill_everything(box)
    change_records(box, recoveries=minutes_ago(30, *range(9, 10 - MAX_RECOVERIES, -1)))

    assert len(box.reach(session, S.RUNNING).recoveries) == MAX_RECOVERIES
    kill_supervisor(box)
    wait_until(
        lambda: "3 times" in (box.record(session).cause or ""), "the session waits for a person"
    )
    waiting = box.record(session)
    assert (waiting.state, waiting.worker_pid) == (S.INTERRUPTED, None)
    box.ask(Trigger.RESUME, session)
    box.reach(session, S.RUNNING)


def test_a_restart_on_request_does_not_count_as_a_recovery(box: Box) -> None:
    session = box.create()
    box.reach_step(session, 5)
    box.client.request(Shutdown, is_restart=True)
    box.disconnect()
    wait_until(lambda: not box.processes(), "everything has left")

    record = box.reach(session, S.RUNNING)
    assert (record.generation, record.recoveries) == (2, ())


def test_a_worker_that_does_not_leave_is_named_and_nobody_takes_its_session(box: Box) -> None:
    running, paused = box.create(), box.create()
    pid = box.reach_step(running, 5).worker_pid
    box.reach_step(paused, 5)
    box.ask(Trigger.PAUSE, paused)
    held_pid = box.reach(paused, S.PAUSED).worker_pid
    assert pid is not None
    assert held_pid is not None
    for stuck in (pid, held_pid):
        os.kill(stuck, signal.SIGSTOP)
    kill_supervisor(box)

    for session, stuck, state in ((running, pid, S.INTERRUPTED), (paused, held_pid, S.STOPPED)):
        wait_until(partial(names, box, session, stuck), "the cause names the worker")
        assert box.record(session).state is state
        for request in (Trigger.RESUME, Trigger.REMOVE):
            with pytest.raises(Refused, match=f"pid {stuck}.*has not left"):
                box.ask(request, session)
    # Another death of the supervisor changes nothing.
    kill_supervisor(box)
    wait_until(lambda: names(box, running, pid), "it is named again")

    for stuck in (pid, held_pid):
        os.kill(stuck, signal.SIGCONT)
    assert box.reach(running, S.RUNNING).generation == 2
    wait_until(lambda: box.record(paused).cause == SUPERVISOR_RESTARTED, "the cause is as it was")
    box.ask(Trigger.RESUME, paused)
    box.reach(paused, S.RUNNING)
    for session in (running, paused):
        steps = [row.step for row in box.rows(session) if row.split == "train"]
        assert steps == list(range(1, len(steps) + 1))


def names(box: Box, session: int, pid: int) -> bool:
    return f"pid {pid}" in (box.record(session).cause or "")


def change_records(box: Box, **changes: Any) -> None:
    """Change all records while no supervisor has the registry open."""
    registry = Registry.open(box.home)
    for record in registry.all():
        registry.put(replace(record, **changes))
    registry.close()


def minutes_ago(*minutes: int) -> tuple[str, ...]:
    now = datetime.now(UTC)
    return tuple((now - timedelta(minutes=number)).isoformat() for number in minutes)


def test_a_stored_lenet_of_before_goes_on_and_is_cloned_with_relu(box: Box) -> None:
    session = box.create(parameters={"model": "lenet"}, is_held=True)
    parameters = dict(box.record(session).parameters)
    assert parameters.pop("activation") == "tanh"
    kill_everything(box)
    change_records(box, parameters=parameters)

    _ = box.client
    assert box.record(session).parameters["activation"] == "relu"
    clone = int(output_of(box.home, "clone", str(session), "--hold"))
    assert box.record(clone).parameters["activation"] == "relu"


def test_after_a_restart_of_the_machine_nothing_starts_until_it_is_resumed(box: Box) -> None:
    box.options = ("--slots", "2")
    running, paused = box.create(), box.create()
    queued, held = box.create(), box.create(is_held=True)
    box.reach_step(running, 5)
    box.reach_step(paused, 5)
    box.ask(Trigger.PAUSE, paused)
    box.reach(paused, S.PAUSED)
    kill_everything(box)
    change_records(box, boot_id="an earlier boot")

    _ = box.client
    rows = {row["id"]: (row["state"], row["cause"]) for row in json_of(box.home, "ls")}
    assert rows[running] == rows[paused] == ("interrupted", "machine restarted")
    for session in (running, paused):
        record = box.record(session)
        assert (record.state, record.cause) == (S.INTERRUPTED, "machine restarted")
    assert box.record(queued).is_held
    assert psutil.Process(box.supervisor_pid()).children() == [], "nothing was started"

    box.ask(Trigger.RESUME, paused)
    box.reach(paused, S.RUNNING)
    assert box.record(running).state is S.INTERRUPTED

    resumed = mnist_tui(box.home, "resume", "--interrupted")
    assert resumed.returncode == 0, resumed.stderr
    box.reach(running, S.RUNNING)
    record = box.record(queued)
    assert (record.state, record.is_held, record.cause) == (
        S.QUEUED,
        False,
        "waits for a free slot",
    )
    assert box.record(held).is_held
    again = mnist_tui(box.home, "resume", "--interrupted")
    assert (again.returncode, "No interrupted session" in again.stderr) == (0, True)
    assert mnist_tui(box.home, "resume", "--interrupted", running).returncode == 2
