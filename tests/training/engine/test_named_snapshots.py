"""A snapshot that somebody asks for while a session trains changes nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from mnist_tui.storage.errors import DiskFullError, StorageError
from mnist_tui.training.engine import state_dict
from mnist_tui.training.engine.interfaces import LeaseLostError
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
    from mnist_tui.storage.records import CheckpointInfo, Position

NUM_TURNS = 14
GIVEN: list[dict[str, Any]] = [
    {"optimizer": "adam", "dropout": 0.5},
    {"model": "bn-cnn", "augmentation": "shift", "schedule": "cosine", "optimizer": "rmsprop"},
]


def finished(
    script: dict[int, Trigger | str], after_pause: list[Trigger | str] | None = None, **given: Any
) -> tuple[tuple[str, list[tuple[Any, ...]]], KeepingSink]:
    run, sink = small_run(**given), KeepingSink()
    control = ScriptedControl(script, after_pause or [])
    assert train(run, control, sink, CountedLease()) is Outcome.FINISHED
    return (digest(run), comparable(sink.metric_rows)), sink


@pytest.mark.parametrize("given", GIVEN, ids=["dropout", "batch norm"])
def test_a_snapshot_before_any_unit_of_work_changes_nothing_and_resumes_exactly(
    given: dict[str, Any],
) -> None:
    expected, _ = finished({}, **given)
    for turn in range(NUM_TURNS):
        result, sink = finished({turn: Trigger.SNAPSHOT}, **given)
        assert result == expected, f"turn {turn}"
        kept = next(saved for saved in sink.saved if saved.name)
        assert (kept.reason, kept.name) == ("snapshot", "kept 1")
        torch.manual_seed(999)
        run, after = small_run(**given), KeepingSink()
        state_dict.restore(run, kept.content)
        assert train(run, ScriptedControl(), after, CountedLease()) is Outcome.FINISHED
        until_then = [row for row in sink.metric_rows if row.step <= kept.position.step]
        assert digest(run) == expected[0]
        assert sorted(comparable(until_then + after.metric_rows)) == sorted(expected[1])


def test_snapshots_before_every_unit_of_work_change_nothing() -> None:
    expected, _ = finished({})
    # A snapshot takes a turn of its own, so every second one is work.
    script: dict[int, Trigger | str] = dict.fromkeys(range(0, 28, 2), Trigger.SNAPSHOT)
    result, sink = finished(script)
    assert result == expected
    assert sum(bool(saved.name) for saved in sink.saved) == NUM_TURNS


def test_a_snapshot_is_seen_and_done_and_saved_though_the_position_is_saved_already() -> None:
    _, sink = finished(
        {2: Trigger.PAUSE}, after_pause=[Trigger.SNAPSHOT, Trigger.SNAPSHOT, Trigger.RESUME]
    )
    story = sink.story[sink.story.index(("seen", "pause", 2)) :][:10]
    assert story == [
        ("seen", "pause", 2), ("checkpoint", "pause"), ("done", "pause", 2),
        ("seen", "snapshot", 2), ("checkpoint", "snapshot"), ("done", "snapshot", 2),
        ("seen", "snapshot", 2), ("checkpoint", "snapshot"), ("done", "snapshot", 2),
        ("seen", "resume", 2),
    ]  # fmt: skip


class RefusingSink(KeepingSink):
    """Has no room for snapshots, or for anything."""

    def __init__(self, error: StorageError, *, is_full: bool = False) -> None:
        super().__init__()
        self.error = error
        self.is_full = is_full

    def checkpoint(self, content: bytes, position: Position, **told: Any) -> CheckpointInfo:
        if self.is_full or told["name"]:
            raise self.error
        return super().checkpoint(content, position, **told)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DiskFullError("There is no room in /h/1; make room"), "disk full: there is no room in"),
        (StorageError("The checkpoint is too large; train less."), "is too large; train less"),
    ],
)
def test_a_snapshot_that_cannot_be_saved_is_told_and_training_goes_on(
    error: StorageError, reason: str
) -> None:
    expected, _ = finished({})
    run, sink = small_run(), RefusingSink(error)
    control = ScriptedControl({3: Trigger.SNAPSHOT})
    assert train(run, control, sink, CountedLease()) is Outcome.FINISHED
    assert (digest(run), comparable(sink.metric_rows)) == expected
    told = [entry for entry in sink.story if entry[0] == "not done"]
    assert len(told) == 1
    assert reason in told[0][2]
    assert not told[0][2].endswith(".")
    assert sink.pauses == []


def test_a_snapshot_during_a_shortage_does_not_end_it() -> None:
    sink = RefusingSink(DiskFullError("There is no room; make room"), is_full=True)
    control = ScriptedControl({1: Trigger.PAUSE}, after_pause=[Trigger.SNAPSHOT, Trigger.STOP])
    assert train(small_run(), control, sink, CountedLease()) is Outcome.STOPPED
    assert [entry[0] for entry in sink.story] == [
        "seen", "paused", "done", "seen", "not done", "seen", "done",
    ]  # fmt: skip
    assert sink.exit_message is not None


def test_a_worker_that_lost_its_session_saves_no_snapshot() -> None:
    sink = KeepingSink()
    control = ScriptedControl({1: Trigger.SNAPSHOT})
    with pytest.raises(LeaseLostError):
        train(small_run(), control, sink, CountedLease(lost_at_check=1))
    assert sink.saved == []
