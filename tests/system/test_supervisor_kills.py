"""A supervisor killed at any moment loses no session, no acknowledged change, and no process.

`pytest -m fault -s tests/system/test_supervisor_kills.py` kills MNIST_TUI_TEST_KILLS supervisors
(200) at instants that follow from MNIST_TUI_TEST_SEED (1).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.harness import new_workspace
from tests.system.lost_supervisors import Tally, Trial

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness import Workspace

SEED = int(os.environ.get("MNIST_TUI_TEST_SEED", "1"))
NUM_KILLS = int(os.environ.get("MNIST_TUI_TEST_KILLS", "200"))
KILLS_PER_HOME = 8
"""Every third comes after the guard's own death, so no guard sees its limit of five."""


def run_trials(workspace: Workspace, kills: range, tally: Tally) -> None:
    trials = []
    for number in kills:
        trials.append(Trial(workspace, SEED * 100_000 + number, tally))
        trials[-1].run(spares_guard=number % 3 != 2)
    for trial in trials:
        trial.check_nobody_is_left()


def test_a_supervisor_killed_at_random_instants_loses_nothing(workspace: Workspace) -> None:
    tally = Tally(SEED)
    run_trials(workspace, range(6), tally)
    assert not tally.wrong, tally.table()
    assert tally.num_checked


@pytest.mark.fault
def test_hundreds_of_killed_supervisors_lose_nothing(
    digits_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = Tally(SEED)
    for first in range(0, NUM_KILLS, KILLS_PER_HOME):
        with new_workspace(digits_dir) as workspace:
            run_trials(workspace, range(first, min(first + KILLS_PER_HOME, NUM_KILLS)), tally)
    with capsys.disabled():
        print(f"\n{tally.table()}")  # noqa: T201 — the numbers that are published
    assert not tally.wrong
