"""A profile that somebody asks for measures the training's own steps and changes none of them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
import torch

from mnist_tui.storage.errors import DiskFullError
from mnist_tui.training.benchmark.profile_recorder import ProfileRecorder
from mnist_tui.training.engine import state_dict
from mnist_tui.training.engine.loop import DivergedError, Outcome, train
from mnist_tui.training.engine.training_step import PARTS
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.step_parts import Part
from tests.training.worlds import (
    CountedLease,
    KeepingSink,
    ScriptedControl,
    comparable,
    digest,
    small_run,
)

if TYPE_CHECKING:
    from mnist_tui.storage.results.profiles import Profile

GIVEN: list[dict[str, Any]] = [
    {"optimizer": "adam", "dropout": 0.5},
    {"model": "bn-cnn", "augmentation": "shift", "schedule": "cosine", "optimizer": "rmsprop"},
]
NUM_TURNS = 14
Script = dict[int, Trigger | str]


def finished(
    script: Script, after_pause: list[Trigger | str] | None = None, **given: Any
) -> tuple[tuple[str, list[tuple[Any, ...]]], KeepingSink]:
    run, sink = small_run(**given), KeepingSink()
    control = ScriptedControl(script, after_pause or [])
    assert train(run, control, sink, CountedLease(), hooks=[ProfileRecorder]) is Outcome.FINISHED
    return (digest(run), comparable(sink.metric_rows)), sink


def told(sink: KeepingSink) -> list[tuple[Any, ...]]:
    return [entry for entry in sink.story if "profile" in entry]


@pytest.mark.parametrize("given", GIVEN, ids=["dropout", "batch norm"])
def test_a_profile_begun_before_any_unit_of_work_changes_nothing(given: dict[str, Any]) -> None:
    expected, plain = finished({}, **given)
    for turn in range(NUM_TURNS):
        result, sink = finished({turn: Trigger.PROFILE}, **given)
        assert result == expected, f"turn {turn}"
        assert sink.saved[-1].content == plain.saved[-1].content


def test_a_checkpoint_in_the_middle_of_a_profile_resumes_exactly() -> None:
    expected, _ = finished({}, dropout=0.5)
    _, sink = finished({1: Trigger.PROFILE, 3: Trigger.SNAPSHOT}, dropout=0.5)
    kept = next(saved for saved in sink.saved if saved.name)
    run, after = small_run(dropout=0.5), KeepingSink()
    state_dict.restore(run, kept.content)
    assert train(run, ScriptedControl(), after, CountedLease()) is Outcome.FINISHED
    assert digest(run) == expected[0]
    assert sink.profiles[0][0].num_batches == 3


def profile_of(**given: Any) -> Profile:
    # Two steps to warm up and three that count: a validation lies among them.
    _, sink = finished({1: Trigger.PROFILE}, **given)
    assert told(sink) == [("seen", "profile", 1), ("profile", 6), ("done", "profile", 6)]
    [(profile, trace)] = sink.profiles
    assert trace is not None
    names = {event.get("name", "") for event in json.loads(trace)["traceEvents"]}
    assert {"mnist-tui: forward", "mnist-tui: backward"} <= names
    return profile


def test_a_profile_tells_every_part_and_operator_of_the_training_steps_alone() -> None:
    profile = profile_of()
    assert [part.part for part in profile.parts] == [part.value for part in Part]
    assert sum(part.wall_s for part in profile.parts) == pytest.approx(profile.batch_s)
    assert (profile.step, profile.num_batches, profile.batch_size) == (6, 3, 16)
    calls = {operator.name: operator.calls for operator in profile.operators}
    assert calls["aten::convolution_backward"] == 2
    assert calls["aten::convolution"] == 2  # the validation's would make it more
    assert profile.num_operators >= len(profile.operators) > 0
    assert all(operator.cpu_s >= 0 for operator in profile.operators)
    memory = {part.part: part.memory_bytes for part in profile.parts}
    assert memory["forward"] > 0 > memory["backward"]
    assert sum(operator.cpu_s for operator in profile.operators) <= profile.batch_s


def test_a_loss_of_its_own_counts_with_the_forward_pass() -> None:
    given: dict[str, Any] = {
        "model": "capsnet",
        "filters": "4-8",
        "kernel_size": "9-9",
        "dense_units": None,
    }
    _, sink = finished({1: Trigger.PROFILE}, **given)
    parts = {part.part for part in sink.profiles[0][0].parts}
    assert "forward" in parts
    assert "loss" not in parts


@pytest.mark.parametrize(("turn", "counted"), [(6, 2), (7, 1), (8, 0), (12, 0)])
def test_a_training_that_ends_first_keeps_what_was_measured_or_says_why_not(
    turn: int, counted: int
) -> None:
    _, sink = finished({turn: Trigger.PROFILE})
    assert [profile.num_batches for profile, _ in sink.profiles] == [counted] * bool(counted)
    assert told(sink)[-1][0] == ("done" if counted else "not done")


def test_a_pause_ends_a_profile_and_a_paused_training_has_none() -> None:
    script: Script = {0: Trigger.PROFILE, 2: Trigger.PAUSE}
    expected, _ = finished({})
    result, sink = finished(script, after_pause=[Trigger.PROFILE, Trigger.RESUME])
    assert result == expected
    assert sink.profiles == []
    assert [entry[0] for entry in told(sink)] == ["seen", "not done", "seen", "not done"]
    assert "ask again while it trains" in told(sink)[1][2]
    assert "resume it, then ask again" in told(sink)[3][2]


def test_a_second_order_is_refused_while_the_first_is_carried_out() -> None:
    _, sink = finished({0: Trigger.PROFILE, 1: Trigger.PROFILE})
    assert [entry[0] for entry in told(sink)] == ["seen", "seen", "not done", "profile", "done"]
    assert "already; try again in a moment" in told(sink)[2][2]


class FullSink(KeepingSink):
    """Has no room for profiles."""

    def profile(self, profile: Profile, trace: bytes | None) -> None:
        raise DiskFullError("The profile cannot be stored in /h/1; make room.")


def test_a_profile_that_cannot_be_kept_is_told_and_training_goes_on() -> None:
    expected, _ = finished({})
    run, sink = small_run(), FullSink()
    control = ScriptedControl({1: Trigger.PROFILE})
    assert train(run, control, sink, CountedLease(), hooks=[ProfileRecorder]) is Outcome.FINISHED
    assert (digest(run), comparable(sink.metric_rows)) == expected
    assert told(sink)[-1] == (
        "not done",
        "profile",
        "The profile cannot be stored in /h/1; make room",
    )


def test_a_training_that_diverges_while_it_is_profiled_says_so_as_ever() -> None:
    stories = []
    scripts: list[Script] = [{}, {0: Trigger.PROFILE}]
    for script in scripts:
        run = small_run()
        with torch.no_grad():
            next(reversed(list(run.model.parameters()))).fill_(math.nan)
        with pytest.raises(DivergedError) as caught:
            train(
                run,
                ScriptedControl(script),
                KeepingSink(),
                CountedLease(),
                hooks=[ProfileRecorder],
            )
        stories.append(str(caught.value))
        assert not PARTS.keys() & vars(run.training_step)
        assert not run.model._forward_hooks
    assert stories[0] == stories[1]
