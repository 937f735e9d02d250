from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, MultiStepLR, OneCycleLR

from mnist_tui.training.engine.schedules import SCHEDULES, learning_rate_at
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.training.parameters.resolution import resolve
from tests.training.worlds import KeepingSink, small_run

RATE = 0.1


def rates(schedule: str, num_steps: int) -> list[float]:
    given = {"schedule": schedule, "learning_rate": RATE}
    parameters = resolve(given, sizes={}, default_threads=1)
    return [learning_rate_at(parameters, step, num_steps) for step in range(num_steps)]


def rates_of_torch(make: Any, num_steps: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=RATE)
    scheduler = make(optimizer)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would rather see the optimiser step
        for step in range(num_steps):
            found.append(optimizer.param_groups[0]["lr"])
            if step < num_steps - 1:
                scheduler.step()
    return found


def test_every_schedule_can_be_chosen_and_no_other() -> None:
    assert set(SCHEDULES) == set(FIELDS["schedule"].choices)


def test_constant_is_constant() -> None:
    assert rates("constant", 5) == [RATE] * 5


@pytest.mark.parametrize("num_steps", [7, 40, 100, 1001])
@pytest.mark.parametrize(
    ("schedule", "make"),
    [
        ("cosine", lambda optimizer, num: CosineAnnealingLR(optimizer, num)),
        ("onecycle", lambda optimizer, num: OneCycleLR(optimizer, RATE, num)),
        (
            "step",
            lambda optimizer, num: MultiStepLR(optimizer, [-(-num // 2), -(-3 * num // 4)]),
        ),
    ],
)
def test_each_schedule_follows_the_one_of_torch(schedule: str, make: Any, num_steps: int) -> None:
    expected = rates_of_torch(lambda optimizer: make(optimizer, num_steps), num_steps)
    assert rates(schedule, num_steps) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("num_steps", [1, 2, 3, 4])
def test_the_shortest_trainings_have_usable_rates(schedule: str, num_steps: int) -> None:
    assert all(0 < rate <= RATE for rate in rates(schedule, num_steps))


def test_metric_rows_tell_the_rate_of_their_last_step() -> None:
    run, sink = small_run(schedule="cosine", log_every=1), KeepingSink()
    while run.position.step < run.num_steps:
        sink.rows(run.train_step())
        run.position = type(run.position)(step=run.position.step, validated_epochs=9)
    told = [row.learning_rate for row in sink.metric_rows]
    assert told == [learning_rate_at(run.parameters, step, 8) for step in range(8)]
    assert all(later < earlier for earlier, later in pairwise(told))
