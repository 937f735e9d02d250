"""A training that was interrupted, however and how often, ends bit for bit as one that never was.

`pytest -m fault -s tests/system/test_exact_resume.py` kills MNIST_TUI_TEST_KILLS workers (300) at
instants that follow from MNIST_TUI_TEST_SEED (1).
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import torch

from mnist_tui.storage import folders
from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.engine.device import STREAM_OF_TRAINING
from mnist_tui.training.protocol.client import Client, Unreachable
from mnist_tui.training.protocol.requests import Status
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.deadlines import wait_until
from tests.system.kills import (
    BOUNDARY,
    CASES,
    SAVE,
    VALIDATION,
    Killer,
    Trials,
    difference,
    replace_newest,
    result_of,
    untouched,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness import Workspace

SEED = int(os.environ.get("MNIST_TUI_TEST_SEED", "1"))
NUM_KILLS = int(os.environ.get("MNIST_TUI_TEST_KILLS", "300"))
KILLS_PER_RUN = 5
ENOUGH = {VALIDATION: 20, SAVE: 20, BOUNDARY: 10}
"""How many of 300 kills must land there."""


def kill_trials(workspace: Workspace, num_kills: int, cases: list[dict[str, Any]]) -> Trials:
    expected = [untouched(workspace, case) for case in cases]
    killer, trials = Killer(workspace, SEED), Trials()
    while len(trials.kills) < num_kills:
        index = trials.num_runs % len(cases)
        left = num_kills - len(trials.kills)
        session = killer.run(cases[index], min(KILLS_PER_RUN, left), trials)
        if odd := difference(expected[index], result_of(workspace, session)):
            trials.different[session] = odd
        else:
            workspace.request(Trigger.REMOVE, session)
    return trials


def test_a_worker_killed_at_random_instants_costs_nothing_but_time(workspace: Workspace) -> None:
    trials = kill_trials(workspace, 6, CASES[:1])
    assert len(trials.kills) == 6
    assert not trials.different, trials.table(SEED)


@pytest.mark.fault
def test_hundreds_of_killed_workers_change_no_bit_of_any_result(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    trials = kill_trials(workspace, NUM_KILLS, CASES)
    with capsys.disabled():
        print(f"\n{trials.table(SEED)}")  # noqa: T201 — the numbers that are published
    assert not trials.different
    landed = Counter(kill.landed for kill in trials.kills)
    for place, enough in ENOUGH.items():
        assert landed[place] >= enough * NUM_KILLS // 300, place


def test_a_sequence_of_pauses_stops_kills_and_lost_supervisors_changes_nothing(
    workspace: Workspace,
) -> None:
    case = {**CASES[1], "epochs": 8}
    expected = untouched(workspace, case)
    session = workspace.create(parameters=case)
    step = 20
    for interrupt in (pause, stop, lose_supervisor, kill, pause, stop):
        step = workspace.reach_step(session, step).progress.position.step + 10
        interrupt(workspace, session)
    workspace.reach(session, S.FINISHED)
    assert difference(expected, result_of(workspace, session)) is None


def pause(workspace: Workspace, session: int) -> None:
    workspace.request(Trigger.PAUSE, session)
    workspace.reach(session, S.PAUSED)
    workspace.request(Trigger.RESUME, session)
    workspace.reach(session, S.RUNNING)


def stop(workspace: Workspace, session: int) -> None:
    workspace.request(Trigger.STOP, session)
    workspace.reach(session, S.STOPPED)
    workspace.request(Trigger.RESUME, session)
    workspace.reach(session, S.RUNNING)


def kill(workspace: Workspace, session: int) -> None:
    workspace.request(Trigger.KILL, session)
    workspace.reach(session, S.KILLED)
    workspace.request(Trigger.RESUME, session)
    workspace.reach(session, S.RUNNING)


def lose_supervisor(workspace: Workspace, session: int) -> None:
    """Kill the supervisor; the worker saves and leaves, and the session goes on by itself."""
    before = workspace.record(session).generation
    pid = workspace.supervisor_pid()
    os.kill(pid, signal.SIGKILL)
    workspace.disconnect()
    wait_until(
        lambda: _serving_pid(workspace) not in (None, pid), "the guard brings another one back"
    )
    wait_until(lambda: workspace.record(session).generation > before, "a new worker is started")
    workspace.reach(session, S.RUNNING)


def _serving_pid(workspace: Workspace) -> int | None:
    with suppress(Unreachable, OSError), Client.connect(workspace.home) as client:
        pid: int = client.request(Status)["pid"]
        return pid
    return None


def forget_nothing(_content: dict[str, Any]) -> None:
    """Leave everything: what is done to the file alone must change nothing."""


def forget_random_state(content: dict[str, Any]) -> None:
    """Leave what a process has that was seeded but never restored."""
    generator = torch.Generator().manual_seed(content["seed"] ^ STREAM_OF_TRAINING)
    content["rng"]["cpu"] = generator.get_state()


def forget_moments(content: dict[str, Any]) -> None:
    for state in content["optimizer"].values():
        for value in state.values():
            value.zero_()


def forget_batch_statistics(content: dict[str, Any]) -> None:
    for name, tensor in content["model"].items():
        if "running" in name:
            tensor.zero_()


@pytest.mark.parametrize(
    ("forget", "is_noticed"),
    [
        (forget_nothing, False),
        (forget_random_state, True),
        (forget_moments, True),
        (forget_batch_statistics, True),
    ],
)
def test_a_checkpoint_that_lacks_a_part_of_the_state_would_be_noticed(
    shared: Workspace, forget: Callable[[dict[str, Any]], None], is_noticed: bool
) -> None:
    case = {**CASES[0], "epochs": 2}
    expected = untouched(shared, case)
    session = shared.create(parameters=case)
    shared.reach_step(session, 10)
    shared.request(Trigger.STOP, session)
    shared.reach(session, S.STOPPED)

    def change(content: dict[str, Any]) -> None:
        content["seed"] = case["seed"]
        forget(content)

    replace_newest(shared.home.session(session) / folders.CHECKPOINTS, change)
    shared.request(Trigger.RESUME, session)
    shared.reach(session, S.FINISHED)
    assert (difference(expected, result_of(shared, session)) is not None) == is_noticed
