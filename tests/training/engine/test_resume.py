"""A training that was interrupted ends bit for bit as one that never was."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
import torch

from mnist_tui.training.engine import state_dict
from mnist_tui.training.engine.loop import Outcome, train
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.training.worlds import (
    CountedLease,
    KeepingSink,
    ScriptedControl,
    comparable,
    digest,
    small_run,
)

if TYPE_CHECKING:
    from mnist_tui.training.engine.training_state import TrainingState

OPTIMIZERS: list[dict[str, Any]] = [
    {"optimizer": "adam"},
    {"optimizer": "adamw"},
    {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.05},
    {"optimizer": "rmsprop"},
    {"model": "bn-cnn", "augmentation": "shift", "schedule": "onecycle", "optimizer": "adam"},
    {"model": "bn-cnn", "augmentation": "shift", "schedule": "cosine", "optimizer": "rmsprop"},
    {"model": "bn-cnn", "schedule": "step", "optimizer": "sgd", "momentum": 0.9},
]
NUM_TURNS = 14
"""Two epochs of four steps and two chunks of validation, then two chunks of the test."""


def finish(
    run: TrainingState, sink: KeepingSink, script: dict[int, Trigger | str] | None = None
) -> Outcome:
    return train(run, ScriptedControl(script), sink, CountedLease())


def uninterrupted(**given: Any) -> tuple[str, list[tuple[Any, ...]]]:
    run, sink = small_run(**given), KeepingSink()
    control = ScriptedControl()
    assert train(run, control, sink, CountedLease()) is Outcome.FINISHED
    assert control.num_turns == NUM_TURNS
    return digest(run), comparable(sink.metric_rows)


def continued(content: bytes, **given: Any) -> TrainingState:
    # Whatever the process drew meanwhile must not matter.
    torch.manual_seed(999)
    run = small_run(**given)
    state_dict.restore(run, content)
    return run


@pytest.mark.parametrize("given", OPTIMIZERS, ids=lambda given: "-".join(map(str, given.values())))
def test_a_stop_before_any_unit_of_work_and_a_new_start_change_nothing(
    given: dict[str, Any],
) -> None:
    expected = uninterrupted(**given)
    for turn in range(NUM_TURNS):
        sink = KeepingSink()
        assert finish(small_run(**given), sink, {turn: Trigger.STOP}) is Outcome.STOPPED
        run = continued(sink.saved[-1].content, **given)
        assert finish(run, sink) is Outcome.FINISHED
        assert (digest(run), comparable(sink.metric_rows)) == expected, f"stopped at turn {turn}"


@pytest.mark.parametrize("given", OPTIMIZERS, ids=lambda given: "-".join(map(str, given.values())))
def test_a_pause_before_any_unit_of_work_changes_nothing(given: dict[str, Any]) -> None:
    expected = uninterrupted(**given)
    for turn in range(NUM_TURNS):
        run, sink = small_run(**given), KeepingSink()
        assert finish(run, sink, {turn: Trigger.PAUSE}) is Outcome.FINISHED
        assert (digest(run), comparable(sink.metric_rows)) == expected, f"paused at turn {turn}"


def test_a_new_process_after_every_unit_of_training_changes_nothing() -> None:
    expected = uninterrupted()
    run, sink = small_run(), KeepingSink()
    outcome, num_starts = Outcome.STOPPED, 0
    while outcome is not Outcome.FINISHED:
        # Two units from each process, as an evaluation starts again and has two chunks.
        outcome = finish(run, sink, {2: Trigger.STOP})
        run = continued(sink.saved[-1].content)
        num_starts += 1
    assert num_starts == NUM_TURNS // 2
    assert (digest(run), comparable(sink.metric_rows)) == expected


def test_a_kill_costs_only_the_work_since_any_earlier_checkpoint() -> None:
    expected = uninterrupted()
    first = KeepingSink()
    finish(small_run(checkpoint_every=0), first)
    assert len(first.saved) > 8
    for saved in first.saved:
        sink = KeepingSink()
        run = continued(saved.content)
        finish(run, sink)
        until_then = [row for row in first.metric_rows if row.step <= saved.position.step]
        assert digest(run) == expected[0]
        assert sorted(comparable(until_then + sink.metric_rows)) == sorted(expected[1])


def test_forgetting_the_random_state_would_be_noticed() -> None:
    expected, _ = uninterrupted()
    sink = KeepingSink()
    finish(small_run(), sink, {2: Trigger.STOP})
    loaded = torch.load(io.BytesIO(sink.saved[-1].content), weights_only=True)
    loaded["rng"]["cpu"] = torch.Generator().manual_seed(5).get_state()
    buffer = io.BytesIO()
    torch.save(loaded, buffer)
    run = continued(buffer.getvalue())
    finish(run, KeepingSink())
    assert digest(run) != expected


def test_how_often_checkpoints_are_made_changes_nothing() -> None:
    assert uninterrupted(checkpoint_every=0) == uninterrupted(checkpoint_every=86_400)


def test_how_often_rows_are_written_does_not_change_the_weights() -> None:
    assert uninterrupted(log_every=1)[0] == uninterrupted(log_every=1000)[0]


def test_lenet_with_torch_initialization_and_standard_pixels_resumes_exactly() -> None:
    given: dict[str, Any] = {
        "model": "lenet",
        "initialization": "torch",
        "normalization": "standard",
    }
    expected = uninterrupted(**given)
    sink = KeepingSink()
    finish(small_run(**given), sink, {6: Trigger.STOP})
    run = continued(sink.saved[-1].content, **given)
    finish(run, sink)
    assert (digest(run), comparable(sink.metric_rows)) == expected


def test_the_seed_decides_the_result() -> None:
    assert uninterrupted(seed=1) == uninterrupted(seed=1)
    assert uninterrupted(seed=1)[0] != uninterrupted(seed=2)[0]
