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
from mnist_tui.training.protocol.messages import Status
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.conftest import wait_until
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

    from tests.system.conftest import Box

SEED = int(os.environ.get("MNIST_TUI_TEST_SEED", "1"))
NUM_KILLS = int(os.environ.get("MNIST_TUI_TEST_KILLS", "300"))
KILLS_PER_RUN = 5
ENOUGH = {VALIDATION: 20, SAVE: 20, BOUNDARY: 10}
"""How many of 300 kills must land there."""


def kill_trials(box: Box, num_kills: int, cases: list[dict[str, Any]]) -> Trials:
    expected = [untouched(box, case) for case in cases]
    killer, trials = Killer(box, SEED), Trials()
    while len(trials.kills) < num_kills:
        index = trials.num_runs % len(cases)
        left = num_kills - len(trials.kills)
        session = killer.run(cases[index], min(KILLS_PER_RUN, left), trials)
        if odd := difference(expected[index], result_of(box, session)):
            trials.different[session] = odd
        else:
            box.ask(Trigger.REMOVE, session)
    return trials


def test_a_worker_killed_at_random_instants_costs_nothing_but_time(box: Box) -> None:
    trials = kill_trials(box, 6, CASES[:1])
    assert len(trials.kills) == 6
    assert not trials.different, trials.table(SEED)


@pytest.mark.fault
def test_hundreds_of_killed_workers_change_no_bit_of_any_result(
    box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    trials = kill_trials(box, NUM_KILLS, CASES)
    with capsys.disabled():
        print(f"\n{trials.table(SEED)}")  # noqa: T201 — the numbers that are published
    assert not trials.different
    landed = Counter(kill.landed for kill in trials.kills)
    for place, enough in ENOUGH.items():
        assert landed[place] >= enough * NUM_KILLS // 300, place


def test_a_sequence_of_pauses_stops_kills_and_lost_supervisors_changes_nothing(box: Box) -> None:
    case = {**CASES[1], "epochs": 8}
    expected = untouched(box, case)
    session = box.create(parameters=case)
    step = 20
    for interrupt in (pause, stop, lose_supervisor, kill, pause, stop):
        step = box.reach_step(session, step).progress.position.step + 10
        interrupt(box, session)
    box.reach(session, S.FINISHED)
    assert difference(expected, result_of(box, session)) is None


def pause(box: Box, session: int) -> None:
    box.ask(Trigger.PAUSE, session)
    box.reach(session, S.PAUSED)
    box.ask(Trigger.RESUME, session)
    box.reach(session, S.RUNNING)


def stop(box: Box, session: int) -> None:
    box.ask(Trigger.STOP, session)
    box.reach(session, S.STOPPED)
    box.ask(Trigger.RESUME, session)
    box.reach(session, S.RUNNING)


def kill(box: Box, session: int) -> None:
    box.ask(Trigger.KILL, session)
    box.reach(session, S.KILLED)
    box.ask(Trigger.RESUME, session)
    box.reach(session, S.RUNNING)


def lose_supervisor(box: Box, session: int) -> None:
    """Kill the supervisor; the worker saves and leaves, and the session goes on by itself."""
    before = box.record(session).generation
    pid = box.supervisor_pid()
    os.kill(pid, signal.SIGKILL)
    box.disconnect()
    wait_until(lambda: _serving_pid(box) not in (None, pid), "the guard brings another one back")
    wait_until(lambda: box.record(session).generation > before, "a new worker is started")
    box.reach(session, S.RUNNING)


def _serving_pid(box: Box) -> int | None:
    with suppress(Unreachable, OSError), Client.connect(box.home) as client:
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
    shared: Box, forget: Callable[[dict[str, Any]], None], is_noticed: bool
) -> None:
    case = {**CASES[0], "epochs": 2}
    expected = untouched(shared, case)
    session = shared.create(parameters=case)
    shared.reach_step(session, 10)
    shared.ask(Trigger.STOP, session)
    shared.reach(session, S.STOPPED)

    def change(content: dict[str, Any]) -> None:
        content["seed"] = case["seed"]
        forget(content)

    replace_newest(shared.home.session(session) / folders.CHECKPOINTS, change)
    shared.ask(Trigger.RESUME, session)
    shared.reach(session, S.FINISHED)
    assert (difference(expected, result_of(shared, session)) is not None) == is_noticed
