"""Requests to real sessions: pause, resume, stop, kill, hold, remove."""

from __future__ import annotations

import os
import re
import signal
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from mnist_tui.storage.audit import read_audit
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.protocol.client import Client
from mnist_tui.training.protocol.requests import Summarize
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.deadlines import patient, wait_until

if TYPE_CHECKING:
    from tests.harness import Workspace


def test_a_session_trains_validates_tests_and_finishes(shared: Workspace) -> None:
    session = shared.create(parameters={"epochs": 2, "log_every": 5}, name="first")

    record = shared.reach(session, S.FINISHED)

    rows = shared.rows(session)
    assert [row.epoch for row in rows if row.split == "val"] == [1.0, 2.0]
    assert [row.split for row in rows][-1] == "test"
    assert record.progress.test_accuracy == rows[-1].accuracy
    assert record.progress.position.step == 2 * 22
    assert record.num_parameters == 225_034
    assert record.worker_pid is None
    assert (rows[-1].accuracy or 0) > 0.8


def test_two_sessions_train_at_the_same_time_each_in_its_own_process(shared: Workspace) -> None:
    sessions = [shared.create(), shared.create(parameters={"model": "lenet", **endless()})]
    pids = {shared.reach(session, S.RUNNING).worker_pid for session in sessions}
    third = shared.create()

    before = [shared.record(session).progress.position.step for session in sessions]
    for session, step in zip(sessions, before, strict=True):
        shared.reach_step(session, step + 20)

    assert len(pids) == 2
    assert None not in pids
    assert shared.record(third).state is S.QUEUED
    assert shared.record(third).cause == "waits for a free slot"


def endless() -> dict[str, int]:
    return {"epochs": 100_000, "batch_size": 32, "log_every": 1}


def test_pause_stops_the_batches_and_resume_goes_on_with_the_very_next(shared: Workspace) -> None:
    session = shared.create()
    shared.reach_step(session, 10)

    assert shared.request(Trigger.PAUSE, session) is not None
    paused = shared.reach(session, S.PAUSED)
    pid = paused.worker_pid
    assert pid is not None
    rows = shared.rows(session)
    time.sleep(0.5)
    assert shared.rows(session) == rows
    assert psutil.Process(pid).is_running()
    assert CheckpointFolder(shared.home.session(session) / "checkpoints").newest_valid() is not None

    shared.request(Trigger.RESUME, session)
    shared.reach_step(session, paused.progress.position.step + 5)
    assert shared.record(session).worker_pid == pid
    steps = [row.step for row in shared.rows(session) if row.split == "train"]
    assert steps == list(range(1, len(steps) + 1))


def test_stop_frees_the_process_and_resume_continues_from_there(shared: Workspace) -> None:
    session = shared.create()
    pid = shared.reach_step(session, 10).worker_pid
    assert pid is not None

    shared.request(Trigger.STOP, session)
    stopped = shared.reach(session, S.STOPPED)
    assert not psutil.pid_exists(pid)
    step = stopped.progress.position.step

    shared.request(Trigger.RESUME, session)
    shared.reach_step(session, step + 5)
    rows = [row for row in shared.rows(session) if row.split == "train"]
    assert [row.step for row in rows] == list(range(1, len(rows) + 1))
    assert {row.generation for row in rows if row.step <= step} == {1}
    assert {row.generation for row in rows if row.step > step} == {2}


@pytest.mark.timing
def test_kill_ends_within_a_second_and_resume_goes_on_from_the_last_checkpoint(
    shared: Workspace,
) -> None:
    session = shared.create(parameters={**endless(), "checkpoint_every": 0.2})
    shared.reach_step(session, 40)

    started = time.monotonic()
    shared.request(Trigger.KILL, session)
    shared.reach(session, S.KILLED)
    took_s = time.monotonic() - started

    assert took_s < patient(1.0)
    killed_at = shared.record(session).progress.position.step
    shared.request(Trigger.RESUME, session)
    shared.reach_step(session, killed_at + 5)
    steps = [row.step for row in shared.rows(session) if row.split == "train"]
    assert steps == list(range(1, len(steps) + 1))


def test_a_worker_killed_by_a_stranger_is_failed_with_the_cause_and_can_go_on(
    shared: Workspace,
) -> None:
    session = shared.create(parameters={**endless(), "checkpoint_every": 0.2})
    pid = shared.reach_step(session, 30).worker_pid
    assert pid is not None

    os.kill(pid, signal.SIGKILL)
    failed = shared.reach(session, S.FAILED)

    assert failed.cause is not None
    activity = r"(training|saving|validating)( and saving)?"
    assert re.search(rf"SIGKILL while {activity} at step \d+", failed.cause)
    entries = read_audit(shared.home.audit)
    assert any("worker gone while" in one.entry.text for one in entries)
    assert "resume" in failed.cause
    shared.request(Trigger.RESUME, session)
    shared.reach(session, S.RUNNING)


def test_sigterm_to_a_worker_saves_and_stops_it(shared: Workspace) -> None:
    session = shared.create()
    pid = shared.reach_step(session, 10).worker_pid
    assert pid is not None

    os.kill(pid, signal.SIGTERM)

    step = shared.reach(session, S.STOPPED).progress.position.step
    loaded = CheckpointFolder(shared.home.session(session) / "checkpoints").newest_valid()
    assert loaded is not None
    assert loaded.info.position.step == step


def test_layers_are_summarized_by_a_task_and_cached(shared: Workspace) -> None:
    first = shared.client.request(Summarize, parameters={"model": "lenet"})
    cached = list(shared.home.summaries.iterdir())
    second = shared.client.request(Summarize, parameters={"model": "lenet"})

    assert first["num_parameters"] == 44_426
    assert first == second
    assert len(cached) == 1


def test_sessions_survive_a_supervisor_that_leaves_and_comes_back(workspace: Workspace) -> None:
    session = workspace.create(parameters={"epochs": 1}, name="kept", tags=("a", "b"))
    before = workspace.reach(session, S.FINISHED)

    workspace.shut_down()

    assert workspace.record(session) == before


def test_all_clients_see_the_same_and_one_that_leaves_disturbs_none(shared: Workspace) -> None:
    session = shared.create()
    other = Client.connect(shared.home)
    shared.disconnect()

    wait_until(lambda: other.request(_get(), session_id=session)["state"] == "running", "it runs")
    other.close()
    shared.reach(session, S.RUNNING)


def _get() -> type:
    from mnist_tui.training.protocol.requests import Get

    return Get
